// SPDX-License-Identifier: Apache-2.0
#pragma once

// The smallest and the largest value of a measure over a range of a unit's rows. Rows that a filter
// leaves out and nulls are skipped; a range without any value has no extreme: NaN.

#include <cstdint>

#include "timelines/column.h"

namespace descant::folds {

enum class Extreme { kMinimum, kMaximum };

// Of the rows [first, last). `filter`: one byte a row, or null.
double extreme_of(const timelines::Column& column, const std::uint8_t* filter, std::uint64_t first,
                  std::uint64_t last, Extreme which);

}  // namespace descant::folds
