// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/many_experiments/meta_analysis.h"
#include "stats/many_experiments/shrink_effects.h"
#include "stats/resampling/false_positive_rate.h"

namespace descant::operations {

std::vector<Operation> many_experiments_operations() {
  constexpr std::string_view kGroup = "many_experiments";
  return {
      define<stats::FalsePositiveRateRequest, stats::FalsePositiveRateResult,
             stats::false_positive_rate>(
          "false_positive_rate", kGroup,
          "Re-randomises units into A/A runs and counts how often a comparison rejects."),
      define<stats::MetaAnalysisRequest, stats::MetaAnalysisResult, stats::meta_analysis>(
          "meta_analysis", kGroup, "Pools estimates of one effect from several studies."),
      define<stats::ShrinkEffectsRequest, stats::ShrinkEffectsResult, stats::shrink_effects>(
          "shrink_effects", kGroup,
          "Shrinks many experiments' effects to what they have in common."),
  };
}

}  // namespace descant::operations
