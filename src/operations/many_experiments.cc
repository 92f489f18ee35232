// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/resampling/false_positive_rate.h"

namespace descant::operations {

std::vector<Operation> many_experiments_operations() {
  constexpr std::string_view kGroup = "many_experiments";
  return {
      define<stats::FalsePositiveRateRequest, stats::FalsePositiveRateResult,
             stats::false_positive_rate>(
          "false_positive_rate", kGroup,
          "Re-randomises units into A/A runs and counts how often a comparison rejects."),
  };
}

}  // namespace descant::operations
