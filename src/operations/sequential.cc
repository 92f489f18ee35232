// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/sequential/group_sequential_bounds.h"

namespace descant::operations {

std::vector<Operation> sequential_operations() {
  constexpr std::string_view kGroup = "sequential";
  return {
      define<stats::GroupSequentialBoundsRequest, stats::GroupSequentialBoundsResult,
             stats::group_sequential_bounds>(
          "group_sequential_bounds", kGroup,
          "Bounds for a test that is looked at several times, from a spending function."),
  };
}

}  // namespace descant::operations
