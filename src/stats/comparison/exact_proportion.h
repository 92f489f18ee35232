// SPDX-License-Identifier: Apache-2.0
#pragma once

// p-values for two shares that rest on no approximation. `fisher` conditions on the total of
// successes (Fisher 1935; two-sided by probability order, as in R and SciPy). `barnard` orders all
// tables by the pooled z statistic (Suissa and Shuster 1985) and `boschloo` by Fisher's p-value
// (Boschloo 1970; two-sided is twice the smaller side), each maximised over the common share. The
// unconditional ones are limited to kMostTables tables, an error beyond that. Arms without units
// give NaN.

#include <cstdint>
#include <string>

#include "base/result.h"
#include "stats/sample.h"

namespace descant::stats {

inline constexpr std::int64_t kMostTables = 4'000'000;

Result<double> fisher_p_value(const SuccessCount& control, const SuccessCount& treatment,
                              const std::string& alternative);
Result<double> barnard_p_value(const SuccessCount& control, const SuccessCount& treatment,
                               const std::string& alternative);
Result<double> boschloo_p_value(const SuccessCount& control, const SuccessCount& treatment,
                                const std::string& alternative);

}  // namespace descant::stats
