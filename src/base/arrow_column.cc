// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/arrow_stream.h"
#include "base/calendar.h"

namespace descant {

namespace {

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits.
double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10U) & 31U;
  const double fraction = bits & 1023U;
  const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return kMissing;  // infinite or NaN, both missing here
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024.0 + fraction, exponent - 25);
}

// A two's complement integer of 32-bit words, least significant first.
double wide_value(const std::uint32_t* words, int count) {
  const bool negative = (words[count - 1] >> 31U) != 0;
  long double value = 0;
  long double place = 1;
  std::uint64_t carry = 1;
  for (int i = 0; i < count; ++i, place *= 4294967296.0L) {
    std::uint64_t word = words[i];
    if (negative) {
      word = (~word & 0xFFFFFFFFU) + carry;
      carry = word >> 32U;
      word &= 0xFFFFFFFFU;
    }
    value += place * static_cast<long double>(word);
  }
  return static_cast<double>(negative ? -value : value);
}

template <class T>
T at(const void* buffer, std::size_t row) {
  T value;
  std::memcpy(&value, static_cast<const std::uint8_t*>(buffer) + row * sizeof(T), sizeof(T));
  return value;
}

double finite_or_missing(double value) { return std::isfinite(value) ? value : kMissing; }

}  // namespace

Result<ArrowColumn> ArrowColumn::of(const ArrowBatch& batch, std::size_t column,
                                    const ArrowField& field) {
  const ArrowArray& rows = batch.array();
  const ArrowArray* child = rows.children[column];
  const auto skipped = static_cast<std::size_t>(rows.offset);
  if (child == nullptr || child->length < rows.offset + rows.length)
    return invalid_data(fmt::format("the column '{}' is shorter than its batch", field.name),
                        field.name);
  return view(*child, field.type, field.name, skipped, batch.rows());
}

Result<ArrowColumn> ArrowColumn::view(const ArrowArray& array, const ArrowType& type,
                                      const std::string& name, std::size_t offset,
                                      std::size_t size) {
  ArrowColumn column;
  column.type_ = type;
  column.size_ = size;
  column.offset_ = offset + static_cast<std::size_t>(array.offset);
  column.array_ = &array;
  if (array.null_count != 0 && array.n_buffers > 0 && type.kind != ArrowKind::kNull)
    column.validity_ = static_cast<const std::uint8_t*>(array.buffers[0]);
  DESCANT_CHECK(column.check_layout(name));
  if (type.has_dictionary) {
    if (array.dictionary == nullptr)
      return invalid_data(fmt::format("the column '{}' has codes without values", name), name);
    DESCANT_ASSIGN(auto values, view(*array.dictionary, *type.values, name, 0,
                                     static_cast<std::size_t>(array.dictionary->length)));
    column.dictionary_ = std::make_shared<ArrowColumn>(std::move(values));
  }
  return column;
}

// Whether the buffers that reading needs are there.
Result<void> ArrowColumn::check_layout(const std::string& name) const {
  std::int64_t needed = 2;
  if (type_.kind == ArrowKind::kNull || type_.kind == ArrowKind::kOther) needed = 0;
  if (type_.kind == ArrowKind::kText32 || type_.kind == ArrowKind::kText64) needed = 3;
  bool there = array_->n_buffers >= needed;
  if (there && needed > 0 && size_ > 0) there = array_->buffers[1] != nullptr;
  if (there) return {};
  return invalid_data(fmt::format("the column '{}' lacks buffers of its type {}", name, type_.name),
                      name);
}

std::span<const double> ArrowColumn::plain_doubles() const {
  if (type_.kind != ArrowKind::kDouble || type_.has_dictionary || has_nulls() || size_ == 0)
    return {};
  return {static_cast<const double*>(array_->buffers[1]) + offset_, size_};
}

std::int64_t ArrowColumn::integer(std::size_t row) const {
  const void* data = array_->buffers[1];
  const std::size_t place = offset_ + row;
  switch (type_.kind) {
    case ArrowKind::kBool:
      return (static_cast<const std::uint8_t*>(data)[place / 8] >> (place % 8)) & 1U;
    case ArrowKind::kInt8:
      return at<std::int8_t>(data, place);
    case ArrowKind::kUint8:
      return at<std::uint8_t>(data, place);
    case ArrowKind::kInt16:
      return at<std::int16_t>(data, place);
    case ArrowKind::kUint16:
      return at<std::uint16_t>(data, place);
    case ArrowKind::kInt32:
    case ArrowKind::kDate:
      return at<std::int32_t>(data, place);
    case ArrowKind::kUint32:
      return at<std::uint32_t>(data, place);
    default:
      return at<std::int64_t>(data, place);
  }
}

double ArrowColumn::number(std::size_t row) const {
  const void* data = type_.kind == ArrowKind::kNull ? nullptr : array_->buffers[1];
  const std::size_t place = offset_ + row;
  switch (type_.kind) {
    case ArrowKind::kNull:
      return kMissing;
    case ArrowKind::kHalf:
      return half_value(at<std::uint16_t>(data, place));
    case ArrowKind::kFloat:
      return finite_or_missing(static_cast<double>(at<float>(data, place)));
    case ArrowKind::kDouble:
      return finite_or_missing(at<double>(data, place));
    case ArrowKind::kUint64:
      return static_cast<double>(at<std::uint64_t>(data, place));
    case ArrowKind::kDecimal: {
      std::array<std::uint32_t, 8> words{};
      const auto bytes = static_cast<std::size_t>(type_.bits / 8);
      std::memcpy(words.data(), static_cast<const std::uint8_t*>(data) + place * bytes, bytes);
      return wide_value(words.data(), type_.bits / 32) / std::pow(10.0, type_.scale);
    }
    default:
      return static_cast<double>(integer(row));
  }
}

// The loop that most columns take, with nothing to decide inside.
template <class T>
void ArrowColumn::append_as(std::vector<double>& out) const {
  const T* values = static_cast<const T*>(array_->buffers[1]) + offset_;
  const std::size_t begin = out.size();
  out.insert(out.end(), values, values + size_);
  double* written = out.data() + begin;
  if constexpr (std::is_floating_point_v<T>) {
    for (std::size_t row = 0; row < size_; ++row) written[row] = finite_or_missing(written[row]);
  }
  if (!has_nulls()) return;
  for (std::size_t row = 0; row < size_; ++row)
    if (!valid(row)) written[row] = kMissing;
}

void ArrowColumn::append_doubles(std::vector<double>& out) const {
  if (size_ == 0) return;
  if (!type_.has_dictionary) {
    if (type_.kind == ArrowKind::kDouble) return append_as<double>(out);
    if (type_.kind == ArrowKind::kFloat) return append_as<float>(out);
    if (type_.kind == ArrowKind::kInt64) return append_as<std::int64_t>(out);
    if (type_.kind == ArrowKind::kInt32) return append_as<std::int32_t>(out);
    if (type_.kind == ArrowKind::kUint8) return append_as<std::uint8_t>(out);
    for (std::size_t row = 0; row < size_; ++row)
      out.push_back(valid(row) ? number(row) : kMissing);
    return;
  }
  std::vector<double> values;
  dictionary_->append_doubles(values);
  for (std::size_t row = 0; row < size_; ++row) {
    const std::size_t place = valid(row) ? code(row) : values.size();
    out.push_back(place < values.size() ? values[place] : kMissing);
  }
}

std::size_t ArrowColumn::code(std::size_t row) const {
  return static_cast<std::size_t>(integer(row));  // a negative one is above every dictionary
}

std::string_view ArrowColumn::text(std::size_t row) const {
  const std::size_t place = offset_ + row;
  const void* data = array_->buffers[1];
  if (type_.kind == ArrowKind::kTextView) {
    const auto* view = static_cast<const char*>(data) + place * 16;
    const auto length = static_cast<std::size_t>(at<std::int32_t>(view, 0));
    if (length <= 12) return {view + 4, length};
    const auto buffer = static_cast<std::size_t>(at<std::int32_t>(view, 2));
    const auto start = static_cast<std::size_t>(at<std::int32_t>(view, 3));
    return {static_cast<const char*>(array_->buffers[2 + buffer]) + start, length};
  }
  const auto offset_at = [&](std::size_t i) {
    return type_.kind == ArrowKind::kText32 ? static_cast<std::int64_t>(at<std::int32_t>(data, i))
                                            : at<std::int64_t>(data, i);
  };
  const std::int64_t begin = offset_at(place);
  const std::int64_t end = offset_at(place + 1);
  if (begin == end) return {};
  return {static_cast<const char*>(array_->buffers[2]) + begin,
          static_cast<std::size_t>(end - begin)};
}

bool ArrowColumn::missing(std::size_t row) const {
  if (!valid(row) || type_.kind == ArrowKind::kNull) return true;
  const bool is_float = type_.kind == ArrowKind::kFloat || type_.kind == ArrowKind::kDouble;
  return is_float && !has_dictionary() && std::isnan(number(row));
}

std::string_view ArrowColumn::key(std::size_t row, std::uint64_t& scratch) const {
  switch (type_.kind) {
    case ArrowKind::kText32:
    case ArrowKind::kText64:
    case ArrowKind::kTextView:
      return text(row);
    case ArrowKind::kFloat:
    case ArrowKind::kDouble:
      scratch = std::bit_cast<std::uint64_t>(number(row) + 0.0);  // one zero, not two
      break;
    default:
      scratch = type_.kind == ArrowKind::kNull ? 0 : static_cast<std::uint64_t>(integer(row));
  }
  return {reinterpret_cast<const char*>(&scratch), sizeof(scratch)};
}

std::string ArrowColumn::label(std::string_view key) const {
  std::int64_t value = 0;
  if (key.size() == sizeof(value)) std::memcpy(&value, key.data(), sizeof(value));
  switch (type_.kind) {
    case ArrowKind::kText32:
    case ArrowKind::kText64:
    case ArrowKind::kTextView:
      return std::string(key);
    case ArrowKind::kBool:
      return value != 0 ? "true" : "false";
    case ArrowKind::kFloat:
    case ArrowKind::kDouble:
      return fmt::format("{}", std::bit_cast<double>(value));
    case ArrowKind::kUint64:
      return fmt::format("{}", static_cast<std::uint64_t>(value));
    case ArrowKind::kDate:
      return format_date(static_cast<Date>(value));
    case ArrowKind::kDateTime: {
      const std::int64_t units = type_.unit_per_second;
      if (std::abs(value / units) > kLastSecond) return fmt::format("{} {}", value, type_.name);
      const bool is_finer = units > 1'000'000;
      return format_instant(is_finer ? value / (units / 1'000'000) : value * (1'000'000 / units));
    }
    default:
      return fmt::format("{}", value);
  }
}

}  // namespace descant
