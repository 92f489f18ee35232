// SPDX-License-Identifier: Apache-2.0
#include "experiment/effects.h"

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

stats::AdjustmentPlan adjustment_of(const MetricMoments& moments) {
  stats::AdjustmentPlan adjustment;
  adjustment.outcome = moments.outcome;
  if (moments.covariate) adjustment.covariates.push_back(*moments.covariate);
  if (moments.covariate_present)
    adjustment.covariates.push_back({*moments.covariate_present, std::nullopt});
  return adjustment;
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
  const auto& arms = moments.by_day.back();
  result.mature_units = arms.front().n + arms[treatment].n;
  result.immature_units = moments.immature.front() + moments.immature[treatment];
  result.missing_units = moments.missing.front() + moments.missing[treatment];
  result.cap_numerator = moments.cap_numerator;
  result.cap_denominator = moments.cap_denominator;
  return result;
}

// Compares two arms of any set of cells of the metric.
class ArmComparison {
 public:
  ArmComparison(const AnalysisPlan& plan, const MetricPlan& metric, const MetricMoments& moments,
                std::size_t treatment, bool with_margin = true)
      : adjustment_(adjustment_of(moments)),
        options_(options_for(plan, metric, with_margin)),
        treatment_(treatment) {}

  Result<stats::AdjustedComparison> of(const std::vector<stats::Moments>& arms) const {
    return stats::adjusted_difference(arms.front(), arms[treatment_], adjustment_, options_);
  }

 private:
  stats::AdjustmentPlan adjustment_;
  stats::ComparisonOptions options_;
  std::size_t treatment_;
};

void hide_p_value(stats::Comparison& comparison, bool shown) {
  if (!shown) comparison.p_value = stats::kUndefined;
}

Result<void> add_segments(const ArmComparison& compare, const MetricMoments& moments,
                          const std::vector<ShownSegments>& segments, bool p_value_shown,
                          MetricResult& result) {
  for (std::size_t i = 0; i < segments.size(); ++i)
    for (std::size_t value = 0; value < segments[i].labels.size(); ++value) {
      DESCANT_ASSIGN(auto effect, compare.of(moments.by_segment[i][value]));
      hide_p_value(effect.comparison, p_value_shown);
      result.segments.push_back(
          {segments[i].dimension, segments[i].labels[value], std::move(effect.comparison)});
    }
  return {};
}

Result<void> add_days(const ArmComparison& compare, const AnalysisPlan& plan,
                      const MetricMoments& moments, const folds::UnitTable& units,
                      MetricResult& result) {
  if (units.days.size() < 2) return {};
  for (std::size_t day = 0; day < units.days.size(); ++day) {
    DESCANT_ASSIGN(auto effect, compare.of(moments.by_day[day]));
    const bool ended = planned_end_reached_on(plan, day);
    hide_p_value(effect.comparison, ended);
    result.days.push_back({format_date(units.days[day].date), ended, std::move(effect.comparison)});
  }
  return {};
}

}  // namespace

Result<MetricEffect> metric_effect(const AnalysisPlan& plan, const MetricPlan& metric,
                                   const MetricMoments& moments, const folds::UnitTable& units,
                                   const std::vector<ShownSegments>& segments,
                                   std::size_t treatment) {
  const ArmComparison compare(plan, metric, moments, treatment);
  DESCANT_ASSIGN(auto whole, compare.of(moments.by_day.back()));
  MetricEffect effect{describe_metric(metric, moments, units, treatment), {}};
  MetricResult& result = effect.result;
  result.comparison = std::move(whole.comparison);
  result.unadjusted = std::move(whole.unadjusted);
  if (moments.covariate) result.variance_reduction = whole.variance_reduction;
  effect.tests = stats::tests_of(result.comparison, result.name, result.role, result.direction);
  if (metric.role == definitions::Role::kGuardrail) {
    // Deterioration is a test against no difference, with its own degrees of freedom.
    const ArmComparison without_margin(plan, metric, moments, treatment, false);
    DESCANT_ASSIGN(const auto plain, without_margin.of(moments.by_day.back()));
    effect.tests.deterioration_p_value =
        stats::tests_of(plain.comparison, result.name, "deterioration", result.direction)
            .deterioration_p_value;
  }
  result.deterioration_p_value = effect.tests.deterioration_p_value;
  if (plan.planned_end_reached) result.p_value_one_sided = effect.tests.p_value;
  hide_p_value(result.comparison, plan.planned_end_reached);
  hide_p_value(result.unadjusted, plan.planned_end_reached);
  DESCANT_CHECK(add_segments(compare, moments, segments, plan.planned_end_reached, result));
  DESCANT_CHECK(add_days(compare, plan, moments, units, result));
  return effect;
}

Result<stats::Comparison> pre_exposure_difference(const AnalysisPlan& plan,
                                                  const MetricMoments& moments,
                                                  std::size_t treatment) {
  stats::AdjustmentPlan covariate_alone;
  covariate_alone.outcome = *moments.covariate;
  // With 0 standing for missing, the sum over the number present is the mean of those present.
  if (moments.covariate_present && !covariate_alone.outcome.denominator)
    covariate_alone.outcome.denominator = moments.covariate_present;
  stats::ComparisonOptions options;
  options.confidence_level = plan.confidence_level;
  const auto& arms = moments.by_day.back();
  DESCANT_ASSIGN(auto found, stats::adjusted_difference(arms.front(), arms[treatment],
                                                        covariate_alone, options));
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
