// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/power.h"

namespace descant::operations {

std::vector<Operation> design_operations() {
  constexpr std::string_view kGroup = "design";
  return {
      define<stats::SampleSizeRequest, stats::SampleSizeResult, stats::sample_size>(
          "sample_size", kGroup, "How many units a test needs to find an effect or keep a margin."),
      define<stats::PowerRequest, stats::PowerResult, stats::power>(
          "power", kGroup, "The probability that a test of a given size finds an effect."),
      define<stats::MinimumDetectableEffectRequest, stats::MinimumDetectableEffectResult,
             stats::minimum_detectable_effect>(
          "minimum_detectable_effect", kGroup,
          "The smallest effect that a test of a given size finds with the power asked for."),
  };
}

}  // namespace descant::operations
