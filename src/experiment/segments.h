// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which values of each segment dimension are shown, and which strata are kept apart: the most
// frequent among the units exposed by the last day (ties in label order), and all others pooled
// into one. Counted first, so that a dimension with a million values costs a count each and no
// moments.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "folds/unit_table.h"

namespace descant::experiment {

struct ShownSegments {
  std::string dimension;
  std::vector<std::string> labels;   // most frequent first; the pooled one last
  std::vector<std::uint16_t> codes;  // by unit, below labels.size() for exposed units
  std::size_t pooled_values = 0;     // values behind the last label; 0: nothing is pooled
};

// One entry for each dimension of the table. Codes outside a dimension's labels are an error.
Result<std::vector<ShownSegments>> choose_segments(const folds::UnitTable& units,
                                                   std::size_t shown_max, std::size_t threads);

// Combinations of the strata's dimensions, the most frequent apart and all others pooled.
struct ShownStrata {
  std::size_t count = 1;             // 1: no strata
  std::vector<std::uint16_t> codes;  // by unit, below `count`; empty without strata
  std::size_t pooled = 0;            // combinations in the last one

  std::uint16_t code(std::size_t unit) const { return codes.empty() ? 0 : codes[unit]; }
};

inline constexpr std::size_t kStrataMax = 100;

Result<ShownStrata> choose_strata(const folds::UnitTable& units, std::size_t threads);

}  // namespace descant::experiment
