// SPDX-License-Identifier: Apache-2.0
#include "experiment/effects.h"

#include "experiment/complier_effect.h"
#include "stats/comparison/adjusted_difference.h"
#include "stats/comparison/post_stratify.h"

namespace descant::experiment {

namespace {

stats::ComparisonOptions options_for(const AnalysisPlan& plan, const MetricPlan& metric,
                                     bool with_margin) {
  stats::ComparisonOptions options;
  options.confidence_level = plan.confidence_level;
  options.direction = direction_name(metric.direction);
  if (metric.role == definitions::Role::kGuardrail && with_margin) {
    options.non_inferiority_margin = metric.non_inferiority_margin->value;
    options.margin_scale = metric.non_inferiority_margin->relative ? "relative" : "absolute";
  }
  return options;
}

bool is_change(const AnalysisPlan& plan) {
  return plan.design == definitions::DesignType::kDifferenceInDifferences;
}

MetricResult describe_metric(const MetricPlan& metric, const MetricMoments& moments,
                             const folds::UnitTable& units, std::size_t treatment) {
  MetricResult result;
  result.name = metric.name;
  result.role = role_name(metric.role);
  result.treatment = units.variants[treatment];
  result.type = metric.type;
  result.unit = metric.unit;
  result.description = metric.description;
  result.direction = direction_name(metric.direction);
  if (metric.role == definitions::Role::kGuardrail) {
    result.margin = metric.non_inferiority_margin->value;
    result.margin_scale = metric.non_inferiority_margin->relative ? "relative" : "absolute";
  }
  if (moments.quantiles) {
    const auto& arms = moments.quantiles->by_day.back();
    result.mature_units = arms.front().arm.n + arms[treatment].arm.n;
    result.quantile = metric.quantile;
    result.quantile_of = moments.quantiles->of_events ? "events" : "units";
  } else {
    for (const auto& arms : moments.by_day.back())
      result.mature_units += arms.front().n + arms[treatment].n;
  }
  result.immature_units = moments.immature.front() + moments.immature[treatment];
  result.missing_units = moments.missing.front() + moments.missing[treatment];
  result.cap_numerator = moments.cap_numerator;
  result.cap_denominator = moments.cap_denominator;
  return result;
}

// Compares two arms of any cell of the metric: from its quantiles where it has them, else from its
// moments.
class ArmComparison {
 public:
  ArmComparison(const AnalysisPlan& plan, const MetricPlan& metric, const MetricMoments& moments,
                std::size_t treatment, bool with_margin = true)
      : moments_(moments),
        adjustment_(adjustment_of(plan, moments.roles)),
        options_(options_for(plan, metric, with_margin)),
        treatment_(treatment) {}

  std::size_t days() const {
    return moments_.quantiles ? moments_.quantiles->by_day.size() : moments_.by_day.size();
  }
  Result<stats::AdjustedComparison> whole() const { return day(days() - 1); }
  Result<stats::AdjustedComparison> day(std::size_t day) const {
    return moments_.quantiles ? of(moments_.quantiles->by_day[day]) : of(moments_.by_day[day]);
  }
  Result<stats::AdjustedComparison> segment(std::size_t dimension, std::size_t value) const {
    return moments_.quantiles ? of(moments_.quantiles->by_segment[dimension][value])
                              : of(moments_.by_segment[dimension][value]);
  }
  // None of a quantile: the effect on those who take up is a ratio of means.
  Result<std::optional<ComplierEffect>> of_compliers(std::span<const double> slopes) const {
    if (moments_.quantiles) return std::optional<ComplierEffect>();
    return complier_effect(moments_.by_day.back(), treatment_, moments_.roles, adjustment_, slopes,
                           options_);
  }

 private:
  Result<stats::AdjustedComparison> of(const StratumMoments& strata) const {
    return compare_within(strata, treatment_, adjustment_, options_);
  }
  Result<stats::AdjustedComparison> of(const ArmQuantiles& arms) const {
    stats::AdjustedComparison found;
    DESCANT_ASSIGN(found.comparison,
                   stats::compare_quantiles(moments_.quantiles->method, arms.front(),
                                            arms[treatment_], options_));
    found.unadjusted = found.comparison;
    return found;
  }

  const MetricMoments& moments_;
  stats::AdjustmentPlan adjustment_;
  stats::ComparisonOptions options_;
  std::size_t treatment_;
};

bool is_read_sequentially(const AnalysisPlan& plan) {
  return plan.sequential.method != definitions::SequentialMethod::kNone;
}

void hide_p_value(stats::Comparison& comparison, bool shown) {
  if (!shown) comparison.p_value = stats::kUndefined;
}

Result<void> add_segments(const ArmComparison& compare, const std::vector<ShownSegments>& segments,
                          bool p_value_shown, MetricResult& result) {
  for (std::size_t i = 0; i < segments.size(); ++i)
    for (std::size_t value = 0; value < segments[i].labels.size(); ++value) {
      DESCANT_ASSIGN(auto effect, compare.segment(i, value));
      hide_p_value(effect.comparison, p_value_shown);
      result.segments.push_back(
          {segments[i].dimension, segments[i].labels[value], std::move(effect.comparison)});
    }
  return {};
}

Result<void> add_days(const ArmComparison& compare, const AnalysisPlan& plan,
                      const folds::UnitTable& units, MetricEffect& out) {
  MetricResult& result = out.result;
  if (units.days.size() < 2 || compare.days() < units.days.size()) return {};
  for (std::size_t day = 0; day < units.days.size(); ++day) {
    DESCANT_ASSIGN(auto effect, compare.day(day));
    const bool ended = planned_end_reached_on(plan, day);
    out.day_tests.push_back(
        stats::tests_of(effect.comparison, result.name, result.role, result.direction));
    hide_p_value(effect.comparison, ended && !is_read_sequentially(plan));
    result.days.push_back(
        {format_date(units.days[day].date), ended, std::move(effect.comparison), {}});
  }
  return {};
}

}  // namespace

stats::AdjustmentPlan adjustment_of(const AnalysisPlan& plan, const ColumnRoles& roles) {
  stats::AdjustmentPlan adjustment;
  adjustment.outcome = roles.outcome;
  if (is_change(plan)) {
    adjustment.method = "difference_in_differences";
    if (const auto* before = roles.own_covariate()) adjustment.covariates = {before->columns};
    return adjustment;
  }
  for (const auto& covariate : roles.covariates) {
    adjustment.covariates.push_back(covariate.columns);
    if (covariate.present) adjustment.covariates.push_back({*covariate.present, roles.size});
  }
  return adjustment;
}

Result<stats::AdjustedComparison> compare_within(const StratumMoments& strata,
                                                 std::size_t treatment,
                                                 const stats::AdjustmentPlan& adjustment,
                                                 const stats::ComparisonOptions& options) {
  if (strata.size() == 1)
    return stats::adjusted_difference(strata[0].front(), strata[0][treatment], adjustment, options);
  std::vector<stats::Moments> controls;
  std::vector<stats::Moments> treated;
  stats::Moments control(strata[0].front().columns());
  stats::Moments treatment_arm = control;
  for (const auto& arms : strata) {
    controls.push_back(arms.front());
    treated.push_back(arms[treatment]);
    control.merge(arms.front());
    treatment_arm.merge(arms[treatment]);
  }
  const auto& divisor = adjustment.outcome.denominator;
  const bool divides =
      !divisor || (control.mean[*divisor] != 0 && treatment_arm.mean[*divisor] != 0);
  if (!divides || !stats::can_post_stratify(controls, treated))
    return stats::adjusted_difference(control, treatment_arm, adjustment, options);
  std::vector<stats::RatioColumns> columns = {adjustment.outcome};
  columns.insert(columns.end(), adjustment.covariates.begin(), adjustment.covariates.end());
  DESCANT_ASSIGN(const auto arms, stats::post_stratify(controls, treated, columns));
  stats::AdjustmentPlan within;
  within.method = adjustment.method;
  within.strata = &arms.parts;
  for (std::size_t i = 1; i < columns.size(); ++i) within.covariates.push_back({i, std::nullopt});
  DESCANT_ASSIGN(auto stratified,
                 stats::adjusted_difference(arms.control, arms.treatment, within, options));
  // Beside it stands the difference without covariates and without strata.
  stats::AdjustmentPlan plain;
  plain.outcome = adjustment.outcome;
  DESCANT_ASSIGN(auto pooled, stats::adjusted_difference(control, treatment_arm, plain, options));
  stratified.unadjusted = std::move(pooled.unadjusted);
  if (adjustment.covariates.empty()) stratified.comparison.method = "post_stratified";
  const double before = stratified.unadjusted.absolute.standard_error;
  const double after = stratified.comparison.absolute.standard_error;
  stratified.variance_reduction =
      before > 0 ? 1 - after * after / (before * before) : stats::kUndefined;
  return stratified;
}

Result<MetricEffect> metric_effect(const AnalysisPlan& plan, const MetricPlan& metric,
                                   const MetricMoments& moments, const folds::UnitTable& units,
                                   const std::vector<ShownSegments>& segments,
                                   std::size_t treatment) {
  const ArmComparison compare(plan, metric, moments, treatment);
  DESCANT_ASSIGN(auto whole, compare.whole());
  MetricEffect effect{describe_metric(metric, moments, units, treatment), {}, {}};
  MetricResult& result = effect.result;
  result.comparison = std::move(whole.comparison);
  result.unadjusted = std::move(whole.unadjusted);
  if (!moments.roles.covariates.empty() && !is_change(plan))
    result.variance_reduction = whole.variance_reduction;
  effect.tests = stats::tests_of(result.comparison, result.name, result.role, result.direction);
  if (metric.role == definitions::Role::kGuardrail) {
    // Deterioration is a test against no difference, with its own degrees of freedom.
    const ArmComparison without_margin(plan, metric, moments, treatment, false);
    DESCANT_ASSIGN(const auto plain, without_margin.whole());
    effect.tests.deterioration_p_value =
        stats::tests_of(plain.comparison, result.name, "deterioration", result.direction)
            .deterioration_p_value;
  }
  result.deterioration_p_value = effect.tests.deterioration_p_value;
  const bool shown = plan.planned_end_reached && !is_read_sequentially(plan);
  if (plan.planned_end_reached) result.p_value_one_sided = effect.tests.p_value;
  DESCANT_ASSIGN(result.complier_effect, compare.of_compliers(whole.coefficients));
  if (result.complier_effect) hide_p_value(result.complier_effect->comparison, shown);
  hide_p_value(result.comparison, shown);
  hide_p_value(result.unadjusted, shown);
  DESCANT_CHECK(add_segments(compare, segments, shown, result));
  DESCANT_CHECK(add_days(compare, plan, units, effect));
  return effect;
}

Result<stats::Comparison> pre_exposure_difference(const AnalysisPlan& plan,
                                                  const MetricMoments& moments,
                                                  std::size_t treatment) {
  stats::AdjustmentPlan covariate_alone;
  const CovariateColumns& covariate = *moments.roles.own_covariate();
  covariate_alone.outcome = covariate.columns;
  // With 0 standing for missing, the sum over the number present is the mean of those present.
  const bool is_mean =
      !covariate.columns.denominator || covariate.columns.denominator == moments.roles.size;
  if (covariate.present && is_mean) covariate_alone.outcome.denominator = covariate.present;
  // Groups that nobody drew may differ: what must not differ is how they changed before.
  if (is_change(plan) && moments.roles.earlier) {
    covariate_alone.method = "difference_in_differences";
    covariate_alone.covariates = {*moments.roles.earlier};
  }
  stats::ComparisonOptions options;
  options.confidence_level = plan.confidence_level;
  DESCANT_ASSIGN(auto found,
                 compare_within(moments.by_day.back(), treatment, covariate_alone, options));
  return std::move(found.comparison);
}

bool planned_end_reached_on(const AnalysisPlan& plan, std::size_t day) {
  if (plan.planned_end_reached_by_day.empty()) return plan.planned_end_reached;
  return plan.planned_end_reached_by_day[day];
}

std::string role_name(definitions::Role role) {
  switch (role) {
    case definitions::Role::kSuccess:
      return "success";
    case definitions::Role::kGuardrail:
      return "guardrail";
    case definitions::Role::kDeterioration:
      return "deterioration";
    case definitions::Role::kQuality:
      return "quality";
    case definitions::Role::kExploratory:
      return "exploratory";
  }
  return {};
}

std::string direction_name(definitions::Direction direction) {
  return direction == definitions::Direction::kIncrease ? "increase" : "decrease";
}

}  // namespace descant::experiment
