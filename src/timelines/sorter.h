// SPDX-License-Identifier: Apache-2.0
#pragma once

// Second half of a build: all runs of the tables of one entity become files sorted by (entity,
// timestamp, order_by, then the full row), a partition at a time, each small enough for the cache.
// The bytes follow from the rows alone: not from their order, nor from the number of threads.

#include <cstdint>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/result.h"
#include "timelines/manifest.h"
#include "timelines/run.h"

namespace descant::timelines {

// One table to be sorted. Its columns are key, timestamp (if it has one), order_by (if it has one),
// then the others; every one after the key is stored.
struct SortInput {
  std::string name;
  const RunCollector* rows = nullptr;
  bool has_timestamp = true;
  std::size_t order_columns = 1;  // stored columns that order the rows: timestamp, order_by
  bool first_row_only = false;    // dimension tables: one row per entity
};

struct SortedTable {
  SegmentEntry segment;
  std::uint64_t entities = 0;
  std::uint64_t duplicate_rows = 0;  // equal to another in every stored column
  std::uint64_t tied_rows = 0;       // equal to another in the columns that order the rows
  std::uint64_t duplicate_entities = 0;
};

struct SortedEntity {
  EntityEntry entity;
  std::vector<SortedTable> tables;  // as the inputs
};

// Writes below `store`/`version_folder`; the paths in the entries start with version_folder.
// Checksums are left empty.
Result<SortedEntity> sort_entity(const std::string& entity, bool integer_keys,
                                 const std::vector<SortInput>& inputs, const std::string& store,
                                 const std::string& version_folder, std::size_t threads,
                                 const Watch& watch);

}  // namespace descant::timelines
