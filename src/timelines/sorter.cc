// SPDX-License-Identifier: Apache-2.0
#include "timelines/sorter.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>
#include <xxhash.h>

#include "timelines/column_writer.h"
#include "timelines/entity_index.h"
#include "timelines/npy.h"

namespace descant::timelines {
namespace {

// What one partition of one table left for the index files.
struct PartitionEntities {
  std::vector<std::uint32_t> ranks;   // entities present, within the partition
  std::vector<std::uint32_t> counts;  // rows of each
  std::uint64_t duplicate_rows = 0;
  std::uint64_t tied_rows = 0;
  std::uint64_t duplicate_entities = 0;
  Instant last_stored = 0;
};

struct Table {
  const SortInput* input = nullptr;
  std::vector<ColumnWriter> columns;         // every column after the key
  std::vector<std::uint64_t> partition_row;  // first row of each partition, and the end
  std::vector<PartitionEntities> partitions;
};

// A thread's working memory, reused from partition to partition.
struct Scratch {
  PartitionKeys keys;
  std::vector<std::vector<std::uint32_t>> numbers;  // by table and gathered row: the key's number
  std::vector<std::uint32_t> rank;                  // by gathered row
  std::vector<std::uint32_t> position;         // by gathered row: its place after sorting by entity
  std::vector<std::uint32_t> next;             // by rank
  std::vector<std::vector<std::byte>> places;  // by column: values as stored, in place order
  std::vector<std::vector<std::uint8_t>> valid;  // likewise, where the column has nulls
  std::vector<std::uint32_t> order;
  std::vector<std::int64_t> first_values;  // of rows being ordered: their first column
  std::vector<std::byte> moved;
};

class EntitySorter {
 public:
  EntitySorter(bool integer_keys, std::vector<Table>& tables, StringKeys strings)
      : integer_keys_(integer_keys), tables_(tables), strings_(std::move(strings)) {
    distinct_.resize(kPartitions);
    if (integer_keys_) integers_.resize(kPartitions);
  }

  Result<void> sort_partition(std::size_t partition, Scratch& scratch);

  std::vector<std::uint64_t> first_ids() const;  // by partition, and the end
  const std::vector<std::vector<std::int64_t>>& integers() const { return integers_; }
  const StringKeys& strings() const { return strings_; }

 private:
  void collect_keys(std::size_t partition, Scratch& scratch);
  void rank_rows(std::size_t table, std::size_t partition, Scratch& scratch);
  void place_rows(Table& table, std::size_t partition, std::size_t entities, Scratch& scratch);
  static void order_rows(Table& table, std::uint32_t begin, std::uint32_t end,
                         PartitionEntities& present, Scratch& scratch);
  void order_within_entities(Table& table, std::size_t partition, Scratch& scratch);
  void keep_first_rows(Table& table, std::size_t partition, Scratch& scratch);

  bool integer_keys_;
  std::vector<Table>& tables_;
  StringKeys strings_;
  std::vector<std::uint64_t> distinct_;              // by partition
  std::vector<std::vector<std::int64_t>> integers_;  // keys by partition, in order of rank
};

template <class T, class Use>
void for_packed(const PackedColumn& packed, std::size_t first, std::size_t count, const Use& use) {
  const T* from = reinterpret_cast<const T*>(packed.data) + first;
  const auto base = static_cast<std::uint64_t>(packed.base);
  for (std::size_t i = 0; i < count; ++i) use(static_cast<std::int64_t>(base + from[i]));
}

// Calls use(key) for the key column of a partition's rows in a run.
template <class Use>
void for_keys(const Run& run, std::size_t partition, const Use& use) {
  const PackedColumn& packed = run.columns[0];
  const std::size_t first = run.starts[partition];
  const std::size_t count = run.starts[partition + 1] - first;
  if (packed.width == 1) for_packed<std::uint8_t>(packed, first, count, use);
  if (packed.width == 2) for_packed<std::uint16_t>(packed, first, count, use);
  if (packed.width == 4) for_packed<std::uint32_t>(packed, first, count, use);
  if (packed.width == 8) for_packed<std::uint64_t>(packed, first, count, use);
}

void EntitySorter::collect_keys(std::size_t partition, Scratch& scratch) {
  if (!integer_keys_) {
    distinct_[partition] =
        strings_.partition_start[partition + 1] - strings_.partition_start[partition];
    return;
  }
  scratch.keys.clear();
  scratch.numbers.resize(tables_.size());
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    auto& numbers = scratch.numbers[t];
    numbers.clear();
    for (const Run& run : tables_[t].input->rows->runs())
      for_keys(run, partition, [&](std::int64_t key) { numbers.push_back(scratch.keys.add(key)); });
  }
  scratch.keys.settle();
  distinct_[partition] = scratch.keys.size();
  integers_[partition] = scratch.keys.sorted_keys();
}

void EntitySorter::rank_rows(std::size_t table, std::size_t partition, Scratch& scratch) {
  if (integer_keys_) {
    scratch.rank = scratch.numbers[table];
    for (std::uint32_t& rank : scratch.rank) rank = scratch.keys.rank_of(rank);
    return;
  }
  scratch.rank.clear();
  const auto first = static_cast<std::uint32_t>(strings_.partition_start[partition]);
  for (const Run& run : tables_[table].input->rows->runs()) {
    const auto& ids = strings_.ids[table][run.writer];
    for_keys(run, partition, [&](std::int64_t code) {
      scratch.rank.push_back(ids[static_cast<std::size_t>(code)] - first);
    });
  }
}

void EntitySorter::place_rows(Table& table, std::size_t partition, std::size_t entities,
                              Scratch& scratch) {
  const std::size_t rows = scratch.rank.size();
  scratch.next.assign(entities + 1, 0);
  for (const std::uint32_t rank : scratch.rank) ++scratch.next[rank + std::size_t{1}];
  PartitionEntities& present = table.partitions[partition];
  for (std::uint32_t e = 0; e < entities; ++e) {
    if (scratch.next[e + 1] == 0) continue;
    present.ranks.push_back(e);
    present.counts.push_back(scratch.next[e + 1]);
  }
  for (std::size_t e = 0; e < entities; ++e) scratch.next[e + 1] += scratch.next[e];
  scratch.position.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) scratch.position[i] = scratch.next[scratch.rank[i]]++;
  scratch.places.resize(std::max(scratch.places.size(), table.columns.size()));
  scratch.valid.resize(scratch.places.size());
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const ColumnWriter& column = table.columns[c];
    scratch.places[c].resize(rows * dtype_bytes(column.dtype()));
    scratch.valid[c].resize(column.has_nulls() ? rows : 0);
    const std::uint32_t* position = scratch.position.data();
    for (const Run& run : table.input->rows->runs()) {
      column.unpack(run, partition, position, scratch.places[c].data(), scratch.valid[c].data());
      position += run.starts[partition + 1] - run.starts[partition];
    }
  }
}

// Three-way comparison of two rows by the stored columns [first, last).
int compare_rows(const Table& table, const Scratch& scratch, std::size_t first, std::size_t last,
                 std::uint32_t a, std::uint32_t b) {
  for (std::size_t c = first; c < last; ++c) {
    const int order =
        with_values(table.columns[c].dtype(), scratch.places[c].data(), [a, b](const auto* values) {
          if (values[a] < values[b]) return -1;
          return values[b] < values[a] ? 1 : 0;
        });
    if (order != 0) return order;
    if (!table.columns[c].has_nulls()) continue;
    const int present = int{scratch.valid[c][a]} - int{scratch.valid[c][b]};
    if (present != 0) return present;
  }
  return 0;
}

// Moves elements of `bytes` each from rows order[i] to rows begin + i.
void move_rows(std::byte* column, std::size_t bytes, std::uint32_t begin, Scratch& scratch) {
  const std::size_t count = scratch.order.size();
  scratch.moved.resize(count * bytes);
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(scratch.moved.data() + i * bytes, column + scratch.order[i] * bytes, bytes);
  std::memcpy(column + begin * bytes, scratch.moved.data(), count * bytes);
}

// Puts rows [begin, end) in full order, and counts those that tie with or repeat their neighbour.
void EntitySorter::order_rows(Table& table, std::uint32_t begin, std::uint32_t end,
                              PartitionEntities& present, Scratch& scratch) {
  const std::size_t columns = table.columns.size();
  const std::uint32_t count = end - begin;
  const Dtype dtype = table.columns[0].dtype();
  // Most rows differ in their first column, the time: those are told apart without a switch.
  const std::size_t compared = dtype == Dtype::kFloat64 ? 0 : 1;
  scratch.first_values.assign(count, 0);
  if (compared == 1)
    with_values(dtype, scratch.places[0].data(), [&](const auto* values) {
      for (std::uint32_t i = 0; i < count; ++i)
        scratch.first_values[i] = static_cast<std::int64_t>(values[begin + i]);
    });
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t x = scratch.first_values[a - begin];
    const std::int64_t y = scratch.first_values[b - begin];
    if (x != y) return x < y ? -1 : 1;
    const bool presence = compared == 1 && table.columns[0].has_nulls();
    return compare_rows(table, scratch, presence ? 0 : compared, columns, a, b);
  };
  scratch.order.resize(count);
  std::iota(scratch.order.begin(), scratch.order.end(), begin);
  std::sort(scratch.order.begin(), scratch.order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; });
  const std::size_t ordering = std::min(table.input->order_columns, columns);
  for (std::uint32_t i = 1; i < count; ++i) {
    const std::uint32_t before = scratch.order[i - 1];
    const std::uint32_t row = scratch.order[i];
    if (compare_rows(table, scratch, 0, ordering, before, row) != 0) continue;
    ++present.tied_rows;
    if (compare(before, row) == 0) ++present.duplicate_rows;
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    move_rows(scratch.places[c].data(), dtype_bytes(table.columns[c].dtype()), begin, scratch);
    if (table.columns[c].has_nulls())
      move_rows(reinterpret_cast<std::byte*>(scratch.valid[c].data()), 1, begin, scratch);
  }
}

void EntitySorter::order_within_entities(Table& table, std::size_t partition, Scratch& scratch) {
  if (table.columns.empty()) return;
  PartitionEntities& present = table.partitions[partition];
  with_values(table.columns[0].dtype(), scratch.places[0].data(), [&](const auto* first) {
    std::uint32_t begin = 0;
    for (const std::uint32_t count : present.counts) {
      const std::uint32_t end = begin + count;
      // Runs come in about time order: most timelines need nothing, others only their ties broken.
      bool ascending = true;
      bool ties = false;
      for (std::uint32_t i = begin + 1; i < end; ++i) {
        ascending &= first[i - 1] <= first[i];
        ties |= first[i - 1] == first[i];
      }
      if (!ascending) {
        order_rows(table, begin, end, present, scratch);
      } else if (ties) {
        for (std::uint32_t i = begin; i < end;) {
          std::uint32_t last = i + 1;
          while (last < end && first[last] == first[i]) ++last;
          if (last - i > 1) order_rows(table, i, last, present, scratch);
          i = last;
        }
      }
      begin = end;
    }
  });
}

void EntitySorter::keep_first_rows(Table& table, std::size_t partition, Scratch& scratch) {
  PartitionEntities& present = table.partitions[partition];
  scratch.order.clear();
  std::uint32_t from = 0;
  for (std::uint32_t& count : present.counts) {
    scratch.order.push_back(from);
    present.duplicate_entities += count - 1;
    from += count;
    count = 1;
  }
  const std::size_t kept = scratch.order.size();
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::size_t bytes = dtype_bytes(table.columns[c].dtype());
    move_rows(scratch.places[c].data(), bytes, 0, scratch);
    scratch.places[c].resize(kept * bytes);
    if (!table.columns[c].has_nulls()) continue;
    move_rows(reinterpret_cast<std::byte*>(scratch.valid[c].data()), 1, 0, scratch);
    scratch.valid[c].resize(kept);
  }
}

// The latest stored time of the partition; rows are in order, so it ends some entity's.
void note_last_time(Table& table, std::size_t partition, const Scratch& scratch) {
  PartitionEntities& present = table.partitions[partition];
  with_values(table.columns[0].dtype(), scratch.places[0].data(), [&](const auto* times) {
    std::uint32_t end = 0;
    for (const std::uint32_t count : present.counts) {
      end += count;
      present.last_stored =
          std::max(present.last_stored, static_cast<std::int64_t>(times[end - 1]));
    }
  });
}

Result<void> EntitySorter::sort_partition(std::size_t partition, Scratch& scratch) {
  collect_keys(partition, scratch);
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    Table& table = tables_[t];
    rank_rows(t, partition, scratch);
    place_rows(table, partition, distinct_[partition], scratch);
    order_within_entities(table, partition, scratch);
    if (table.input->first_row_only) keep_first_rows(table, partition, scratch);
    if (table.input->has_timestamp) note_last_time(table, partition, scratch);
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      DESCANT_CHECK(table.columns[c].write(scratch.places[c], scratch.valid[c],
                                           table.partition_row[partition]));
  }
  return {};
}

std::vector<std::uint64_t> EntitySorter::first_ids() const {
  std::vector<std::uint64_t> first(kPartitions + 1, 0);
  for (std::size_t p = 0; p < kPartitions; ++p) first[p + 1] = first[p] + distinct_[p];
  return first;
}

// Rows of each partition, as prefix sums; for dimension tables only distinct keys count, which a
// pass over the keys finds.
std::vector<std::uint64_t> partition_rows(const SortInput& input, const StringKeys& strings,
                                          std::size_t table, bool integer_keys) {
  std::vector<std::uint64_t> rows(kPartitions + 1, 0);
  PartitionKeys keys;
  std::vector<char> seen;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    std::uint64_t count = 0;
    if (!input.first_row_only) {
      for (const Run& run : input.rows->runs()) count += run.starts[p + 1] - run.starts[p];
    } else if (integer_keys) {
      keys.clear();
      for (const Run& run : input.rows->runs())
        for_keys(run, p, [&](std::int64_t key) { keys.add(key); });
      count = keys.size();
    } else {
      const auto first = static_cast<std::uint32_t>(strings.partition_start[p]);
      seen.assign(strings.partition_start[p + 1] - first, 0);
      for (const Run& run : input.rows->runs())
        for_keys(run, p, [&](std::int64_t code) {
          seen[strings.ids[table][run.writer][static_cast<std::size_t>(code)] - first] = 1;
        });
      count = static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), 1));
    }
    rows[p + 1] = rows[p] + count;
  }
  return rows;
}

Result<SortedTable> write_index(const Table& table, const std::vector<std::uint64_t>& first_ids,
                                const std::string& store, const std::string& folder) {
  SortedTable sorted;
  std::vector<std::uint32_t> entities;
  std::vector<std::uint64_t> offsets = {0};
  Instant last = 0;
  for (std::size_t p = 0; p < kPartitions; ++p) {
    const PartitionEntities& present = table.partitions[p];
    for (std::size_t e = 0; e < present.ranks.size(); ++e) {
      entities.push_back(static_cast<std::uint32_t>(first_ids[p] + present.ranks[e]));
      offsets.push_back(offsets.back() + present.counts[e]);
    }
    sorted.duplicate_rows += present.duplicate_rows;
    sorted.tied_rows += present.tied_rows;
    sorted.duplicate_entities += present.duplicate_entities;
    last = std::max(last, present.last_stored);
  }
  SegmentEntry& segment = sorted.segment;
  segment.rows = offsets.back();
  sorted.entities = entities.size();
  if (table.input->has_timestamp && segment.rows > 0) {
    segment.first = table.columns[0].instant_of(0);
    segment.last = table.columns[0].instant_of(last);
  }
  segment.entities = {folder + "/entities.npy", "<u4", entities.size(), {}};
  segment.offsets = {folder + "/offsets.npy", "<u8", offsets.size(), {}};
  for (const ColumnWriter& column : table.columns) segment.columns.push_back(column.entry());
  DESCANT_CHECK(write_npy<std::uint32_t>(store + "/" + segment.entities.path, "<u4", entities));
  DESCANT_CHECK(write_npy<std::uint64_t>(store + "/" + segment.offsets.path, "<u8", offsets));
  return sorted;
}

Result<EntityEntry> write_keys(const std::string& name, const EntitySorter& sorter,
                               bool integer_keys, std::uint64_t count, const std::string& store,
                               const std::string& folder) {
  EntityEntry entry;
  entry.name = name;
  entry.key_type = integer_keys ? "integer" : "string";
  entry.count = count;
  if (integer_keys) {
    std::vector<std::int64_t> keys;
    keys.reserve(count);
    for (const auto& part : sorter.integers()) keys.insert(keys.end(), part.begin(), part.end());
    entry.integer_keys = FileEntry{folder + "/keys.npy", "<i8", keys.size(), {}};
    DESCANT_CHECK(write_npy<std::int64_t>(store + "/" + entry.integer_keys->path, "<i8", keys));
    return entry;
  }
  std::string bytes;
  std::vector<std::uint64_t> offsets = {0};
  for (const auto key : sorter.strings().by_id) {
    bytes += key;
    offsets.push_back(bytes.size());
  }
  entry.key_bytes = FileEntry{folder + "/key_bytes.npy", "|u1", bytes.size(), {}};
  entry.key_offsets = FileEntry{folder + "/key_offsets.npy", "<u8", offsets.size(), {}};
  DESCANT_CHECK(write_npy<char>(store + "/" + entry.key_bytes->path, "|u1", bytes));
  DESCANT_CHECK(write_npy<std::uint64_t>(store + "/" + entry.key_offsets->path, "<u8", offsets));
  return entry;
}

Result<std::vector<Table>> prepare_tables(const std::vector<SortInput>& inputs,
                                          const StringKeys& strings, bool integer_keys,
                                          const std::string& store, const std::string& version) {
  std::vector<Table> tables(inputs.size());
  for (std::size_t t = 0; t < inputs.size(); ++t) {
    Table& table = tables[t];
    table.input = &inputs[t];
    table.partitions.resize(kPartitions);
    table.partition_row = partition_rows(inputs[t], strings, t, integer_keys);
    const std::string folder = version + "/" + inputs[t].name;
    DESCANT_CHECK(make_folders(store + "/" + folder));
    const auto& columns = inputs[t].rows->columns();
    for (std::size_t c = 1; c < columns.size(); ++c) {
      DESCANT_ASSIGN(ColumnWriter writer,
                     ColumnWriter::create(*inputs[t].rows, c, table.partition_row.back(), store,
                                          folder + "/" + columns[c].name));
      table.columns.push_back(std::move(writer));
    }
  }
  return tables;
}

}  // namespace

Result<SortedEntity> sort_entity(const std::string& entity, bool integer_keys,
                                 const std::vector<SortInput>& inputs, const std::string& store,
                                 const std::string& version_folder, std::size_t threads,
                                 const Watch& watch) {
  StringKeys strings;
  if (!integer_keys) {
    std::vector<const RunCollector*> rows;
    for (const SortInput& input : inputs) rows.push_back(input.rows);
    DESCANT_ASSIGN(strings, settle_string_keys(rows));
  }
  DESCANT_ASSIGN(std::vector<Table> tables,
                 prepare_tables(inputs, strings, integer_keys, store, version_folder));
  EntitySorter sorter(integer_keys, tables, std::move(strings));
  std::vector<Scratch> scratch(threads);
  std::atomic<std::uint64_t> done{0};
  std::mutex reporting;
  DESCANT_CHECK(
      for_each_morsel(kPartitions, threads, [&](std::size_t p, std::size_t t) -> Result<void> {
        if (watch.stopped()) return cancelled();
        DESCANT_CHECK(sorter.sort_partition(p, scratch[t]));
        const std::uint64_t finished = ++done;
        if (watch.report && finished % 32 == 0) {
          const std::lock_guard lock(reporting);
          watch.report({"sorting", finished, kPartitions, "parts"});
        }
        return {};
      }));
  SortedEntity sorted;
  const std::vector<std::uint64_t> first_ids = sorter.first_ids();
  if (first_ids.back() > 0xFFFFFFFFU)
    return invalid_data(fmt::format("the entity '{}' has more than 4,294,967,295 keys", entity));
  const std::string entity_folder = version_folder + "/entity_" + entity;
  DESCANT_CHECK(make_folders(store + "/" + entity_folder));
  DESCANT_ASSIGN(sorted.entity,
                 write_keys(entity, sorter, integer_keys, first_ids.back(), store, entity_folder));
  for (const Table& table : tables) {
    DESCANT_ASSIGN(SortedTable written,
                   write_index(table, first_ids, store, version_folder + "/" + table.input->name));
    sorted.tables.push_back(std::move(written));
  }
  return sorted;
}

}  // namespace descant::timelines
