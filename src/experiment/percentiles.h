// SPDX-License-Identifier: Apache-2.0
#pragma once

// The percentile of a growing set of units: day d holds every unit whose first_day is at most d.
// All days come from one pass (a histogram of the values' bit patterns, then selection inside the
// one or two buckets that hold the rank), never from a sort for each day. The percentile is type 7
// (Hyndman and Fan, "Sample quantiles in statistical packages", 1996). Values that are not finite
// are skipped; a day without units gives NaN.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descant::experiment {

// One entry for each day in [begin_day, end_day). `percentile` is in (0, 100).
std::vector<double> nested_percentiles(std::span<const double> values,
                                       std::span<const std::uint16_t> first_day,
                                       std::size_t begin_day, std::size_t end_day,
                                       double percentile);

}  // namespace descant::experiment
