// SPDX-License-Identifier: Apache-2.0
#include "timelines/manifest_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "timelines/column.h"

namespace descant::timelines {
namespace {

constexpr std::uint64_t kMostCodes = std::numeric_limits<std::uint32_t>::max();

Result<void> require(bool holds, std::string_view what, const std::string& where) {
  if (!holds) return corrupt(std::string(what), where);
  return {};
}

template <class Entry>
Result<void> require_unique(const std::vector<Entry>& entries, const std::string& where) {
  std::set<std::string> names;
  for (const Entry& entry : entries)
    DESCANT_CHECK(require(names.insert(entry.name).second,
                          fmt::format("'{}' stands there twice", entry.name), where));
  return {};
}

// Folders and a file, each with a name of its own.
bool stays_in_store(std::string_view path) {
  constexpr std::size_t kLongest = 4000;
  if (path.size() > kLongest || path.find('\0') != std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return path.find('/') != std::string_view::npos;
}

Result<void> check_file(const FileEntry& file, std::string_view dtype, std::uint64_t rows,
                        const std::string& where) {
  DESCANT_CHECK(require(stays_in_store(file.path), "a file's path leads out of the store", where));
  DESCANT_CHECK(require(file.dtype == dtype, "a file has a type that does not fit", where));
  return require(file.rows == rows, "a file has a length that does not fit", where);
}

// Bytes of strings one after the other, and where each starts.
Result<void> check_strings(const std::optional<FileEntry>& bytes,
                           const std::optional<FileEntry>& offsets, const std::string& where) {
  DESCANT_CHECK(require(bytes && offsets, "strings lack a file", where));
  DESCANT_CHECK(check_file(*bytes, "|u1", bytes->rows, where));
  DESCANT_CHECK(check_file(*offsets, "<u8", offsets->rows, where));
  return require(offsets->rows >= 1 && offsets->rows - 1 <= kMostCodes,
                 "there are more strings than codes", where);
}

Result<void> check_entity(const EntityEntry& entity) {
  const std::string where = "entities." + entity.name;
  DESCANT_CHECK(require(entity.count <= kMostCodes, "there are more keys than ids", where));
  if (entity.key_type == "integer") {
    DESCANT_CHECK(require(entity.integer_keys.has_value(), "the keys lack a file", where));
    return check_file(*entity.integer_keys, "<i8", entity.count, where);
  }
  DESCANT_CHECK(require(entity.key_type == "string", "the keys have an unknown type", where));
  DESCANT_CHECK(check_strings(entity.key_bytes, entity.key_offsets, where));
  return require(entity.key_offsets->rows == entity.count + 1, "the keys are not as many as stated",
                 where);
}

bool fits(ColumnKind kind, Dtype dtype) {
  switch (kind) {
    case ColumnKind::kNumber:
      return true;
    case ColumnKind::kBoolean:
      return dtype == Dtype::kUint8;
    case ColumnKind::kLabel:
      return dtype == Dtype::kUint8 || dtype == Dtype::kUint16 || dtype == Dtype::kUint32;
    case ColumnKind::kInstant:
      return dtype == Dtype::kUint32 || dtype == Dtype::kInt64;
  }
  return false;
}

Result<void> check_column(const ColumnEntry& column, std::uint64_t rows, const std::string& where) {
  DESCANT_ASSIGN(const ColumnKind kind, parse_kind(column.kind));
  DESCANT_ASSIGN(const Dtype dtype, parse_dtype(column.values.dtype));
  DESCANT_CHECK(require(fits(kind, dtype), "the column's type does not fit its kind", where));
  DESCANT_CHECK(check_file(column.values, column.values.dtype, rows, where));
  DESCANT_CHECK(require(std::isfinite(column.divisor) && column.divisor >= 1,
                        "the divisor must be at least 1", where));
  DESCANT_CHECK(require(column.base >= 0 && column.base < kEndInstant && column.unit >= 1 &&
                            column.unit <= kEndInstant,
                        "base or unit are no instants", where));
  if (column.valid) DESCANT_CHECK(check_file(*column.valid, "|u1", rows, where));
  if (kind == ColumnKind::kLabel)
    return check_strings(column.label_bytes, column.label_offsets, where);
  return {};
}

Result<void> check_column_of_kind(const SegmentEntry& segment, std::size_t index,
                                  std::string_view kind, const std::string& where) {
  return require(index < segment.columns.size() && segment.columns[index].kind == kind,
                 fmt::format("column {} is not of kind {}", index + 1, kind), where);
}

Result<void> check_segment(const TableEntry& table, const SegmentEntry& segment,
                           const EntityEntry& entity) {
  const std::string where = "tables." + table.name;
  DESCANT_CHECK(
      check_file(segment.entities, "<u4", std::min(segment.entities.rows, entity.count), where));
  DESCANT_CHECK(check_file(segment.offsets, "<u8", segment.entities.rows + 1, where));
  DESCANT_CHECK(require_unique(segment.columns, where));
  for (const ColumnEntry& column : segment.columns) {
    auto checked = check_column(column, segment.rows, where + "." + column.name);
    if (!checked && checked.error().where.empty()) checked.error().where = where;
    if (!checked) return checked;
  }
  if (table.kind == "dimension_table") return {};
  DESCANT_CHECK(check_column_of_kind(segment, 0, kind_name(ColumnKind::kInstant), where));
  return require(segment.first >= 0 && segment.first <= segment.last && segment.last < kEndInstant,
                 "the first and the last timestamp are no span of time", where);
}

Result<void> check_table(const TableEntry& table, const Manifest& manifest) {
  const std::string where = "tables." + table.name;
  DESCANT_CHECK(require(table.kind == "fact_table" || table.kind == "assignment_table" ||
                            table.kind == "dimension_table",
                        fmt::format("unknown kind of table '{}'", table.kind), where));
  const EntityEntry* entity = find_entity(manifest, table.entity);
  DESCANT_CHECK(
      require(entity != nullptr, fmt::format("unknown entity '{}'", table.entity), where));
  for (const SegmentEntry& segment : table.segments)
    DESCANT_CHECK(check_segment(table, segment, *entity));
  return {};
}

}  // namespace

Result<void> check_manifest(const Manifest& manifest) {
  DESCANT_CHECK(require_unique(manifest.entities, "entities"));
  DESCANT_CHECK(require_unique(manifest.tables, "tables"));
  for (const EntityEntry& entity : manifest.entities) DESCANT_CHECK(check_entity(entity));
  for (const TableEntry& table : manifest.tables) DESCANT_CHECK(check_table(table, manifest));
  return {};
}

}  // namespace descant::timelines
