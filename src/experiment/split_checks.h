// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where and when the split of the exposed units went wrong: the sample ratio within every shown
// value of each segment dimension and among the units first exposed on each day (Pearson's
// chi-squared; the smallest p-value is multiplied by the number of values or days tested,
// Bonferroni), and the sequential sample-ratio test that may be looked at after every day (Lindon
// and Malek 2022; the smallest p-value up to now). A value or day of which some arm expects fewer
// than kSmallestExpected units is left out and counted; where none is left the check is not made.
// These point at a cause; the decision rests on the split of all units. Without declared shares
// there is no check.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/segments.h"

namespace descant::experiment {

inline constexpr const char* kSegmentSampleRatio = "segment_sample_ratio";  // :<dimension>
inline constexpr const char* kDaySampleRatio = "day_sample_ratio";
inline constexpr const char* kSequentialSampleRatio = "sequential_sample_ratio";

inline constexpr double kSmallestExpected = 5;

// `level`: below which p-value a check fails.
Result<std::vector<Check>> split_checks(const AnalysisPlan& plan, const folds::UnitTable& table,
                                        const std::vector<ShownSegments>& segments, double level);

}  // namespace descant::experiment
