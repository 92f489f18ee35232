// SPDX-License-Identifier: Apache-2.0
#pragma once

// The type behind an Arrow schema's format string. A format that is unknown, or known but of no use
// for numbers and labels, is ArrowKind::kOther under its name; no format is an error here.

#include <cstdint>
#include <memory>
#include <string>

#include "base/arrow_c.h"

namespace descant {

// How a column's values lie in memory.
enum class ArrowKind {
  kNull,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kHalf,
  kFloat,
  kDouble,
  kText32,    // 32-bit offsets
  kText64,    // 64-bit offsets
  kTextView,  // 16-byte views
  kDate,      // days
  kDateTime,  // an integer of `unit_per_second`
  kDecimal,
  kOther,  // known to Arrow, of no use here
};

struct ArrowType {
  ArrowKind kind = ArrowKind::kOther;
  std::string name;  // for people: int64, text, timestamp[us, UTC]
  int bits = 0;      // of one value, where they are of one size
  int scale = 0;     // decimals
  std::int64_t unit_per_second = 1;
  bool has_dictionary = false;
  std::shared_ptr<const ArrowType> values;  // of a dictionary

  const ArrowType& decoded() const { return has_dictionary ? *values : *this; }
  bool is_number() const;  // numbers, true and false; a column of nothing but nulls too
  bool is_label() const;   // what can name an arm or a segment
};

ArrowType arrow_type(const ArrowSchema& schema);

}  // namespace descant
