// SPDX-License-Identifier: Apache-2.0
#include "timelines/manifest.h"

#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "timelines/manifest_check.h"

namespace descant::timelines {
namespace {

constexpr std::int64_t kFormat = 1;

}  // namespace

void describe(Describer& d, FileEntry& file) {
  d.field(file.path, {.name = "path", .required = true});
  d.field(file.dtype, {.name = "dtype", .required = true});
  d.field(file.rows, {.name = "rows", .required = true});
  d.field(file.checksum, {.name = "checksum", .required = true});
}

void describe(Describer& d, ColumnEntry& column) {
  d.field(column.name, {.name = "name", .required = true});
  d.field(column.kind, {.name = "kind", .required = true});
  d.field(column.divisor, {.name = "divisor"});
  d.field(column.base, {.name = "base"});
  d.field(column.unit, {.name = "unit"});
  d.field(column.expression_hash, {.name = "expression_hash"});
  d.field(column.values, {.name = "values", .required = true});
  d.field(column.valid, {.name = "valid", .omit_when_empty = true});
  d.field(column.label_bytes, {.name = "label_bytes", .omit_when_empty = true});
  d.field(column.label_offsets, {.name = "label_offsets", .omit_when_empty = true});
}

void describe(Describer& d, SegmentEntry& segment) {
  d.field(segment.rows, {.name = "rows", .required = true});
  d.field(segment.first, {.name = "first"});
  d.field(segment.last, {.name = "last"});
  d.field(segment.entities, {.name = "entities", .required = true});
  d.field(segment.offsets, {.name = "offsets", .required = true});
  d.field(segment.columns, {.name = "columns", .required = true});
}

void describe(Describer& d, LeftOutRows& rows) {
  d.field(rows.null_key, {.name = "null_key"});
  d.field(rows.null_timestamp, {.name = "null_timestamp"});
  d.field(rows.timestamp_out_of_range, {.name = "timestamp_out_of_range"});
  d.field(rows.null_label, {.name = "null_label"});
  d.field(rows.non_finite_values, {.name = "non_finite_values"});
  d.field(rows.duplicate_entities, {.name = "duplicate_entities"});
  d.field(rows.duplicate_rows, {.name = "duplicate_rows"});
}

void describe(Describer& d, TableEntry& table) {
  d.field(table.name, {.name = "name", .required = true});
  d.field(table.kind, {.name = "kind", .required = true});
  d.field(table.entity, {.name = "entity", .required = true});
  d.field(table.source, {.name = "source"});
  d.field(table.definition_hash, {.name = "definition_hash", .required = true});
  d.field(table.order_hash, {.name = "order_hash"});
  d.field(table.tied_rows, {.name = "tied_rows"});
  d.field(table.source_fingerprint, {.name = "source_fingerprint", .required = true});
  d.field(table.refreshed, {.name = "refreshed"});
  d.field(table.source_rows, {.name = "source_rows"});
  d.field(table.left_out, {.name = "left_out"});
  d.field(table.segments, {.name = "segments", .required = true});
}

void describe(Describer& d, EntityEntry& entity) {
  d.field(entity.name, {.name = "name", .required = true});
  d.field(entity.key_type, {.name = "key_type", .required = true});
  d.field(entity.count, {.name = "count", .required = true});
  d.field(entity.integer_keys, {.name = "integer_keys", .omit_when_empty = true});
  d.field(entity.key_bytes, {.name = "key_bytes", .omit_when_empty = true});
  d.field(entity.key_offsets, {.name = "key_offsets", .omit_when_empty = true});
}

void describe(Describer& d, Manifest& manifest) {
  d.field(manifest.format, {.name = "format", .required = true});
  d.field(manifest.version, {.name = "version", .required = true});
  d.field(manifest.entities, {.name = "entities", .required = true});
  d.field(manifest.tables, {.name = "tables", .required = true});
}

Result<Manifest> parse_manifest(std::string_view text, const std::string& path) {
  constexpr std::string_view kHint = "Run `descant refresh --force` to build the timelines anew.";
  auto json = parse_json(text, path);
  if (!json)
    return corrupt("the manifest is damaged: " + json.error().message, path, std::string(kHint));
  if (json->is_object() && json->contains("format") && (*json)["format"] != kFormat)
    return corrupt("the timelines were written by another version of Descant", path,
                   std::string(kHint));
  auto manifest = from_json<Manifest>(*json);
  Result<void> checked;
  if (manifest) checked = check_manifest(*manifest);
  const Error* wrong = !manifest ? &manifest.error() : !checked ? &checked.error() : nullptr;
  if (wrong != nullptr)
    return corrupt(fmt::format("the manifest is damaged: {} ({})", wrong->message, wrong->where),
                   path, std::string(kHint));
  return manifest;
}

std::string write_manifest(const Manifest& manifest) {
  return write_json(to_json_document(manifest), 1) + "\n";
}

Warnings left_out_warnings(const TableEntry& table) {
  Warnings warnings;
  const auto add = [&](std::uint64_t count, const char* code, const std::string& what) {
    if (count > 0)
      warnings.push_back({code, table.name, fmt::format("{} {}", format_count(count), what)});
  };
  const LeftOutRows& rows = table.left_out;
  add(rows.null_key, "null_key", "rows without a key are left out");
  add(rows.null_timestamp, "null_timestamp", "rows without a timestamp are left out");
  add(rows.timestamp_out_of_range, "timestamp_out_of_range",
      "rows with a timestamp before 1970 or from 2100 on are left out");
  add(rows.null_label, "null_label", "rows without experiment or variant are left out");
  add(rows.non_finite_values, "non_finite_values",
      "values were NaN or infinite and count as missing");
  add(rows.duplicate_entities, "duplicate_entities",
      "rows repeat a key; only the first row of each key is kept");
  add(rows.duplicate_rows, "duplicate_rows",
      "rows equal another one in every stored column; they are kept");
  return warnings;
}

std::vector<const FileEntry*> files_of(const Manifest& manifest) {
  std::vector<const FileEntry*> files;
  const auto add = [&](const std::optional<FileEntry>& file) {
    if (file) files.push_back(&*file);
  };
  for (const auto& entity : manifest.entities) {
    add(entity.integer_keys);
    add(entity.key_bytes);
    add(entity.key_offsets);
  }
  for (const auto& table : manifest.tables)
    for (const auto& segment : table.segments) {
      files.push_back(&segment.entities);
      files.push_back(&segment.offsets);
      for (const auto& column : segment.columns) {
        files.push_back(&column.values);
        add(column.valid);
        add(column.label_bytes);
        add(column.label_offsets);
      }
    }
  return files;
}

const TableEntry* find_table(const Manifest& manifest, std::string_view name) {
  for (const auto& table : manifest.tables)
    if (table.name == name) return &table;
  return nullptr;
}

const EntityEntry* find_entity(const Manifest& manifest, std::string_view name) {
  for (const auto& entity : manifest.entities)
    if (entity.name == name) return &entity;
  return nullptr;
}

}  // namespace descant::timelines
