// SPDX-License-Identifier: Apache-2.0
#include "experiment/checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/effects.h"
#include "stats/sample_ratio.h"

namespace descant::experiment {

namespace {

constexpr double kLevelShown = 0.001;  // where the decision rule has no level for checks

void finish(Check& check, double level, Warnings& warnings, const std::string& undefined_because) {
  check.threshold = level;
  check.passed = !(check.p_value <= level);
  if (!std::isnan(check.p_value)) return;
  check.message =
      fmt::format("Not tested{}: {}", check.metric.empty() ? std::string() : " in " + check.metric,
                  undefined_because);
  warnings.push_back(
      {"check_undefined", "checks." + check.name,
       fmt::format("The check {} could not be computed: {}", check.name, undefined_because)});
}

Result<void> test_split(const std::vector<std::int64_t>& counts, const std::vector<double>& shares,
                        Check& check) {
  stats::SampleRatioRequest request;
  request.counts = counts;
  request.expected = shares;
  DESCANT_ASSIGN(const auto split, stats::sample_ratio_test(request));
  check.statistic = split.statistic;
  check.p_value = split.p_value;
  return {};
}

Result<Check> sample_ratio(const AnalysisPlan& plan, const std::vector<std::string>& variants,
                           const std::vector<std::int64_t>& units, double level,
                           Warnings& warnings) {
  Check check;
  check.name = kSampleRatio;
  DESCANT_CHECK(test_split(units, plan.shares, check));
  if (!std::isnan(check.p_value)) {
    const std::string split =
        fmt::format("{}; expected was {} ({})", shares_text(variants, {units.begin(), units.end()}),
                    shares_text(variants, plan.shares), p_value_text(check.p_value));
    check.message =
        check.p_value <= level
            ? fmt::format(
                  "Units went missing or were added unevenly: {}. Find the cause before "
                  "reading any effect.",
                  split)
            : fmt::format("The split is as declared: {}.", split);
  }
  finish(check, level, warnings, "nobody was exposed.");
  return check;
}

Result<Check> several_variants(const AnalysisPlan& plan, const std::vector<std::string>& variants,
                               const folds::ExposureCounts& exposure, double level,
                               Warnings& warnings) {
  Check check;
  check.name = kSeveralVariants;
  const auto& first = exposure.in_several_by_first_variant;
  const std::vector<std::int64_t> counts(first.begin(), first.end());
  if (counts.size() == variants.size()) DESCANT_CHECK(test_split(counts, plan.shares, check));
  if (!std::isnan(check.p_value))
    check.message = fmt::format(
        "Seen in two variants and left out: {}. Their first variants split {} ({}). {}",
        counted(static_cast<std::int64_t>(exposure.in_several_variants), plan.entity),
        shares_text(variants, {counts.begin(), counts.end()}), p_value_text(check.p_value),
        check.p_value <= level ? "Leaving them out therefore removes more of one arm than of the "
                                 "other: find out how they changed variant."
                               : "That is the declared split, so leaving them out is even-handed.");
  finish(check, level, warnings, "the first variants of those units are not known.");
  return check;
}

Result<Check> pre_exposure(const AnalysisPlan& plan, const MetricPlan& metric,
                           const MetricMoments& moments, const std::string& treatment_name,
                           std::size_t treatment, double level, Warnings& warnings) {
  DESCANT_ASSIGN(auto difference, pre_exposure_difference(plan, moments, treatment));
  Check check;
  check.name = fmt::format("{}:{}", kPreExposure, metric.name);
  check.metric = metric.name;
  check.treatment = treatment_name;
  check.statistic = difference.statistic;
  check.p_value = difference.p_value;
  if (!std::isnan(check.p_value)) {
    const std::string numbers =
        fmt::format("{} against {} in control ({})", format_number(difference.treatment.estimate),
                    format_number(difference.control.estimate), p_value_text(check.p_value));
    check.message = check.p_value <= level
                        ? fmt::format("The arms were not alike before exposure: in {}, {} had {}.",
                                      metric.name, treatment_name, numbers)
                        : fmt::format("The arms were alike before exposure: in {}, {} had {}.",
                                      metric.name, treatment_name, numbers);
  }
  finish(check, level, warnings,
         difference.warnings.empty() ? "the covariate is undefined."
                                     : difference.warnings.front().message);
  return check;
}

}  // namespace

std::string p_value_text(double p) {
  const std::string text = format_p_value(p);
  if (!text.starts_with('<')) return "p = " + text;
  return "p < " + text.substr(1);
}

std::string shares_text(const std::vector<std::string>& variants,
                        const std::vector<double>& amounts) {
  const double total = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  std::vector<std::string> parts;
  for (std::size_t arm = 0; arm < variants.size(); ++arm)
    parts.push_back(fmt::format("{} {}", format_percent(amounts[arm] / total), variants[arm]));
  return join(parts, ", ");
}

double quality_level(const AnalysisPlan& plan, std::span<const MetricMoments> moments) {
  if (plan.deterioration_alpha <= 0) return kLevelShown;
  std::size_t tests = plan.shares.empty() ? 0 : 1;
  for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
    if (plan.metrics[i].role == definitions::Role::kExploratory) continue;
    tests += moments[i].roles.has_own_covariate ? 2 : 1;  // before exposure, and deterioration
  }
  return plan.deterioration_alpha / static_cast<double>(std::max<std::size_t>(tests, 1));
}

Result<std::vector<Check>> run_checks(const AnalysisPlan& plan, const folds::UnitTable& table,
                                      const std::vector<std::int64_t>& units,
                                      const std::optional<folds::ExposureCounts>& exposure,
                                      std::span<const MetricMoments> moments, Warnings& warnings) {
  const double level = quality_level(plan, moments);
  std::vector<Check> checks;
  if (!plan.shares.empty()) {
    DESCANT_ASSIGN(auto split, sample_ratio(plan, table.variants, units, level, warnings));
    split.quality_test = true;
    checks.push_back(std::move(split));
  }
  if (!plan.shares.empty() && exposure && exposure->in_several_variants > 0) {
    DESCANT_ASSIGN(auto split, several_variants(plan, table.variants, *exposure, level, warnings));
    checks.push_back(std::move(split));
  }
  for (std::size_t treatment = 1; treatment < table.variants.size(); ++treatment)
    for (std::size_t i = 0; i < moments.size(); ++i) {
      if (!moments[i].roles.has_own_covariate) continue;
      DESCANT_ASSIGN(auto check,
                     pre_exposure(plan, plan.metrics[i], moments[i], table.variants[treatment],
                                  treatment, level, warnings));
      check.quality_test = plan.metrics[i].role != definitions::Role::kExploratory;
      checks.push_back(std::move(check));
    }
  return checks;
}

}  // namespace descant::experiment
