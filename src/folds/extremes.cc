// SPDX-License-Identifier: Apache-2.0
#include "folds/extremes.h"

#include <limits>
#include <type_traits>

namespace descant::folds {

double extreme_of(const timelines::Column& column, const std::uint8_t* filter, std::uint64_t first,
                  std::uint64_t last, Extreme which) {
  return timelines::with_values(column.dtype, column.data, [&](const auto* values) {
    bool found = false;
    std::decay_t<decltype(*values)> extreme{};
    for (std::uint64_t row = first; row < last; ++row) {
      if (filter != nullptr && filter[row] == 0) continue;
      if (column.valid != nullptr && column.valid[row] == 0) continue;
      const auto value = values[row];
      const bool beyond = which == Extreme::kMinimum ? value < extreme : value > extreme;
      if (!found || beyond) extreme = value;
      found = true;
    }
    return found ? static_cast<double>(extreme) / column.divisor
                 : std::numeric_limits<double>::quiet_NaN();
  });
}

}  // namespace descant::folds
