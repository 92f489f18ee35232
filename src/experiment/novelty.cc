// SPDX-License-Identifier: Apache-2.0
#include "experiment/novelty.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/checks.h"
#include "stats/comparison/adjusted_difference.h"
#include "stats/multiplicity.h"

namespace descant::experiment {

namespace {

stats::ComparisonOptions two_sided(const AnalysisPlan& plan) {
  stats::ComparisonOptions options;
  options.confidence_level = plan.confidence_level;
  return options;
}

Result<stats::Comparison> compare_arms(const AnalysisPlan& plan,
                                       const std::vector<stats::Moments>& arms,
                                       std::size_t treatment, const stats::RatioColumns& outcome,
                                       const std::optional<stats::RatioColumns>& covariate) {
  stats::AdjustmentPlan adjustment;
  adjustment.outcome = outcome;
  if (covariate) adjustment.covariates.push_back(*covariate);
  DESCANT_ASSIGN(auto found, stats::adjusted_difference(arms.front(), arms[treatment], adjustment,
                                                        two_sided(plan)));
  return std::move(found.comparison);
}

bool is_undecided(const Novelty& novelty) { return std::isnan(novelty.p_value); }

// The effect on the first and last day of the fitted line.
std::pair<double, double> fitted_ends(const Novelty& novelty) {
  const double half =
      novelty.slope.estimate * static_cast<double>(novelty.last_day - novelty.first_day) / 2;
  const double middle = novelty.daily_effect.absolute.estimate;
  return {middle - half, middle + half};
}

// As a share of control where that is defined.
std::string effect_on_day(const MetricResult& metric, const Novelty& novelty, double effect) {
  const double control = novelty.daily_effect.control.estimate;
  if (std::isfinite(novelty.daily_effect.relative.estimate) && control > 0)
    return format_signed_percent(effect / control);
  return fmt::format("{}{}{}{}", effect > 0 ? "+" : "", format_number(effect),
                     metric.unit.empty() ? "" : " ", metric.unit);
}

std::string sentence(const MetricResult& metric, const Novelty& novelty) {
  const auto [first, last] = fitted_ends(novelty);
  if (!std::isfinite(first))
    return fmt::format("The effect on {} by day since exposure is undefined.", metric.name);
  const std::string path =
      fmt::format("from {} on day {} to {} on day {}", effect_on_day(metric, novelty, first),
                  novelty.first_day, effect_on_day(metric, novelty, last), novelty.last_day);
  if (novelty.kind == "undecided")
    return fmt::format("The effect on {} goes {} since exposure so far.", metric.name, path);
  const std::string p = fmt::format("{} after correction", p_value_text(novelty.p_value_adjusted));
  if (novelty.kind == "fading")
    return fmt::format(
        "The effect on {} fades, {} since exposure ({}): expect less of it in the long run.",
        metric.name, path, p);
  if (novelty.kind == "growing")
    return fmt::format(
        "The effect on {} grows, {} since exposure ({}): it takes time to show in full.",
        metric.name, path, p);
  return fmt::format("The effect on {} shows no trend, {} since exposure ({}).", metric.name, path,
                     p);
}

std::string kind_of(const AnalysisPlan& plan, const Novelty& novelty) {
  if (std::isnan(novelty.p_value_adjusted)) return "undecided";
  if (novelty.p_value_adjusted > 1 - plan.confidence_level) return "steady";
  const auto [first, last] = fitted_ends(novelty);
  return std::abs(last) < std::abs(first) ? "fading" : "growing";
}

}  // namespace

Result<void> add_tenure_effects(const AnalysisPlan& plan, const TenureMetric& metric,
                                const TenureMoments& moments,
                                const std::vector<std::string>& variants, MetricResult& result) {
  const auto found = std::find(variants.begin(), variants.end(), result.treatment);
  if (found == variants.end()) return internal_error("a result of no variant", "metrics");
  const auto treatment = static_cast<std::size_t>(found - variants.begin());
  for (std::size_t row = 0; row < moments.by_day.size(); ++row) {
    DESCANT_ASSIGN(auto comparison, compare_arms(plan, moments.by_day[row], treatment,
                                                 moments.outcome, moments.covariate));
    if (!plan.planned_end_reached) comparison.p_value = stats::kUndefined;
    result.days_since_exposure.push_back(
        {metric.first_day + static_cast<std::int64_t>(row), std::move(comparison)});
  }
  if (moments.trend_days == 0) return {};
  Novelty novelty;
  novelty.first_day = metric.first_day;
  novelty.last_day = metric.first_day + static_cast<std::int64_t>(moments.trend_days) - 1;
  DESCANT_ASSIGN(novelty.daily_effect,
                 compare_arms(plan, moments.trend, treatment, {0, {}}, moments.trend_covariate));
  DESCANT_ASSIGN(const auto slope,
                 compare_arms(plan, moments.trend, treatment, {1, {}}, moments.trend_covariate));
  novelty.units = slope.control.n + slope.treatment.n;
  novelty.slope = slope.absolute;
  novelty.statistic = slope.statistic;
  novelty.degrees_of_freedom = slope.degrees_of_freedom;
  if (plan.planned_end_reached)
    novelty.p_value = slope.p_value;
  else
    novelty.daily_effect.p_value = stats::kUndefined;
  result.novelty = std::move(novelty);
  return {};
}

Result<void> judge_novelty(const AnalysisPlan& plan, std::vector<MetricResult>& metrics) {
  std::vector<std::string> treatments;
  for (const auto& metric : metrics)
    if (std::find(treatments.begin(), treatments.end(), metric.treatment) == treatments.end())
      treatments.push_back(metric.treatment);
  for (const auto& treatment : treatments) {
    std::vector<Novelty*> tested;
    stats::AdjustPValuesRequest request;
    for (auto& metric : metrics) {
      if (metric.treatment != treatment || !metric.novelty || is_undecided(*metric.novelty))
        continue;
      tested.push_back(&*metric.novelty);
      request.p_values.push_back(metric.novelty->p_value);
    }
    DESCANT_ASSIGN(const auto adjusted, stats::adjust_p_values(request));
    for (std::size_t i = 0; i < tested.size(); ++i)
      tested[i]->p_value_adjusted = adjusted.adjusted[i];
  }
  for (auto& metric : metrics) {
    if (!metric.novelty) continue;
    metric.novelty->kind = kind_of(plan, *metric.novelty);
    metric.novelty->message = sentence(metric, *metric.novelty);
  }
  return {};
}

}  // namespace descant::experiment
