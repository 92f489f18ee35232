// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the packed columns of a table's runs to one stored column: the type that fits all of them,
// its file, and the way a packed value becomes a stored one.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "timelines/column.h"
#include "timelines/manifest.h"
#include "timelines/run.h"

namespace descant::timelines {

class ColumnWriter {
 public:
  // Looks at all runs to settle type, divisor, unit and labels, and creates the files for `rows`
  // rows. `path` is the column's path without suffix, relative to `store`.
  static Result<ColumnWriter> create(const RunCollector& table, std::size_t column,
                                     std::uint64_t rows, const std::string& store,
                                     const std::string& path);

  // Unpacks the rows of one partition of one run to places[position[i]] of the stored type:
  // instants in stored units, numbers at the column's divisor, final label codes. `valid` likewise
  // when the column has nulls.
  void unpack(const Run& run, std::size_t partition, const std::uint32_t* position,
              std::byte* places, std::uint8_t* valid) const;

  bool has_nulls() const { return valid_file_.has_value(); }
  Dtype dtype() const { return dtype_; }

  // Writes rows [first, first + valid or places hold). Safe from several threads.
  Result<void> write(std::span<const std::byte> places, std::span<const std::uint8_t> valid,
                     std::uint64_t first) const;

  const ColumnEntry& entry() const { return entry_; }
  std::int64_t instant_of(std::int64_t stored) const { return entry_.base + stored * entry_.unit; }

 private:
  ColumnWriter() = default;
  void settle_numbers(const RunCollector& table);
  void settle_instants(const RunCollector& table);
  Result<void> settle_labels(const RunCollector& table, const std::string& store,
                             const std::string& path);

  std::size_t column_ = 0;
  RunKind kind_ = RunKind::kInteger;
  Dtype dtype_ = Dtype::kUint8;
  bool plain_doubles_ = false;
  std::uint8_t level_ = 0;
  std::vector<std::vector<std::uint32_t>> codes_;  // [writer][pool code + 1] -> stored code
  ColumnEntry entry_;
  std::optional<PositionedFile> file_;
  std::optional<PositionedFile> valid_file_;
};

}  // namespace descant::timelines
