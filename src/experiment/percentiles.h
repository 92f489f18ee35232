// SPDX-License-Identifier: Apache-2.0
#pragma once

// Order statistics of a growing set of units: day d holds every unit whose first_day is at most d.
// All days come from one pass (a histogram of the values' bit patterns, then selection inside the
// buckets that hold the ranks), never from a sort for each day. A percentile is type 7 (Hyndman and
// Fan, "Sample quantiles in statistical packages", 1996). Values that are not finite are skipped; a
// day without units has no order statistics, and its percentile is NaN.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace descant::experiment {

struct NestedSet {
  std::size_t n = 0;
  std::vector<double> values;  // of the ranks asked for; none when n is 0
};

// The ranks, from 0, wanted of a set of n > 0 values.
using RanksOf = std::function<std::vector<std::size_t>(std::size_t n)>;

// One entry for each day in [begin_day, end_day).
std::vector<NestedSet> nested_order_statistics(std::span<const double> values,
                                               std::span<const std::uint16_t> first_day,
                                               std::size_t begin_day, std::size_t end_day,
                                               const RanksOf& ranks_of);

// One entry for each day in [begin_day, end_day). `percentile` is in (0, 100).
std::vector<double> nested_percentiles(std::span<const double> values,
                                       std::span<const std::uint16_t> first_day,
                                       std::size_t begin_day, std::size_t end_day,
                                       double percentile);

}  // namespace descant::experiment
