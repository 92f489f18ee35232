// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the moments by day since exposure to effects by day since exposure and the test for novelty
// or learning: the arms' difference in the mean per-unit slope (Welch's t, adjusted for the
// covariate when the metric is), which is the trend of the effect with the days' covariance per
// unit taken into account. The kind needs Holm's adjusted p-value at 1 - confidence level: fading
// when the fitted effect is nearer to 0 on the last day than on the first, growing when further.
// Before the planned end p-values are NaN and the kind is undecided. Values are not capped here.

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/tenure_moments.h"

namespace descant::experiment {

// Adds rows and trend of `moments` to every result of the metric. `moments.trend_days` of 0: no
// trend.
Result<void> add_tenure_effects(const AnalysisPlan& plan, const TenureMetric& metric,
                                const TenureMoments& moments,
                                const std::vector<std::string>& variants, MetricResult& result);

// Once all metrics are there: Holm over the metrics of each treatment, kinds and sentences.
Result<void> judge_novelty(const AnalysisPlan& plan, std::vector<MetricResult>& metrics);

}  // namespace descant::experiment
