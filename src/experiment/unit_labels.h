// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a user's own table of units must satisfy, whichever way it is read, and the order in which
// its labels stand: variants with control first, then alphabetically. Each function gives the error
// that a person reads. Missing values (NaN) are accepted everywhere.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/unit_file.h"

namespace descant::experiment {

inline constexpr std::size_t kVariantsMax = 20;
inline constexpr const char* kNoSegment = "unknown";  // the label of a missing one

Result<void> check_variant_count(std::size_t count, const std::string& column);

// `control` empty: the first in alphabetical order. At least two labels are wanted.
Result<std::vector<std::string>> order_variants(const std::vector<std::string>& labels,
                                                const std::string& column,
                                                const std::string& control);

// New code of every old one, so that labels stand in the given order.
std::vector<std::uint32_t> places_in(const std::vector<std::string>& labels,
                                     const std::vector<std::string>& order);

// A proportion's values are 0 and 1.
Result<void> check_proportion(const UnitMetric& metric, std::span<const double> values);

// `values` of the unit column stand in `rows` rows, more than one each.
Error repeated_units(std::uint64_t values, std::uint64_t rows, const std::string& column);

}  // namespace descant::experiment
