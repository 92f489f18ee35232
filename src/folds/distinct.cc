// SPDX-License-Identifier: Apache-2.0
#include "folds/distinct.h"

#include <algorithm>
#include <bit>

namespace descant::folds {

std::size_t DistinctCounter::count_labels(const timelines::Column& column,
                                          const std::uint8_t* filter, std::uint64_t first,
                                          std::uint64_t last) {
  if (stamps_.size() < column.labels.size() + 1) stamps_.resize(column.labels.size() + 1, 0);
  if (++stamp_ == 0) {  // wrapped round: the old stamps could be taken for new ones
    std::fill(stamps_.begin(), stamps_.end(), 0U);
    stamp_ = 1;
  }
  std::size_t distinct = 0;
  for (std::uint64_t row = first; row < last; ++row) {
    if (filter != nullptr && filter[row] == 0) continue;
    const auto code = static_cast<std::uint64_t>(column.stored_at(row));
    if (code == 0 || code > column.labels.size() || stamps_[code] == stamp_) continue;
    stamps_[code] = stamp_;
    ++distinct;
  }
  return distinct;
}

std::size_t DistinctCounter::count(const timelines::Column& column, const std::uint8_t* filter,
                                   std::uint64_t first, std::uint64_t last) {
  if (column.kind == timelines::ColumnKind::kLabel)
    return count_labels(column, filter, first, last);
  values_.clear();
  const bool plain_doubles = column.dtype == timelines::Dtype::kFloat64;
  for (std::uint64_t row = first; row < last; ++row) {
    if (filter != nullptr && filter[row] == 0) continue;
    if (column.valid != nullptr && column.valid[row] == 0) continue;
    // + 0.0 makes the two zeros one; whole numbers are compared as stored, to the last digit.
    values_.push_back(plain_doubles ? std::bit_cast<std::int64_t>(column.number_at(row) + 0.0)
                                    : column.stored_at(row));
  }
  std::sort(values_.begin(), values_.end());
  return static_cast<std::size_t>(std::unique(values_.begin(), values_.end()) - values_.begin());
}

}  // namespace descant::folds
