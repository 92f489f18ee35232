// SPDX-License-Identifier: Apache-2.0
#pragma once

// First half of a build: batches of the source, in any order and on any thread, become runs. A run
// holds up to kRunRows rows of one thread, grouped by the partition of their entity, each column
// packed to the width its values need there. Rows without key or with an impossible timestamp are
// left out and counted here, so that everything later may trust them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "timelines/column.h"
#include "timelines/entity_key.h"
#include "timelines/kernels/pack.h"
#include "timelines/manifest.h"
#include "timelines/string_pool.h"
#include "warehouse/warehouse.h"

namespace descant::timelines {

enum class RunKind { kIntegerKey, kStringKey, kInstant, kInteger, kDouble, kBoolean, kLabel };

struct RunColumn {
  std::string name;
  RunKind kind = RunKind::kInteger;
  bool null_leaves_row_out = false;  // labels an assignment cannot do without
};

// Doubles are kept as whole multiples of 1 / kDivisors[level] at the lowest level that reproduces
// every one exactly; each divisor divides the next, so the level of many values is the largest of
// theirs, whatever way they are split. kPlainDoubles: no level does.
constexpr double kDivisors[] = {1, 10, 100, 1000, 60'000, 3'600'000, 36'000'000};
constexpr std::uint8_t kPlainDoubles = 7;
// Likewise for instants: the largest unit that divides every one.
constexpr std::int64_t kInstantUnits[] = {kMicrosecondsPerSecond, 1000, 1};

struct PackedColumn {
  const std::byte* data = nullptr;
  const std::uint8_t* valid = nullptr;  // null when every row has a value
  std::uint8_t width = 1;               // bytes: 1, 2, 4 or 8
  std::uint8_t level = 0;               // of doubles and instants
  std::int64_t base = 0;                // value = base + packed (not for plain doubles)
  std::int64_t minimum = 0;             // of the integers kept, at this level
  std::int64_t maximum = 0;
};

struct Run {
  std::uint32_t rows = 0;
  std::uint32_t writer = 0;           // whose string pools its codes belong to
  Instant first = 0;                  // earliest timestamp, to gather runs in about time order
  std::vector<std::uint32_t> starts;  // first row of each partition, and the end
  std::vector<PackedColumn> columns;
};

// The rows of an ordinary Parquet row group: a run is then what one thread read in one go, and runs
// of a time-ordered log do not overlap in time.
constexpr std::size_t kRunRows = 122'880;

// Memory that is only ever given back as a whole; asks for huge pages, which the random writes of
// packing need.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();
  std::byte* take(std::size_t bytes);  // null when there is no memory

 private:
  struct Block {
    void* data;
    std::size_t bytes;
  };
  std::vector<Block> blocks_;
  std::byte* free_ = nullptr;
  std::size_t left_ = 0;
};

// One thread's rows on their way into runs.
class RunWriter {
 public:
  RunWriter(const std::vector<RunColumn>& columns, std::uint32_t index);
  Result<void> append(const warehouse::Batch& batch);
  Result<void> flush();

  const StringPool& pool(std::size_t column) const { return pools_[column]; }
  const LeftOutRows& left_out() const { return left_out_; }
  std::vector<Run>& runs() { return runs_; }

 private:
  // Short labels met lately, by their bytes: most rows find theirs here without hashing it.
  static constexpr unsigned kRecentLabelBits = 8;
  static constexpr std::size_t kRecentLabels = std::size_t{1} << kRecentLabelBits;
  struct RecentLabel {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::int64_t code = 0;
  };
  struct Staged {
    std::vector<std::int64_t> wide;  // integers, instants, keys, bits of doubles, codes
    std::vector<std::uint8_t> valid;
    bool has_nulls = false;
    std::uint8_t level = 0;  // of doubles: the highest met so far by this writer
    std::vector<RecentLabel> recent;
  };
  bool select_rows(const warehouse::Batch& batch);
  bool leaves_a_gap() const;
  void stage(const warehouse::ColumnBatch& from, std::size_t column, std::size_t rows);
  bool stage_complete(const warehouse::ColumnBatch& from, std::size_t column, std::size_t rows);
  void stage_key(const warehouse::ColumnBatch& from, std::size_t rows);
  void stage_nullable(const warehouse::ColumnBatch& from, std::size_t column, std::size_t rows);
  void stage_labels(const warehouse::ColumnBatch& from, std::size_t column, std::size_t rows);
  Result<PackedColumn> pack(std::size_t column);
  void settle_double_level(Staged& staged);

  const std::vector<RunColumn>& columns_;
  std::uint32_t index_;
  std::size_t rows_ = 0;
  std::vector<Staged> staged_;
  std::vector<std::uint16_t> partition_;
  std::vector<std::uint32_t> position_;  // of each staged row within the run being packed
  std::vector<std::uint32_t> selected_;  // rows of the batch to keep, when not all
  bool all_selected_ = true;
  ValueRange batch_times_;
  ValueRange run_times_;
  std::vector<StringPool> pools_;
  std::vector<Run> runs_;
  LeftOutRows left_out_;
  Arena arena_;
};

// All runs of one table. append may be called from any thread.
class RunCollector {
 public:
  explicit RunCollector(std::vector<RunColumn> columns) : columns_(std::move(columns)) {}
  Result<void> append(const warehouse::Batch& batch);
  Result<void> finish();  // after the last append

  const std::vector<RunColumn>& columns() const { return columns_; }
  const std::vector<Run>& runs() const { return runs_; }
  const std::vector<std::unique_ptr<RunWriter>>& writers() const { return writers_; }
  LeftOutRows left_out() const;

 private:
  std::vector<RunColumn> columns_;
  std::mutex mutex_;
  std::unordered_map<std::thread::id, RunWriter*> by_thread_;
  std::vector<std::unique_ptr<RunWriter>> writers_;
  std::vector<Run> runs_;
};

}  // namespace descant::timelines
