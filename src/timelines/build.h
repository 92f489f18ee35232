// SPDX-License-Identifier: Apache-2.0
#pragma once

// The work of a refresh between its plan and its manifest: all tables of an entity streamed and
// sorted, or only the columns that a definition has gained. Both write into a version folder of
// their own and leave checksums empty; nothing is published here.

#include <span>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/result.h"
#include "timelines/manifest.h"
#include "timelines/refresh.h"
#include "timelines/table_plan.h"

namespace descant::timelines {

struct Build {
  warehouse::Warehouse& warehouse;
  const std::string& store;
  std::string version_folder;
  std::size_t threads;
  const Watch& watch;
};

// Streams and sorts all tables of one entity and adds their entries to the manifest.
Result<void> build_entity(const Build& build, std::span<const TablePlan> plans, Manifest& manifest,
                          std::vector<TableRefresh>& reports);

// Whether the timelines of `before` differ from the plan only in columns beside those that order
// the rows, and every row has its place by those alone: then new columns fall into the same order.
bool differs_in_columns_only(const TablePlan& plan, const TableEntry& before);

// The entry with the plan's columns: kept ones as they are, new and changed ones streamed and
// sorted with what orders the rows. The rows found must be those of the timelines, to the byte;
// kInvalidData when they are not (the source changed under an old date), and then a full build
// helps.
Result<TableEntry> add_columns(const Build& build, const TablePlan& plan, const TableEntry& before);

TableRefresh report_on(const TableEntry& table, const std::string& store, bool rebuilt,
                       double seconds);

}  // namespace descant::timelines
