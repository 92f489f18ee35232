// SPDX-License-Identifier: Apache-2.0
#include "experiment/analyze.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/text.h"
#include "base/version.h"
#include "experiment/checks.h"
#include "experiment/clusters.h"
#include "experiment/counted_units.h"
#include "experiment/effects.h"
#include "experiment/heterogeneity.h"
#include "experiment/metric_moments.h"
#include "experiment/segments.h"
#include "experiment/sequential_effects.h"
#include "experiment/several_treatments.h"
#include "experiment/split_checks.h"
#include "experiment/summary.h"
#include "experiment/verdict.h"

namespace descant::experiment {

namespace {

constexpr std::int64_t kSmallArm = 30;
constexpr std::size_t kArmsLimit = 256;  // arm codes are 8 bits wide

Result<void> check_metric(const MetricPlan& metric, std::set<std::string>& names) {
  const std::string where = "metrics." + metric.name;
  if (!names.insert(metric.name).second)
    return invalid_request(fmt::format("the metric '{}' stands twice", metric.name), where,
                           "Give each metric a name of its own.");
  if (metric.role == definitions::Role::kGuardrail &&
      !(metric.non_inferiority_margin && metric.non_inferiority_margin->value > 0))
    return invalid_request(
        fmt::format("the guardrail '{}' has no non-inferiority margin", metric.name), where,
        "State how much worse is still acceptable, such as 1%, 1pp or a number in its unit.");
  if (metric.type == "quantile" && !(metric.quantile > 0 && metric.quantile < 1))
    return invalid_request("quantile must be between 0 and 1", where + ".quantile");
  return {};
}

Result<void> check_plan(const AnalysisPlan& plan, const folds::UnitTable& units) {
  if (plan.metrics.empty())
    return invalid_request("there is no metric to analyse", "metrics", "Name at least one.");
  if (plan.metrics.size() != units.metrics.size())
    return internal_error("the plan's metrics are not the table's", "metrics");
  std::set<std::string> names;
  for (const auto& metric : plan.metrics)
    if (auto good = check_metric(metric, names); !good) return good;
  const std::size_t arms = units.variants.size();
  if (arms < 2)
    return invalid_data(arms == 0 ? "there is no variant"
                                  : fmt::format("'{}' is the only variant", units.variants.front()),
                        "variants", "A comparison needs a control and at least one treatment.");
  const bool shares_fit = plan.shares.empty() || plan.shares.size() == arms;
  if (!shares_fit ||
      !std::all_of(plan.shares.begin(), plan.shares.end(), [](double s) { return s > 0; }))
    return invalid_request("the expected shares must be positive, one for each variant", "shares");
  return {};
}

Result<void> check_table(const AnalysisPlan& plan, const folds::UnitTable& units) {
  if (units.days.empty() || units.days.size() >= kDaysLimit)
    return internal_error("a table of units needs 1 to 65,279 days", "days");
  if (!plan.planned_end_reached_by_day.empty() &&
      plan.planned_end_reached_by_day.size() != units.days.size())
    return internal_error("planned_end_reached_by_day is not by day", "days");
  const bool exposure_fits =
      units.exposed_from.empty() || units.exposed_from.size() == units.unit_count;
  if (units.arm.size() != units.unit_count || !exposure_fits || units.variants.size() > kArmsLimit)
    return internal_error("the table's columns are not by unit", "units");
  return {};
}

// Exposed units by arm, mature or not. Every arm code is checked here, before anything uses one.
Result<std::vector<std::int64_t>> count_arms(const folds::UnitTable& units, std::size_t threads) {
  using Counts = std::array<std::int64_t, kArmsLimit>;
  std::vector<Counts> exposed(morsel_count(units.unit_count), Counts{});
  auto unexposed = exposed;
  DESCANT_CHECK(for_each_unit_morsel(
      units.unit_count, threads, [&](std::size_t morsel, std::size_t begin, std::size_t end) {
        if (units.exposed_from.empty()) {
          // Two tables of counts, so that an increment need not wait for the one before it.
          for (std::size_t unit = begin; unit < end; ++unit)
            ++(unit % 2 == 0 ? exposed : unexposed)[morsel][units.arm[unit]];
          for (std::size_t arm = 0; arm < kArmsLimit; ++arm)
            exposed[morsel][arm] += std::exchange(unexposed[morsel][arm], 0);
        } else {
          for (std::size_t unit = begin; unit < end; ++unit)
            ++(units.exposed_from[unit] < units.days.size() ? exposed
                                                            : unexposed)[morsel][units.arm[unit]];
        }
      }));
  std::vector<std::int64_t> counts(units.variants.size(), 0);
  for (std::size_t arm = 0; arm < kArmsLimit; ++arm)
    for (std::size_t morsel = 0; morsel < exposed.size(); ++morsel) {
      if (arm < counts.size())
        counts[arm] += exposed[morsel][arm];
      else if (exposed[morsel][arm] + unexposed[morsel][arm] > 0)
        return invalid_data("a unit has an arm that is not among the variants", "arm");
    }
  return counts;
}

// Units, which come in clusters or not, that the metric keeps without a covariate.
std::int64_t missing_covariates(const MetricMoments& moments, const CovariateColumns& covariate) {
  if (!covariate.present) return 0;
  double missing = 0;
  const auto& size = moments.roles.size;
  for (const auto& stratum : moments.by_day.back())
    for (const auto& arm : stratum) {
      const double units = size ? arm.mean[*size] : 1.0;
      missing += static_cast<double>(arm.n) * (units - arm.mean[*covariate.present]);
    }
  return std::llround(missing);
}

void warn_about_data(const AnalysisPlan& plan, const folds::UnitTable& units,
                     const std::vector<MetricMoments>& moments,
                     const std::vector<ShownSegments>& segments, Warnings& warnings) {
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const std::string& name = plan.metrics[i].name;
    const std::string field = "metrics." + name;
    const auto missing =
        std::accumulate(moments[i].missing.begin(), moments[i].missing.end(), std::int64_t{0});
    if (missing > 0)
      warnings.push_back({"missing_values", field,
                          fmt::format("Left out of {}: {} without a finite value.", name,
                                      counted(missing, plan.entity))});
    const auto immature =
        std::accumulate(moments[i].immature.begin(), moments[i].immature.end(), std::int64_t{0});
    if (immature > 0 && plan.planned_end_reached)
      warnings.push_back({"immature_units", field,
                          fmt::format("Left out of {}: {} with a window that is not complete yet. "
                                      "Reading it again later adds them.",
                                      name, counted(immature, plan.entity))});
    for (const auto& covariate : moments[i].roles.covariates)
      if (const auto none = missing_covariates(moments[i], covariate); none > 0)
        warnings.push_back(
            {"missing_covariate", field,
             fmt::format(
                 "Kept in {}: {} without {}. Whether it is there is adjusted for as well.", name,
                 counted(none, plan.entity),
                 covariate.name == name ? "a covariate" : "the covariate " + covariate.name)});
    if (units.metrics[i].events && units.days.size() > 1)
      warnings.push_back(
          {"days_left_out", field,
           fmt::format("{} has no effect by day: a quantile of events needs several passes over "
                       "all events for each day.",
                       name)});
    if (units.metrics[i].covariate_truncated && moments[i].roles.has_own_covariate)
      warnings.push_back(
          {"covariate_truncated", field,
           fmt::format("The source of {} begins later than the earliest lookback, so its covariate "
                       "misses events of some units. The effect stays unbiased; less variance is "
                       "removed.",
                       name)});
  }
  for (const auto& segment : segments)
    if (segment.pooled_values > 0)
      warnings.push_back(
          {"segments_pooled", "segments." + segment.dimension,
           fmt::format(
               "{} has {} values; the {} most frequent are shown and the others are pooled.",
               segment.dimension, format_count(segment.pooled_values + segment.labels.size() - 1),
               segment.labels.size() - 1)});
}

void warn_about_effect(const MetricResult& metric, const std::string& entity, bool p_value_shown,
                       Warnings& warnings) {
  const std::string field = "metrics." + metric.name;
  const auto smaller = std::min(metric.comparison.control.n, metric.comparison.treatment.n);
  if (smaller > 0 && smaller < kSmallArm)  // an empty arm is said by the comparison
    warnings.push_back(
        {"small_arm", field,
         fmt::format("An arm of {} ({} against control) has {}; intervals and p-values are rough "
                     "below {}.",
                     metric.name, metric.treatment, counted(smaller, entity), kSmallArm)});
  if (p_value_shown && std::isnan(metric.p_value_one_sided))
    warnings.push_back({"undefined_p_value", field,
                        fmt::format("{} of {} has no p-value{}{}", metric.name, metric.treatment,
                                    metric.comparison.warnings.empty() ? "." : ": ",
                                    metric.comparison.warnings.empty()
                                        ? std::string()
                                        : metric.comparison.warnings.front().message)});
}

void warn_about_p_values(const AnalysisPlan& plan, const folds::UnitTable& units,
                         Warnings& warnings) {
  if (is_sequential(plan)) {
    warnings.push_back({"read_sequentially", "p_value",
                        "The experiment is read sequentially: ordinary p-values do not hold at "
                        "several looks and are not shown; sequential ones are."});
    return;
  }
  std::size_t first_ended = 0;
  while (first_ended < units.days.size() && !planned_end_reached_on(plan, first_ended))
    ++first_ended;
  const bool hidden_days = units.days.size() > 1 && first_ended > 0;
  if (plan.planned_end_reached && !hidden_days) return;
  warnings.push_back(
      {"before_planned_end", "p_value",
       fmt::format("Looking at p-values before the planned end{}{} makes false positives likely, "
                   "so none is shown{}. Deterioration and the checks are tested at any time.",
                   plan.end.empty() ? "" : " on ", plan.end,
                   plan.planned_end_reached ? " for the days before it" : "")});
}

Result<std::vector<MetricMoments>> all_moments(const AnalysisPlan& plan,
                                               const folds::UnitTable& units,
                                               const std::vector<ShownSegments>& segments,
                                               const ShownStrata& strata, std::size_t threads) {
  const bool is_change = plan.design == definitions::DesignType::kDifferenceInDifferences;
  std::vector<MetricMoments> all;
  for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
    const MetricPlan& metric = plan.metrics[i];
    std::optional<stats::QuantileTarget> quantile;
    if (metric.type == "quantile")
      quantile = stats::quantile_target(metric.quantile, plan.confidence_level);
    DESCANT_ASSIGN(auto moments,
                   metric_moments({units, units.metrics[i], metric.cap, segments, strata,
                                   plan.cuped || is_change, threads, quantile}));
    all.push_back(std::move(moments));
  }
  return all;
}

// Decides every treatment and files its metrics' results by metric, then treatment.
Result<void> decide_all(const AnalysisPlan& plan, const folds::UnitTable& units,
                        const std::vector<ShownSegments>& segments,
                        const std::vector<MetricMoments>& moments, std::size_t threads,
                        ExperimentResult& result) {
  const std::size_t treatments = units.variants.size() - 1;
  std::vector<std::vector<MetricEffect>> effects(treatments);
  for (std::size_t t = 0; t < treatments; ++t)
    for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
      DESCANT_ASSIGN(auto effect,
                     metric_effect(plan, plan.metrics[i], moments[i], units, segments, t + 1));
      effects[t].push_back(std::move(effect));
    }
  // Looks at several times and several treatments share alpha evenly.
  std::size_t sharers = treatments;
  if (!is_sequential(plan)) {
    DESCANT_ASSIGN(sharers, share_alpha(plan.several_treatments, effects));
  }
  result.metrics.resize(plan.metrics.size() * treatments);
  for (std::size_t t = 0; t < treatments; ++t) {
    const std::string& name = units.variants[t + 1];
    DESCANT_CHECK(watch_effects(plan, units, t + 1, threads, effects[t], result.warnings));
    DESCANT_ASSIGN(auto verdict, decide_treatment(plan, name, sharers,
                                                  result.experiment.complete || is_sequential(plan),
                                                  effects[t], result.checks));
    // Before the planned end a sequential experiment may ship; not having shipped decides nothing.
    if (!result.experiment.complete && verdict.decision.action != "ship") {
      DESCANT_ASSIGN(verdict,
                     decide_treatment(plan, name, sharers, false, effects[t], result.checks));
    }
    result.decisions.push_back(std::move(verdict.decision));
    result.record.power_planned = verdict.power_planned;
    for (std::size_t i = 0; i < effects[t].size(); ++i) {
      warn_about_effect(effects[t][i].result, plan.entity, plan.planned_end_reached,
                        result.warnings);
      result.metrics[i * treatments + t] = std::move(effects[t][i].result);
    }
  }
  return {};
}

}  // namespace

Result<ExperimentResult> analyze(const AnalysisPlan& plan, const folds::UnitTable& units,
                                 const std::optional<folds::ExposureCounts>& exposure,
                                 std::size_t threads) {
  DESCANT_CHECK(check_plan(plan, units));
  DESCANT_CHECK(check_table(plan, units));
  threads = thread_count(threads);
  DESCANT_ASSIGN(auto arms, count_arms(units, threads));
  if (!units.cluster.empty()) arms = count_clusters(units);
  DESCANT_ASSIGN(auto segments, choose_segments(units, plan.segments_shown_max, threads));
  ShownStrata strata;
  if (plan.stratified) {
    DESCANT_ASSIGN(strata, choose_strata(units, threads));
  }
  DESCANT_ASSIGN(auto moments, all_moments(plan, units, segments, strata, threads));

  ExperimentResult result;
  result.experiment = summarise(plan, units, arms, exposure);
  result.experiment.complete = plan.planned_end_reached;
  result.record = {.descant_version = std::string(kVersion),
                   .definition_hash = plan.definition_hash,
                   .data_fingerprint = plan.data_fingerprint,
                   .alpha = plan.alpha,
                   .power = plan.power,
                   .deterioration_alpha = plan.deterioration_alpha,
                   .confidence_level = plan.confidence_level};
  warn_about_p_values(plan, units, result.warnings);
  warn_about_data(plan, units, moments, segments, result.warnings);
  DESCANT_ASSIGN(auto checks, run_checks(plan, units, arms, exposure, moments, result.warnings));
  result.checks = std::move(checks);
  DESCANT_ASSIGN(auto splits, split_checks(plan, units, segments, quality_level(plan, moments)));
  std::move(splits.begin(), splits.end(), std::back_inserter(result.checks));
  DESCANT_CHECK(decide_all(plan, units, segments, moments, threads, result));
  if (plan.heterogeneity)
    DESCANT_CHECK(add_heterogeneity(plan, units, segments, threads, result.metrics));
  return result;
}

}  // namespace descant::experiment
