// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a column of a timeline is kept: a NumPy file of the narrowest type that loses nothing. A
// number is `stored / divisor` (a divisor of 60000 keeps ms_played / 60000.0 as whole
// milliseconds, so sums are exact) or a plain double; an instant is `base + stored * unit`
// microseconds; a label is a code into sorted labels, 0 standing for null; a boolean is 0 or 1.
// Null numbers are stored as 0 and have a 0 in `valid`.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "base/result.h"

namespace descant::timelines {

enum class ColumnKind { kNumber, kBoolean, kLabel, kInstant };
enum class Dtype { kUint8, kUint16, kUint32, kInt8, kInt16, kInt32, kInt64, kFloat64 };

std::string_view kind_name(ColumnKind kind);
std::string_view dtype_name(Dtype dtype);  // as NumPy writes it, such as "<u4"
Result<ColumnKind> parse_kind(std::string_view name);
Result<Dtype> parse_dtype(std::string_view name);
std::size_t dtype_bytes(Dtype dtype);

// The narrowest type that holds both; int64 when nothing narrower does.
Dtype narrowest_dtype(std::int64_t minimum, std::int64_t maximum);

// Labels in ascending byte order; code i + 1 is the i-th. `bytes` and `offsets` (count + 1 of them)
// are views into a mapped file.
struct Labels {
  std::span<const char> bytes;
  std::span<const std::uint64_t> offsets;

  std::size_t size() const { return offsets.empty() ? 0 : offsets.size() - 1; }
  std::string_view at(std::size_t i) const {
    return {bytes.data() + offsets[i], offsets[i + 1] - offsets[i]};
  }
  // The code of a label; 0 when it does not occur.
  std::uint32_t code_of(std::string_view label) const;
};

// Calls use(values) with the column's data as a pointer of its own type, so that a loop over rows
// decides once.
template <class Use>
auto with_values(Dtype dtype, const void* data, const Use& use) {
  switch (dtype) {
    case Dtype::kUint8:
      return use(static_cast<const std::uint8_t*>(data));
    case Dtype::kUint16:
      return use(static_cast<const std::uint16_t*>(data));
    case Dtype::kUint32:
      return use(static_cast<const std::uint32_t*>(data));
    case Dtype::kInt8:
      return use(static_cast<const std::int8_t*>(data));
    case Dtype::kInt16:
      return use(static_cast<const std::int16_t*>(data));
    case Dtype::kInt32:
      return use(static_cast<const std::int32_t*>(data));
    case Dtype::kInt64:
      return use(static_cast<const std::int64_t*>(data));
    case Dtype::kFloat64:
      break;
  }
  return use(static_cast<const double*>(data));
}

// A mapped column: `rows` values of `dtype` at `data`.
struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::kNumber;
  Dtype dtype = Dtype::kUint8;
  std::size_t rows = 0;
  const void* data = nullptr;
  const std::uint8_t* valid = nullptr;  // one byte a row; null when every row has a value
  double divisor = 1;
  Instant base = 0;
  std::int64_t unit = 1;
  Labels labels;

  double number_at(std::size_t row) const;        // kNumber, kBoolean; NaN when null
  std::int64_t stored_at(std::size_t row) const;  // the integer as stored; not for float64
  Instant instant_at(std::size_t row) const { return base + stored_at(row) * unit; }

  // The smallest stored time that is not before `instant`, so that t >= instant is the same as
  // stored >= threshold. Clamped to [0, the largest value of dtype + 1].
  std::int64_t stored_threshold(Instant instant) const;
};

}  // namespace descant::timelines
