// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes columns held in memory to a Parquet file, batch by batch, without keeping the whole table:
// rows appear in the file in the order given. Used by the simulator; the file is complete only
// after finish() and is put in place by a rename, so a half-written one is never seen.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace descant::warehouse {

// SQL types written: BOOLEAN, INTEGER, BIGINT, DOUBLE, TIMESTAMP WITH TIME ZONE (microseconds),
// DATE (days), VARCHAR from codes into labels (written dictionary-coded).
enum class WriteType { kBool, kInt32, kInt64, kDouble, kInstant, kDate, kLabel };

struct WriteColumn {
  std::string name;
  WriteType type = WriteType::kInt64;
  std::vector<std::string> labels;  // kLabel only; a code is an index into it
};

// Values of one column of a batch, in the memory type of its WriteType: kBool uint8, kInt32, kDate
// and kLabel int32 (a negative label code is null), kInt64 and kInstant int64, kDouble double.
using WriteValues = std::variant<std::span<const std::uint8_t>, std::span<const std::int32_t>,
                                 std::span<const std::int64_t>, std::span<const double>>;

class TableWriter {
 public:
  static Result<TableWriter> open(const std::string& path, std::vector<WriteColumn> columns);
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;
  ~TableWriter();  // an unfinished file is removed

  Result<void> append(std::span<const WriteValues> columns);
  Result<void> finish();

 private:
  struct State;
  explicit TableWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace descant::warehouse
