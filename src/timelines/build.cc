// SPDX-License-Identifier: Apache-2.0
#include "timelines/build.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "timelines/sorter.h"
#include "timelines/store.h"

namespace descant::timelines {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t now_instant() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::uint64_t bytes_of(const TableEntry& table, const std::string& store) {
  Manifest only;
  only.tables.push_back(table);
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const FileEntry* file : files_of(only))
    bytes += fs::file_size(store + "/" + file->path, ignored);
  return bytes;
}

struct Streamed {
  std::unique_ptr<RunCollector> rows;
  TableEntry entry;  // all but its segments
};

// Reads the table's source once.
Result<Streamed> stream_table(const Build& build, const TablePlan& plan) {
  Streamed streamed;
  streamed.rows = std::make_unique<RunCollector>(plan.columns);
  Watch watch = build.watch;
  if (watch.report)
    watch.report = [&](const Progress& progress) {
      Progress named = progress;
      named.step = plan.name;
      build.watch.report(named);
    };
  TableEntry& entry = streamed.entry;
  DESCANT_ASSIGN(entry.source_rows,
                 build.warehouse.stream(
                     plan.relation, plan.expressions, plan.types, "",
                     [&](const warehouse::Batch& batch) { return streamed.rows->append(batch); },
                     watch, plan.kind + "s." + plan.name));
  DESCANT_CHECK(streamed.rows->finish());
  entry.name = plan.name;
  entry.kind = plan.kind;
  entry.entity = plan.entity;
  entry.source = plan.source;
  entry.definition_hash = plan.definition_hash;
  entry.order_hash = plan.order_hash;
  entry.source_fingerprint = plan.source_fingerprint;
  entry.refreshed = now_instant();
  entry.left_out = streamed.rows->left_out();
  return streamed;
}

SortInput sort_input(const TablePlan& plan, const Streamed& streamed) {
  return {plan.name, streamed.rows.get(), plan.has_timestamp, plan.order_columns - 1,
          plan.kind == "dimension_table"};
}

void finish_entry(const TablePlan& plan, SortedTable sorted, TableEntry& entry) {
  entry.tied_rows = sorted.tied_rows;
  entry.left_out.duplicate_entities = sorted.duplicate_entities;
  if (entry.kind == "fact_table") entry.left_out.duplicate_rows = sorted.duplicate_rows;
  for (std::size_t c = 0; c < sorted.segment.columns.size(); ++c)
    sorted.segment.columns[c].expression_hash = plan.expression_hashes[c + 1];  // after the key
  entry.segments.push_back(std::move(sorted.segment));
}

const ColumnEntry* find_column(const SegmentEntry& segment, const std::string& name,
                               const std::string& expression_hash) {
  for (const ColumnEntry& column : segment.columns)
    if (column.name == name && column.expression_hash == expression_hash) return &column;
  return nullptr;
}

// The plan of what orders the rows and the columns that the segment lacks.
TablePlan plan_of_new_columns(const TablePlan& plan, const SegmentEntry& segment) {
  TablePlan part = plan;
  part.columns.clear();
  part.expressions.clear();
  part.types.clear();
  part.expression_hashes.clear();
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    if (c >= plan.order_columns &&
        find_column(segment, plan.columns[c].name, plan.expression_hashes[c]) != nullptr)
      continue;
    part.columns.push_back(plan.columns[c]);
    part.expressions.push_back(plan.expressions[c]);
    part.types.push_back(plan.types[c]);
    part.expression_hashes.push_back(plan.expression_hashes[c]);
  }
  return part;
}

// The files that say which rows there are and in which order must be equal, byte for byte.
Result<bool> same_rows(const std::string& store, const SegmentEntry& before,
                       const SegmentEntry& now, std::size_t stored_order_columns) {
  if (before.rows != now.rows) return false;
  DESCANT_ASSIGN(const std::string offsets, checksum_of(store + "/" + now.offsets.path));
  if (offsets != before.offsets.checksum) return false;
  for (std::size_t c = 0; c < stored_order_columns; ++c) {
    const std::string& path = now.columns[c].values.path;
    DESCANT_ASSIGN(const std::string values, checksum_of(store + "/" + path));
    if (values != before.columns[c].values.checksum) return false;
    std::error_code ignored;
    fs::remove(store + "/" + path, ignored);
  }
  return true;
}

}  // namespace

TableRefresh report_on(const TableEntry& table, const std::string& store, bool rebuilt,
                       double seconds) {
  TableRefresh report;
  report.table = table.name;
  report.kind = table.kind;
  report.rebuilt = rebuilt;
  report.seconds = seconds;
  report.bytes = bytes_of(table, store);
  for (const SegmentEntry& segment : table.segments) {
    report.rows += segment.rows;
    report.entities += segment.entities.rows;
  }
  report.warnings = left_out_warnings(table);
  return report;
}

Result<void> build_entity(const Build& build, std::span<const TablePlan> plans, Manifest& manifest,
                          std::vector<TableRefresh>& reports) {
  std::vector<Streamed> streamed;
  std::vector<SortInput> inputs;
  std::vector<double> seconds;
  for (const TablePlan& plan : plans) {
    const auto start = Clock::now();
    DESCANT_ASSIGN(Streamed table, stream_table(build, plan));
    inputs.push_back(sort_input(plan, table));
    streamed.push_back(std::move(table));
    seconds.push_back(seconds_since(start));
  }
  DESCANT_ASSIGN(SortedEntity sorted,
                 sort_entity(plans[0].entity, plans[0].integer_key, inputs, build.store,
                             build.version_folder, build.threads, build.watch));
  manifest.entities.push_back(std::move(sorted.entity));
  for (std::size_t t = 0; t < plans.size(); ++t) {
    finish_entry(plans[t], std::move(sorted.tables[t]), streamed[t].entry);
    reports.push_back(report_on(streamed[t].entry, build.store, true, seconds[t]));
    manifest.tables.push_back(std::move(streamed[t].entry));
  }
  return {};
}

bool differs_in_columns_only(const TablePlan& plan, const TableEntry& before) {
  return plan.kind == "fact_table" && before.order_hash == plan.order_hash &&
         before.tied_rows == 0 && before.segments.size() == 1;
}

Result<TableEntry> add_columns(const Build& build, const TablePlan& plan,
                               const TableEntry& before) {
  const SegmentEntry& old_segment = before.segments[0];
  const TablePlan part = plan_of_new_columns(plan, old_segment);
  TableEntry entry = before;
  entry.definition_hash = plan.definition_hash;
  SegmentEntry added;
  if (part.columns.size() > part.order_columns) {
    DESCANT_ASSIGN(Streamed streamed, stream_table(build, part));
    const std::vector<SortInput> inputs = {sort_input(part, streamed)};
    DESCANT_ASSIGN(SortedEntity sorted,
                   sort_entity(plan.entity, plan.integer_key, inputs, build.store,
                               build.version_folder, build.threads, build.watch));
    DESCANT_ASSIGN(const bool same, same_rows(build.store, old_segment, sorted.tables[0].segment,
                                              part.order_columns - 1));
    if (!same) return invalid_data("the source's rows are no longer those of the timelines");
    entry.refreshed = streamed.entry.refreshed;
    entry.left_out.non_finite_values += streamed.entry.left_out.non_finite_values;
    finish_entry(part, std::move(sorted.tables[0]), streamed.entry);
    added = std::move(streamed.entry.segments[0]);
  }
  SegmentEntry& segment = entry.segments[0];
  segment.columns.clear();
  for (std::size_t c = 1; c < plan.columns.size(); ++c) {
    const std::string& name = plan.columns[c].name;
    const ColumnEntry* kept = find_column(old_segment, name, plan.expression_hashes[c]);
    const ColumnEntry* column =
        kept != nullptr ? kept : find_column(added, name, plan.expression_hashes[c]);
    if (column == nullptr) return internal_error("a new column got lost", name);
    segment.columns.push_back(*column);
  }
  return entry;
}

}  // namespace descant::timelines
