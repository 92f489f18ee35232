// SPDX-License-Identifier: Apache-2.0
#include "timelines/column.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace descant::timelines {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
  std::int64_t minimum;
  std::int64_t maximum;
};

template <class T>
constexpr std::int64_t lowest() {
  return static_cast<std::int64_t>(std::numeric_limits<T>::lowest());
}
template <class T>
constexpr std::int64_t highest() {
  return static_cast<std::int64_t>(std::numeric_limits<T>::max());
}

// In the order in which narrowest_dtype tries them.
constexpr std::array kDtypes = {
    DtypeRow{Dtype::kUint8, "|u1", 1, 0, highest<std::uint8_t>()},
    DtypeRow{Dtype::kInt8, "|i1", 1, lowest<std::int8_t>(), highest<std::int8_t>()},
    DtypeRow{Dtype::kUint16, "<u2", 2, 0, highest<std::uint16_t>()},
    DtypeRow{Dtype::kInt16, "<i2", 2, lowest<std::int16_t>(), highest<std::int16_t>()},
    DtypeRow{Dtype::kUint32, "<u4", 4, 0, highest<std::uint32_t>()},
    DtypeRow{Dtype::kInt32, "<i4", 4, lowest<std::int32_t>(), highest<std::int32_t>()},
    DtypeRow{Dtype::kInt64, "<i8", 8, lowest<std::int64_t>(), highest<std::int64_t>()},
    DtypeRow{Dtype::kFloat64, "<f8", 8, 0, -1},
};

constexpr std::array<std::string_view, 4> kKinds = {"number", "boolean", "label", "instant"};

const DtypeRow& row_of(Dtype dtype) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(),
                       [&](const DtypeRow& row) { return row.dtype == dtype; });
}

}  // namespace

std::string_view kind_name(ColumnKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view dtype_name(Dtype dtype) { return row_of(dtype).name; }
std::size_t dtype_bytes(Dtype dtype) { return row_of(dtype).bytes; }

Result<ColumnKind> parse_kind(std::string_view name) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) return corrupt(fmt::format("unknown column kind '{}'", name));
  return static_cast<ColumnKind>(found - kKinds.begin());
}

Result<Dtype> parse_dtype(std::string_view name) {
  const auto found = std::find_if(kDtypes.begin(), kDtypes.end(),
                                  [&](const DtypeRow& row) { return row.name == name; });
  if (found == kDtypes.end()) return corrupt(fmt::format("unknown column type '{}'", name));
  return found->dtype;
}

Dtype narrowest_dtype(std::int64_t minimum, std::int64_t maximum) {
  return std::find_if(
             kDtypes.begin(), kDtypes.end(),
             [&](const DtypeRow& row) { return minimum >= row.minimum && maximum <= row.maximum; })
      ->dtype;
}

std::uint32_t Labels::code_of(std::string_view label) const {
  std::size_t low = 0;
  std::size_t high = size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (at(middle) < label)
      low = middle + 1;
    else
      high = middle;
  }
  return low < size() && at(low) == label ? static_cast<std::uint32_t>(low + 1) : 0;
}

std::int64_t Column::stored_at(std::size_t row) const {
  return with_values(dtype, data,
                     [row](const auto* values) { return static_cast<std::int64_t>(values[row]); });
}

double Column::number_at(std::size_t row) const {
  if (valid != nullptr && valid[row] == 0) return std::numeric_limits<double>::quiet_NaN();
  if (dtype == Dtype::kFloat64) return static_cast<const double*>(data)[row];
  return static_cast<double>(stored_at(row)) / divisor;
}

std::int64_t Column::stored_threshold(Instant instant) const {
  if (instant <= base) return 0;
  const std::int64_t distance = instant - base;
  const std::int64_t threshold = distance / unit + (distance % unit != 0 ? 1 : 0);
  const std::int64_t largest = row_of(dtype).maximum;
  return dtype == Dtype::kInt64 ? threshold : std::min(threshold, largest + 1);
}

}  // namespace descant::timelines
