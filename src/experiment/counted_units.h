// SPDX-License-Identifier: Apache-2.0
#pragma once

// From which day a unit counts in a metric: the first on which it is exposed and mature. Units that
// never count hold the reason instead, as a value above every day, and are counted by arm. A unit
// is missing when its numerator or denominator is NaN or infinite in any column; an immature unit
// is immature whatever its values are.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "folds/unit_table.h"

namespace descant::experiment {

inline constexpr std::uint16_t kDaysLimit = 0xFF00;  // days of a table are below this
inline constexpr std::uint16_t kNotExposed = 0xFFFD;
inline constexpr std::uint16_t kMissing = 0xFFFE;
inline constexpr std::uint16_t kImmature = 0xFFFF;

struct CountedUnits {
  std::vector<std::uint16_t> first_day;         // by unit
  std::vector<std::int64_t> immature, missing;  // by arm, among units exposed by the last day
};

// Columns of another length than the table are an error.
Result<CountedUnits> counted_units(const folds::UnitTable& units, const folds::MetricValues& values,
                                   std::size_t threads);

}  // namespace descant::experiment
