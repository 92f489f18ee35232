// SPDX-License-Identifier: Apache-2.0
#pragma once

// Moments of up to 32 unit columns in cells of (group, arm), several groupings in one pass over
// the units: the effect by day, by segment and overall all come from these. Each morsel of units
// sums around the first value it meets in a cell, so that large means lose nothing (the error is at
// most n times the rounding unit of the variance), and morsels of a size fixed by the table are
// merged in order: the result does not depend on the number of threads. Units that do not count
// hold a first_day above last_day. Where units come in clusters, a row of the moments is a
// cluster's totals over its units in the cell, and `n` counts clusters. Values of counted units
// must be finite and codes in range.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/moments.h"

namespace descant::experiment {

inline constexpr std::size_t kColumnsMax = 32;

struct UnitBlock {
  std::vector<std::span<const double>> columns;  // each by unit; at most kColumnsMax
  std::vector<double> caps;                  // by column: larger values count as this; empty: none
  std::vector<double> floors;                // by column: smaller values count as this; empty: none
  std::span<const std::uint8_t> arm;         // by unit
  std::span<const std::uint16_t> first_day;  // by unit: the first day that counts it
  std::uint16_t last_day = 0;                // units of later days are left out
  std::span<const std::uint32_t> cluster;    // by unit, or empty: each unit by itself
};

struct Grouping {
  std::span<const std::uint16_t> codes;  // by unit, below `values` for counted units
  std::size_t values = 1;
};

// By group, then by arm.
using GroupedMoments = std::vector<std::vector<stats::Moments>>;

// One entry for each grouping.
Result<std::vector<GroupedMoments>> cell_moments(const UnitBlock& block,
                                                 std::span<const Grouping> groupings,
                                                 std::size_t arms, std::size_t threads);

// The fixed split of a table's units, for every pass over them.
std::size_t morsel_count(std::size_t units);
Result<void> for_each_unit_morsel(
    std::size_t units, std::size_t threads,
    const std::function<void(std::size_t morsel, std::size_t begin, std::size_t end)>& task);

}  // namespace descant::experiment
