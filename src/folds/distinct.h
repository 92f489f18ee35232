// SPDX-License-Identifier: Apache-2.0
#pragma once

// Exact number of distinct values in a short range of a column. Labels are marked in a table of
// their codes that is never cleared (each count has its own stamp); other values are sorted. Null
// values and rows the filter drops do not count. Not for several threads at once.

#include <cstdint>
#include <vector>

#include "timelines/column.h"

namespace descant::folds {

class DistinctCounter {
 public:
  std::size_t count(const timelines::Column& column, const std::uint8_t* filter,
                    std::uint64_t first, std::uint64_t last);

 private:
  std::size_t count_labels(const timelines::Column& column, const std::uint8_t* filter,
                           std::uint64_t first, std::uint64_t last);

  std::vector<std::uint32_t> stamps_;  // by label code
  std::uint32_t stamp_ = 0;
  std::vector<std::int64_t> values_;
};

}  // namespace descant::folds
