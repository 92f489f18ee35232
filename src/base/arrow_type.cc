// SPDX-License-Identifier: Apache-2.0
#include "base/arrow_type.h"

#include <charconv>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace descant {

namespace {

struct Plain {
  ArrowKind kind;
  const char* name;
  int bits;
};

// Format strings of one letter or a fixed few, as the Arrow C data interface lists them.
const std::map<std::string_view, Plain>& plain_formats() {
  static const std::map<std::string_view, Plain> formats = {
      {"n", {ArrowKind::kNull, "null", 0}},       {"b", {ArrowKind::kBool, "bool", 1}},
      {"c", {ArrowKind::kInt8, "int8", 8}},       {"C", {ArrowKind::kUint8, "uint8", 8}},
      {"s", {ArrowKind::kInt16, "int16", 16}},    {"S", {ArrowKind::kUint16, "uint16", 16}},
      {"i", {ArrowKind::kInt32, "int32", 32}},    {"I", {ArrowKind::kUint32, "uint32", 32}},
      {"l", {ArrowKind::kInt64, "int64", 64}},    {"L", {ArrowKind::kUint64, "uint64", 64}},
      {"e", {ArrowKind::kHalf, "float16", 16}},   {"f", {ArrowKind::kFloat, "float32", 32}},
      {"g", {ArrowKind::kDouble, "float64", 64}}, {"u", {ArrowKind::kText32, "text", 0}},
      {"U", {ArrowKind::kText64, "text", 0}},     {"vu", {ArrowKind::kTextView, "text", 0}},
      {"tdD", {ArrowKind::kDate, "date", 32}},    {"tdm", {ArrowKind::kDateTime, "date64", 64}},
      {"z", {ArrowKind::kOther, "binary", 0}},    {"Z", {ArrowKind::kOther, "binary", 0}},
      {"vz", {ArrowKind::kOther, "binary", 0}},   {"+l", {ArrowKind::kOther, "list", 0}},
      {"+L", {ArrowKind::kOther, "list", 0}},     {"+s", {ArrowKind::kOther, "struct", 0}},
      {"+m", {ArrowKind::kOther, "map", 0}},      {"+r", {ArrowKind::kOther, "run-end encoded", 0}},
  };
  return formats;
}

std::int64_t units_of(char letter) {
  if (letter == 'm') return 1'000;
  if (letter == 'u') return 1'000'000;
  return letter == 'n' ? 1'000'000'000 : 1;
}

ArrowType timestamp_type(std::string_view format) {  // ts[smun]:ZONE
  const char letter = format[2];
  const auto colon = format.find(':');
  const std::string_view zone =
      colon == std::string_view::npos ? std::string_view() : format.substr(colon + 1);
  ArrowType type;
  type.kind = ArrowKind::kDateTime;
  type.bits = 64;
  type.unit_per_second = units_of(letter);
  type.name = fmt::format("timestamp[{}{}{}{}]", letter, letter == 's' ? "" : "s",
                          zone.empty() ? "" : ", ", zone);
  return type;
}

ArrowType decimal_type(std::string_view format) {  // d:PRECISION,SCALE or d:PRECISION,SCALE,BITS
  const auto parts = split(format.substr(2), ',');
  ArrowType type;
  if (parts.size() < 2) return type;
  type.bits = 128;
  const auto read = [](const std::string& text, int& out) {
    return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
  };
  if (!read(parts[1], type.scale) || (parts.size() > 2 && !read(parts[2], type.bits))) return type;
  type.name = fmt::format("decimal({}, {})", parts[0], type.scale);
  if (type.bits == 32 || type.bits == 64 || type.bits == 128 || type.bits == 256)
    type.kind = ArrowKind::kDecimal;
  return type;
}

}  // namespace

ArrowType arrow_type(const ArrowSchema& schema) {
  const std::string_view format = schema.format == nullptr ? "" : schema.format;
  ArrowType type;
  type.name = std::string(format);
  if (const auto plain = plain_formats().find(format); plain != plain_formats().end()) {
    type.kind = plain->second.kind;
    type.name = plain->second.name;
    type.bits = plain->second.bits;
    if (format == "tdm") type.unit_per_second = 1'000;
  } else if (format.starts_with("d:")) {
    type = decimal_type(format);
  } else if (format.starts_with("ts") && format.size() > 2) {
    type = timestamp_type(format);
  } else if (format.starts_with("tD")) {
    type.name = "duration";
  } else if (format.starts_with("tt")) {
    type.name = "time of day";
  }
  if (schema.dictionary != nullptr) {
    type.has_dictionary = true;
    type.values = std::make_shared<const ArrowType>(arrow_type(*schema.dictionary));
    type.name = fmt::format("dictionary of {}", type.values->name);
  }
  return type;
}

bool ArrowType::is_number() const {
  switch (decoded().kind) {
    case ArrowKind::kText32:
    case ArrowKind::kText64:
    case ArrowKind::kTextView:
    case ArrowKind::kDate:
    case ArrowKind::kDateTime:
    case ArrowKind::kOther:
      return false;
    default:
      return true;
  }
}

bool ArrowType::is_label() const {
  return decoded().kind != ArrowKind::kOther && decoded().kind != ArrowKind::kDecimal &&
         decoded().kind != ArrowKind::kHalf;
}

}  // namespace descant
