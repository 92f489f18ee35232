// SPDX-License-Identifier: Apache-2.0
#pragma once

// manifest.json: the one file that says what is current. It names every file of the store with its
// size and checksum; files are immutable and live in folders of their version, so replacing the
// manifest is what publishes a refresh. Tables hold a list of store segments, because later batches
// add segments; a full build makes one.

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"

namespace descant::timelines {

struct FileEntry {
  std::string path;   // relative to the store
  std::string dtype;  // NumPy's
  std::uint64_t rows = 0;
  std::string checksum;  // XXH3, 16 hexadecimal digits
};

struct ColumnEntry {
  std::string name;
  std::string kind;  // number | boolean | label | instant
  double divisor = 1;
  std::int64_t base = 0;
  std::int64_t unit = 1;
  std::string expression_hash;
  FileEntry values;
  std::optional<FileEntry> valid;        // present when there are nulls
  std::optional<FileEntry> label_bytes;  // labels only
  std::optional<FileEntry> label_offsets;
};

struct SegmentEntry {
  std::uint64_t rows = 0;
  std::int64_t first = 0;  // instants; 0 without a timestamp
  std::int64_t last = 0;
  FileEntry entities;  // ids present, ascending
  FileEntry offsets;   // first row of each, and the end
  std::vector<ColumnEntry> columns;
};

// Rows the build left out, or values it took as missing, by reason.
struct LeftOutRows {
  std::uint64_t null_key = 0;
  std::uint64_t null_timestamp = 0;
  std::uint64_t timestamp_out_of_range = 0;  // before 1970 or from 2100 on
  std::uint64_t null_label = 0;              // assignments without experiment or variant
  std::uint64_t non_finite_values = 0;       // NaN or infinite, taken as missing
  std::uint64_t duplicate_entities = 0;      // dimension tables: rows beyond the first of a key
  std::uint64_t duplicate_rows = 0;          // fact tables: rows equal in every stored column, kept
};

struct TableEntry {
  std::string name;
  std::string kind;  // fact_table | assignment_table | dimension_table
  std::string entity;
  std::string source;  // as written
  std::string definition_hash;
  std::string order_hash;       // of what decides the rows and their order
  std::uint64_t tied_rows = 0;  // rows that only their other columns tell apart
  std::string source_fingerprint;
  std::int64_t refreshed = 0;  // instant
  std::uint64_t source_rows = 0;
  LeftOutRows left_out;
  std::vector<SegmentEntry> segments;
};

struct EntityEntry {
  std::string name;
  std::string key_type;  // integer | string
  std::uint64_t count = 0;
  std::optional<FileEntry> integer_keys;  // by id
  std::optional<FileEntry> key_bytes;
  std::optional<FileEntry> key_offsets;
};

struct Manifest {
  std::int64_t format = 1;
  std::uint64_t version = 0;  // grows by one with each publish
  std::vector<EntityEntry> entities;
  std::vector<TableEntry> tables;
};

void describe(Describer& d, Manifest& manifest);

Result<Manifest> parse_manifest(std::string_view text, const std::string& path);
std::string write_manifest(const Manifest& manifest);

// What was left out of a table, a warning for each reason.
Warnings left_out_warnings(const TableEntry& table);

// Every file the manifest names.
std::vector<const FileEntry*> files_of(const Manifest& manifest);

const TableEntry* find_table(const Manifest& manifest, std::string_view name);
const EntityEntry* find_entity(const Manifest& manifest, std::string_view name);

}  // namespace descant::timelines
