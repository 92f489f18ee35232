// SPDX-License-Identifier: Apache-2.0
#pragma once

// One metric of one treatment against control, from the metric's moments or quantiles: the
// comparison that decides with its unadjusted twin, the one-sided tests, the effect by segment and
// by day. All options follow from the plan: intervals are two-sided at the plan's level, a
// guardrail is tested against its margin. Before the planned end of a fixed-horizon experiment
// p-values are NaN; the caller says so once. Undefined numbers are NaN with a warning in their
// comparison.

#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/metric_moments.h"
#include "stats/comparison/adjusted_difference.h"
#include "stats/decision.h"

namespace descant::experiment {

// How the design and the covariates at hand adjust a comparison of the metric's moments.
stats::AdjustmentPlan adjustment_of(const AnalysisPlan& plan, const ColumnRoles& roles);

// Two arms compared, post-stratified where there are strata; beside it the plain difference.
Result<stats::AdjustedComparison> compare_within(const StratumMoments& strata,
                                                 std::size_t treatment,
                                                 const stats::AdjustmentPlan& adjustment,
                                                 const stats::ComparisonOptions& options);

struct MetricEffect {
  MetricResult result;       // all but alpha_used and verdict, which the decision adds
  stats::MetricTests tests;  // what the decision rests on, whether or not it is shown
  std::vector<stats::MetricTests> day_tests;  // the same by day; empty without days
};

Result<MetricEffect> metric_effect(const AnalysisPlan& plan, const MetricPlan& metric,
                                   const MetricMoments& moments, const folds::UnitTable& units,
                                   const std::vector<ShownSegments>& segments,
                                   std::size_t treatment);

// The difference between the arms in the covariate, before anyone was exposed; two-sided.
Result<stats::Comparison> pre_exposure_difference(const AnalysisPlan& plan,
                                                  const MetricMoments& moments,
                                                  std::size_t treatment);

// A fixed-horizon p-value is shown only from the planned end on.
bool planned_end_reached_on(const AnalysisPlan& plan, std::size_t day);

std::string role_name(definitions::Role role);
std::string direction_name(definitions::Direction direction);

}  // namespace descant::experiment
