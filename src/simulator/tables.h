// SPDX-License-Identifier: Apache-2.0
#pragma once

// The simulated tables as Parquet files below a project's folder: data/plays/plays-YYYY-MM.parquet
// in time order, data/listeners.parquet, data/assignments.parquet. Columns are described in
// README.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/planted/planted.h"
#include "simulator/sessions.h"
#include "warehouse/table_writer.h"

namespace descant::simulator {

enum class KeyKind { kInteger, kSparse, kString };
Result<KeyKind> parse_key_kind(std::string_view name);

// Turns listeners into their keys in tables.
class KeyColumn {
 public:
  KeyColumn(KeyKind kind, std::uint64_t seed, std::size_t listeners);
  warehouse::WriteColumn column() const;
  std::int64_t code(std::uint32_t listener) const;  // the value, or the label's index
  bool is_label() const { return kind_ == KeyKind::kString; }

 private:
  KeyKind kind_;
  std::uint64_t seed_;
  std::size_t listeners_;
};

// Relative paths of the files that the tables of a period will be.
std::vector<std::string> table_files(Period period);

// Appends days of plays, in order, to one file for each month.
class PlayTable {
 public:
  PlayTable(const World& world, std::string folder, KeyColumn keys, std::size_t threads);
  Result<void> append_day(std::uint32_t day, std::span<const Play> plays);
  Result<void> finish();
  std::uint64_t rows() const { return rows_; }

 private:
  Result<void> open(const std::string& path);

  const World& world_;
  std::string folder_;
  KeyColumn keys_;
  std::size_t threads_;
  std::string path_;
  std::optional<warehouse::TableWriter> writer_;
  std::uint64_t rows_ = 0;
};

Result<void> write_listeners(const World& world, const std::string& folder, const KeyColumn& keys);

// All assignments in time order; returns how many.
Result<std::uint64_t> write_assignments(const World& world, const PlantedList& planted,
                                        const std::string& folder, const KeyColumn& keys);

}  // namespace descant::simulator
