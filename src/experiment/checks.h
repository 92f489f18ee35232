// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether the experiment can be trusted: the split of the exposed units (before maturity) and of
// those seen in two variants against the declared shares (Pearson's chi-squared), and the arms'
// difference before exposure for every metric with a covariate. Each check has its sentence. A
// check that cannot be computed passes, has NaN numbers, and brings a warning.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/metric_moments.h"

namespace descant::experiment {

inline constexpr const char* kSampleRatio = "sample_ratio";
inline constexpr const char* kSeveralVariants = "several_variants";
inline constexpr const char* kPreExposure = "pre_exposure";

// "p = 0.0312" or "p < 0.0001".
std::string p_value_text(double p);

// "50.1% control, 49.9% treatment".
std::string shares_text(const std::vector<std::string>& variants,
                        const std::vector<double>& amounts);

// The level of each quality and deterioration test: deterioration_alpha over all of them. Where the
// rule turns them off (0), checks are still held against a level for people to see.
double quality_level(const AnalysisPlan& plan, std::span<const MetricMoments> moments);

// `units` by arm are those exposed. Adds a warning for what could not be tested.
Result<std::vector<Check>> run_checks(const AnalysisPlan& plan, const folds::UnitTable& table,
                                      const std::vector<std::int64_t>& units,
                                      const std::optional<folds::ExposureCounts>& exposure,
                                      std::span<const MetricMoments> moments, Warnings& warnings);

}  // namespace descant::experiment
