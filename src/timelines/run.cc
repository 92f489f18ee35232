// SPDX-License-Identifier: Apache-2.0
#include "timelines/run.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <sys/mman.h>

#include "timelines/kernels/pack.h"

namespace descant::timelines {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20U;
constexpr std::size_t kArenaBlockBytes = std::size_t{32} << 20U;

std::uint8_t width_for(std::uint64_t range) {
  if (range <= 0xFFU) return 1;
  if (range <= 0xFFFFU) return 2;
  if (range <= 0xFFFFFFFFU) return 4;
  return 8;
}

template <class T>
void scatter(const std::int64_t* from, std::int64_t base, const std::uint32_t* position,
             std::size_t rows, std::byte* to) {
  auto* out = reinterpret_cast<T*>(to);
  const auto origin = static_cast<std::uint64_t>(base);
  for (std::size_t i = 0; i < rows; ++i)
    out[position[i]] = static_cast<T>(static_cast<std::uint64_t>(from[i]) - origin);
}

void scatter_width(std::uint8_t width, const std::int64_t* from, std::int64_t base,
                   const std::uint32_t* position, std::size_t rows, std::byte* to) {
  if (width == 1) scatter<std::uint8_t>(from, base, position, rows, to);
  if (width == 2) scatter<std::uint16_t>(from, base, position, rows, to);
  if (width == 4) scatter<std::uint32_t>(from, base, position, rows, to);
  if (width == 8) scatter<std::uint64_t>(from, base, position, rows, to);
}

// Instants at the largest unit that divides them all; the level of that unit.
std::uint8_t settle_instant_level(std::int64_t* values, std::size_t rows) {
  if (pack_kernels().divide_all(values, rows, kInstantUnits[0])) return 0;
  return pack_kernels().divide_all(values, rows, kInstantUnits[1]) ? 1 : 2;
}

}  // namespace

Arena::~Arena() {
  for (const Block& block : blocks_) ::munmap(block.data, block.bytes);
}

std::byte* Arena::take(std::size_t bytes) {
  bytes = (bytes + 63) & ~std::size_t{63};
  if (bytes > left_) {
    const std::size_t size = std::max(kArenaBlockBytes, bytes) + kHugePageBytes;
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) return nullptr;
    blocks_.push_back({data, size});
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    const std::uintptr_t aligned = (address + kHugePageBytes - 1) & ~(kHugePageBytes - 1);
    free_ = reinterpret_cast<std::byte*>(aligned);
    left_ = size - (aligned - address);
    ::madvise(free_, left_, MADV_HUGEPAGE);  // a wish; small pages work too
  }
  std::byte* taken = free_;
  free_ += bytes;
  left_ -= bytes;
  return taken;
}

RunWriter::RunWriter(const std::vector<RunColumn>& columns, std::uint32_t index)
    : columns_(columns),
      index_(index),
      staged_(columns.size()),
      partition_(kRunRows),
      position_(kRunRows),
      pools_(columns.size()) {
  for (Staged& staged : staged_) staged.wide.resize(kRunRows);
}

bool RunWriter::select_rows(const warehouse::Batch& batch) {
  const auto bad_row = [&](std::size_t row) -> std::uint64_t* {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& from = batch.columns[c];
      const RunKind kind = columns_[c].kind;
      const bool is_key = kind == RunKind::kIntegerKey || kind == RunKind::kStringKey;
      if (is_key && !from.valid(row)) return &left_out_.null_key;
      if (columns_[c].null_leaves_row_out && !from.valid(row)) return &left_out_.null_label;
      if (kind != RunKind::kInstant) continue;
      if (!from.valid(row)) return &left_out_.null_timestamp;
      const Instant at = from.int64s[row];
      if (at < kFirstInstant || at >= kEndInstant) return &left_out_.timestamp_out_of_range;
    }
    return nullptr;
  };
  bool suspect = false;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const auto& from = batch.columns[c];
    const RunKind kind = columns_[c].kind;
    const bool required = kind == RunKind::kIntegerKey || kind == RunKind::kStringKey ||
                          kind == RunKind::kInstant || columns_[c].null_leaves_row_out;
    suspect |= required && from.validity != nullptr;
    if (kind != RunKind::kInstant) continue;
    if (batch.rows == 0) continue;
    batch_times_ = pack_kernels().range(from.int64s, batch.rows);
    suspect |= batch_times_.low < kFirstInstant || batch_times_.high >= kEndInstant;
  }
  selected_.clear();
  if (!suspect) return true;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (std::uint64_t* reason = bad_row(row))
      ++*reason;
    else
      selected_.push_back(static_cast<std::uint32_t>(row));
  }
  return selected_.size() == batch.rows;
}

Result<void> RunWriter::append(const warehouse::Batch& batch) {
  all_selected_ = select_rows(batch);
  if (rows_ + batch.rows > kRunRows || leaves_a_gap()) DESCANT_CHECK(flush());
  run_times_ = rows_ == 0 ? batch_times_
                          : ValueRange{std::min(run_times_.low, batch_times_.low),
                                       std::max(run_times_.high, batch_times_.high)};
  const std::size_t rows = all_selected_ ? batch.rows : selected_.size();
  for (std::size_t c = 0; c < columns_.size(); ++c) stage(batch.columns[c], c, rows);
  rows_ += rows;
  return {};
}

// Whether the batch lies so far behind the run's rows that another thread probably reads what comes
// between. Ending the run there keeps the runs of a time-ordered log apart in time, and so their
// gathered rows in order.
bool RunWriter::leaves_a_gap() const {
  if (rows_ == 0) return false;
  const Instant gap = batch_times_.low - run_times_.high;
  return gap > (run_times_.high - run_times_.low) / 4 + kMicrosecondsPerSecond;
}

void RunWriter::stage(const warehouse::ColumnBatch& from, std::size_t column, std::size_t rows) {
  switch (columns_[column].kind) {
    case RunKind::kIntegerKey:
    case RunKind::kStringKey:
      return stage_key(from, rows);
    case RunKind::kLabel:
      return stage_labels(from, column, rows);
    default:
      if (!stage_complete(from, column, rows)) stage_nullable(from, column, rows);
  }
}

// Batches without gaps, the usual case, in straight loops; false when the batch is not one.
bool RunWriter::stage_complete(const warehouse::ColumnBatch& from, std::size_t column,
                               std::size_t rows) {
  Staged& staged = staged_[column];
  if (!all_selected_ || from.validity != nullptr) return false;
  std::int64_t* wide = staged.wide.data() + rows_;
  if (columns_[column].kind == RunKind::kBoolean) {
    std::copy_n(reinterpret_cast<const std::uint8_t*>(from.bools), rows, wide);
  } else if (columns_[column].kind == RunKind::kDouble) {
    if (!pack_kernels().all_finite(from.doubles, rows)) return false;
    std::memcpy(wide, from.doubles, rows * sizeof(double));
  } else {
    std::memcpy(wide, from.int64s, rows * sizeof(std::int64_t));
  }
  return true;  // `valid`, where there is one, is 1 wherever nothing was staged
}

void RunWriter::stage_key(const warehouse::ColumnBatch& from, std::size_t rows) {
  std::int64_t* keys = staged_[0].wide.data() + rows_;
  std::uint16_t* partitions = partition_.data() + rows_;
  const auto row_at = [&](std::size_t i) { return all_selected_ ? i : selected_[i]; };
  if (columns_[0].kind == RunKind::kIntegerKey) {
    for (std::size_t i = 0; i < rows; ++i) keys[i] = from.int64s[row_at(i)];
    pack_kernels().partitions(keys, rows, partitions);
    return;
  }
  // Hash a group of keys first, so that their slots are on the way while the others are hashed.
  constexpr std::size_t kGroup = 64;
  std::uint64_t hashes[kGroup];
  for (std::size_t start = 0; start < rows; start += kGroup) {
    const std::size_t count = std::min(kGroup, rows - start);
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = hash_string_key(from.string_at(row_at(start + i)));
      pools_[0].prefetch(hashes[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      keys[start + i] = pools_[0].code_of(from.string_at(row_at(start + i)), hashes[i]);
      partitions[start + i] = static_cast<std::uint16_t>(partition_of(hashes[i]));
    }
  }
}

void RunWriter::stage_labels(const warehouse::ColumnBatch& from, std::size_t column,
                             std::size_t rows) {
  std::int64_t* codes = staged_[column].wide.data() + rows_;
  std::vector<RecentLabel>& recent = staged_[column].recent;
  recent.resize(kRecentLabels);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t row = all_selected_ ? i : selected_[i];
    if (!from.valid(row)) {
      codes[i] = 0;
      continue;
    }
    const auto text = from.inline_text_at(row);
    if (!text.is_whole) {
      codes[i] = std::int64_t{pools_[column].code_of(from.string_at(row))} + 1;
      continue;
    }
    const std::uint64_t mixed =
        (text.first ^ (text.second * 0x9E3779B97F4A7C15U)) * 0xFF51AFD7ED558CCDU;
    RecentLabel& entry = recent[mixed >> (64U - kRecentLabelBits)];
    if (entry.code == 0 || entry.first != text.first || entry.second != text.second)
      entry = {text.first, text.second,
               std::int64_t{pools_[column].code_of(from.string_at(row))} + 1};
    codes[i] = entry.code;
  }
}

void RunWriter::stage_nullable(const warehouse::ColumnBatch& from, std::size_t column,
                               std::size_t rows) {
  Staged& staged = staged_[column];
  const RunKind kind = columns_[column].kind;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t row = all_selected_ ? i : selected_[i];
    bool present = from.validity == nullptr || from.valid(row);
    std::int64_t value = 0;
    if (present && kind == RunKind::kDouble) {
      const double x = from.doubles[row];
      present = std::isfinite(x);
      if (!present) ++left_out_.non_finite_values;
      value = present ? std::bit_cast<std::int64_t>(x) : 0;
    } else if (present) {
      value = kind == RunKind::kBoolean ? std::int64_t{from.bools[row]} : from.int64s[row];
    }
    staged.wide[rows_ + i] = value;
    if (!present && !staged.has_nulls) {
      staged.has_nulls = true;
      staged.valid.assign(kRunRows, 1);
    }
    if (staged.has_nulls) staged.valid[rows_ + i] = present ? 1 : 0;
  }
}

void RunWriter::settle_double_level(Staged& staged) {
  while (staged.level < kPlainDoubles &&
         !pack_kernels().multiply_all(staged.wide.data(), rows_, kDivisors[staged.level]))
    ++staged.level;
}

Result<PackedColumn> RunWriter::pack(std::size_t column) {
  Staged& staged = staged_[column];
  PackedColumn packed;
  if (columns_[column].kind == RunKind::kDouble) settle_double_level(staged);
  packed.level = staged.level;
  if (columns_[column].kind == RunKind::kInstant) {
    packed.level = settle_instant_level(staged.wide.data(), rows_);
  }
  const bool plain = columns_[column].kind == RunKind::kDouble && packed.level == kPlainDoubles;
  if (plain) {
    packed.width = 8;
  } else {
    const ValueRange range = pack_kernels().range(staged.wide.data(), rows_);
    packed.minimum = packed.base = range.low;
    packed.maximum = range.high;
    packed.width =
        width_for(static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low));
  }
  std::byte* data = arena_.take(rows_ * packed.width);
  if (data == nullptr) return io_error("out of memory while reading the source");
  scatter_width(packed.width, staged.wide.data(), packed.base, position_.data(), rows_, data);
  packed.data = data;
  if (staged.has_nulls) {
    auto* valid = reinterpret_cast<std::uint8_t*>(arena_.take(rows_));
    if (valid == nullptr) return io_error("out of memory while reading the source");
    for (std::size_t i = 0; i < rows_; ++i) valid[position_[i]] = staged.valid[i];
    packed.valid = valid;
    staged.has_nulls = false;
  }
  return packed;
}

Result<void> RunWriter::flush() {
  if (rows_ == 0) return {};
  Run run;
  run.rows = static_cast<std::uint32_t>(rows_);
  run.writer = index_;
  run.starts.assign(kPartitions + 1, 0);
  for (std::size_t i = 0; i < rows_; ++i) ++run.starts[partition_[i] + std::size_t{1}];
  for (std::size_t p = 0; p < kPartitions; ++p) run.starts[p + 1] += run.starts[p];
  std::vector<std::uint32_t> next(run.starts.begin(), run.starts.end() - 1);
  for (std::size_t i = 0; i < rows_; ++i) position_[i] = next[partition_[i]]++;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    DESCANT_ASSIGN(const PackedColumn packed, pack(c));
    run.columns.push_back(packed);
    if (columns_[c].kind == RunKind::kInstant)
      run.first = packed.minimum * kInstantUnits[packed.level];
  }
  runs_.push_back(std::move(run));
  rows_ = 0;
  return {};
}

Result<void> RunCollector::append(const warehouse::Batch& batch) {
  RunWriter* writer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    RunWriter*& mine = by_thread_[std::this_thread::get_id()];
    if (mine == nullptr) {
      writers_.push_back(
          std::make_unique<RunWriter>(columns_, static_cast<std::uint32_t>(writers_.size())));
      mine = writers_.back().get();
    }
    writer = mine;
  }
  return writer->append(batch);
}

Result<void> RunCollector::finish() {
  for (const auto& writer : writers_) {
    DESCANT_CHECK(writer->flush());
    for (Run& run : writer->runs()) runs_.push_back(std::move(run));
    writer->runs().clear();
  }
  // Only for speed: gathered in time order, most timelines are sorted already.
  std::stable_sort(runs_.begin(), runs_.end(),
                   [](const Run& a, const Run& b) { return a.first < b.first; });
  return {};
}

LeftOutRows RunCollector::left_out() const {
  LeftOutRows sum;
  for (const auto& writer : writers_) {
    const LeftOutRows& part = writer->left_out();
    sum.null_key += part.null_key;
    sum.null_timestamp += part.null_timestamp;
    sum.timestamp_out_of_range += part.timestamp_out_of_range;
    sum.null_label += part.null_label;
    sum.non_finite_values += part.non_finite_values;
  }
  return sum;
}

}  // namespace descant::timelines
