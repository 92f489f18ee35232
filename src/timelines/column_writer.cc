// SPDX-License-Identifier: Apache-2.0
#include "timelines/column_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "timelines/npy.h"

namespace descant::timelines {
namespace {

// The rows of one partition in one run, and where they go.
struct PartitionRows {
  const PackedColumn& packed;
  std::size_t first;
  std::size_t count;
  const std::uint32_t* position;
};

template <class Packed, class Stored, class Map>
void unpack_rows(const PartitionRows& rows, std::byte* places, const Map& map) {
  const Packed* from = reinterpret_cast<const Packed*>(rows.packed.data) + rows.first;
  auto* to = reinterpret_cast<Stored*>(places);
  const auto base = static_cast<std::uint64_t>(rows.packed.base);
  for (std::size_t i = 0; i < rows.count; ++i)
    to[rows.position[i]] = static_cast<Stored>(map(static_cast<std::int64_t>(base + from[i])));
}

template <class Stored, class Map>
void unpack_to(const PartitionRows& rows, std::byte* places, const Map& map) {
  if (rows.packed.width == 1) return unpack_rows<std::uint8_t, Stored>(rows, places, map);
  if (rows.packed.width == 2) return unpack_rows<std::uint16_t, Stored>(rows, places, map);
  if (rows.packed.width == 4) return unpack_rows<std::uint32_t, Stored>(rows, places, map);
  unpack_rows<std::uint64_t, Stored>(rows, places, map);
}

// `bytes`: of the stored type. Two's complement: signed and unsigned of a width narrow alike.
template <class Map>
void unpack_with(std::size_t bytes, const PartitionRows& rows, std::byte* places, const Map& map) {
  if (bytes == 1) return unpack_to<std::uint8_t>(rows, places, map);
  if (bytes == 2) return unpack_to<std::uint16_t>(rows, places, map);
  if (bytes == 4) return unpack_to<std::uint32_t>(rows, places, map);
  unpack_to<std::uint64_t>(rows, places, map);
}

}  // namespace

Result<ColumnWriter> ColumnWriter::create(const RunCollector& table, std::size_t column,
                                          std::uint64_t rows, const std::string& store,
                                          const std::string& path) {
  ColumnWriter writer;
  writer.column_ = column;
  writer.kind_ = table.columns()[column].kind;
  writer.entry_.name = table.columns()[column].name;
  switch (writer.kind_) {
    case RunKind::kInstant:
      writer.entry_.kind = kind_name(ColumnKind::kInstant);
      writer.settle_instants(table);
      break;
    case RunKind::kLabel:
      writer.entry_.kind = kind_name(ColumnKind::kLabel);
      DESCANT_CHECK(writer.settle_labels(table, store, path));
      break;
    case RunKind::kBoolean:
      writer.entry_.kind = kind_name(ColumnKind::kBoolean);
      break;
    default:
      writer.entry_.kind = kind_name(ColumnKind::kNumber);
      writer.settle_numbers(table);
  }
  const std::string dtype(dtype_name(writer.dtype_));
  writer.entry_.values = {path + ".npy", dtype, rows, {}};
  DESCANT_ASSIGN(writer.file_, create_npy(store + "/" + path + ".npy", dtype, rows));
  const auto& runs = table.runs();
  const bool any_null =
      writer.kind_ != RunKind::kLabel && std::any_of(runs.begin(), runs.end(), [&](const Run& run) {
        return run.columns[column].valid != nullptr;
      });
  if (any_null) {
    const std::string valid_path = path + ".valid.npy";
    writer.entry_.valid = FileEntry{valid_path, "|u1", rows, {}};
    DESCANT_ASSIGN(writer.valid_file_, create_npy(store + "/" + valid_path, "|u1", rows));
  }
  return writer;
}

void ColumnWriter::settle_numbers(const RunCollector& table) {
  for (const Run& run : table.runs()) level_ = std::max(level_, run.columns[column_].level);
  if (kind_ == RunKind::kDouble && level_ == kPlainDoubles) {
    plain_doubles_ = true;
    dtype_ = Dtype::kFloat64;
    return;
  }
  if (kind_ == RunKind::kDouble) entry_.divisor = kDivisors[level_];
  std::int64_t low = 0;
  std::int64_t high = 0;
  for (const Run& run : table.runs()) {
    const PackedColumn& packed = run.columns[column_];
    const auto scale = kind_ == RunKind::kDouble
                           ? static_cast<std::int64_t>(kDivisors[level_] / kDivisors[packed.level])
                           : 1;
    low = std::min(low, packed.minimum * scale);
    high = std::max(high, packed.maximum * scale);
  }
  dtype_ = narrowest_dtype(low, high);
}

void ColumnWriter::settle_instants(const RunCollector& table) {
  for (const Run& run : table.runs()) level_ = std::max(level_, run.columns[column_].level);
  entry_.unit = kInstantUnits[level_];
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = 0;
  for (const Run& run : table.runs()) {
    const PackedColumn& packed = run.columns[column_];
    const std::int64_t unit = kInstantUnits[packed.level];
    low = std::min(low, packed.minimum * unit);
    high = std::max(high, packed.maximum * unit);
  }
  if (table.runs().empty()) low = 0;
  entry_.base = low;
  // Two types are enough, and keep the number of kernels small.
  const bool fits = (high - low) / entry_.unit <= std::numeric_limits<std::uint32_t>::max();
  dtype_ = fits ? Dtype::kUint32 : Dtype::kInt64;
}

Result<void> ColumnWriter::settle_labels(const RunCollector& table, const std::string& store,
                                         const std::string& path) {
  std::vector<std::string_view> labels;
  for (const auto& writer : table.writers())
    for (std::uint32_t code = 0; code < writer->pool(column_).size(); ++code)
      labels.push_back(writer->pool(column_).at(code));
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  for (const auto& writer : table.writers()) {
    const StringPool& pool = writer->pool(column_);
    auto& codes = codes_.emplace_back(pool.size() + 1);
    for (std::uint32_t code = 0; code < pool.size(); ++code)
      codes[code + 1] = static_cast<std::uint32_t>(
          std::lower_bound(labels.begin(), labels.end(), pool.at(code)) - labels.begin() + 1);
  }
  dtype_ = narrowest_dtype(0, static_cast<std::int64_t>(labels.size()));
  if (dtype_ == Dtype::kInt8) dtype_ = Dtype::kUint8;
  std::string bytes;
  std::vector<std::uint64_t> offsets = {0};
  for (const auto label : labels) {
    bytes += label;
    offsets.push_back(bytes.size());
  }
  entry_.label_bytes = FileEntry{path + ".labels.npy", "|u1", bytes.size(), {}};
  entry_.label_offsets = FileEntry{path + ".label_offsets.npy", "<u8", offsets.size(), {}};
  DESCANT_CHECK(write_npy<char>(store + "/" + entry_.label_bytes->path, "|u1", bytes));
  return write_npy<std::uint64_t>(store + "/" + entry_.label_offsets->path, "<u8", offsets);
}

void ColumnWriter::unpack(const Run& run, std::size_t partition, const std::uint32_t* position,
                          std::byte* places, std::uint8_t* valid) const {
  const PackedColumn& packed = run.columns[column_];
  const std::size_t first = run.starts[partition];
  const std::size_t count = run.starts[partition + 1] - first;
  const PartitionRows rows{packed, first, count, position};
  const std::size_t bytes = dtype_bytes(dtype_);
  if (kind_ == RunKind::kLabel) {
    const std::uint32_t* codes = codes_[run.writer].data();
    unpack_with(bytes, rows, places,
                [codes](std::int64_t code) { return std::int64_t{codes[code]}; });
  } else if (kind_ == RunKind::kInstant) {
    const std::int64_t scale = kInstantUnits[packed.level] / entry_.unit;
    const std::int64_t base = entry_.base / entry_.unit;
    unpack_with(bytes, rows, places, [=](std::int64_t value) { return value * scale - base; });
  } else if (kind_ != RunKind::kDouble || packed.level == level_) {
    unpack_with(bytes, rows, places, [](std::int64_t value) { return value; });
  } else if (plain_doubles_) {
    const double divisor = kDivisors[packed.level];
    unpack_with(bytes, rows, places, [divisor](std::int64_t value) {
      return std::bit_cast<std::int64_t>(static_cast<double>(value) / divisor);
    });
  } else {
    const auto scale = static_cast<std::int64_t>(kDivisors[level_] / kDivisors[packed.level]);
    unpack_with(bytes, rows, places, [scale](std::int64_t value) { return value * scale; });
  }
  if (!has_nulls()) return;
  for (std::size_t i = 0; i < count; ++i)
    valid[position[i]] = packed.valid == nullptr ? 1 : packed.valid[first + i];
}

Result<void> ColumnWriter::write(std::span<const std::byte> places,
                                 std::span<const std::uint8_t> valid, std::uint64_t first) const {
  DESCANT_CHECK(file_->write(places, kNpyHeaderBytes + first * dtype_bytes(dtype_)));
  if (!has_nulls()) return {};
  return valid_file_->write(std::as_bytes(valid), kNpyHeaderBytes + first);
}

}  // namespace descant::timelines
