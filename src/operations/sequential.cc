// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/sequential/confidence_sequence.h"
#include "stats/sequential/group_sequential_analysis.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/sequential_plan.h"

namespace descant::operations {

std::vector<Operation> sequential_operations() {
  constexpr std::string_view kGroup = "sequential";
  return {
      define<stats::GroupSequentialBoundsRequest, stats::GroupSequentialBoundsResult,
             stats::group_sequential_bounds>(
          "group_sequential_bounds", kGroup,
          "Bounds for a test that is looked at several times, from a spending function."),
      define<stats::GroupSequentialAnalysisRequest, stats::GroupSequentialAnalysisResult,
             stats::group_sequential_analysis>(
          "group_sequential_analysis", kGroup,
          "Analyses the looks of a group-sequential test, and its stop."),
      define<stats::ConfidenceSequenceRequest, stats::ConfidenceSequenceResult,
             stats::confidence_sequence>(
          "confidence_sequence", kGroup,
          "Intervals and p-values of a comparison that may be looked at at any time."),
      define<stats::SequentialPlanRequest, stats::SequentialPlanResult, stats::sequential_plan>(
          "sequential_plan", kGroup,
          "Expected and largest sample size of every way to look at a test, side by side."),
  };
}

}  // namespace descant::operations
