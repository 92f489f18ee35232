// SPDX-License-Identifier: Apache-2.0
#include "timelines/status.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/parallel.h"
#include "definitions/load.h"
#include "timelines/store.h"
#include "timelines/table_plan.h"

namespace descant::timelines {
namespace {

constexpr std::size_t kRowsPerMorsel = std::size_t{1} << 20U;

// Events per local date. Counting is by whole morsels, so any number of threads agrees.
Result<std::vector<DayCount>> events_per_day(const TableView& view, const TimeZone& zone) {
  std::vector<DayCount> days;
  if (view.rows == 0) return days;
  const Column& time = view.columns[0];
  const Date first = zone.date_of(view.first);
  const std::vector<Instant> boundaries = zone.day_boundaries(first, zone.date_of(view.last));
  std::vector<std::int64_t> starts;  // of each date, as stored
  for (const Instant boundary : boundaries) starts.push_back(time.stored_threshold(boundary));
  const std::size_t morsels = (view.rows + kRowsPerMorsel - 1) / kRowsPerMorsel;
  std::vector<std::vector<std::int64_t>> counts(morsels);
  DESCANT_CHECK(
      for_each_morsel(morsels, thread_count(), [&](std::size_t m, std::size_t) -> Result<void> {
        auto& count = counts[m];
        count.assign(boundaries.size(), 0);
        const std::size_t end = std::min(view.rows, (m + 1) * kRowsPerMorsel);
        std::size_t day = 0;
        for (std::size_t row = m * kRowsPerMorsel; row < end; ++row) {
          const std::int64_t at = time.stored_at(row);
          // Neighbouring events mostly share their date.
          if (at < starts[day] || at >= starts[day + 1])
            day = static_cast<std::size_t>(
                std::upper_bound(starts.begin() + 1, starts.end() - 1, at) - starts.begin() - 1);
          ++count[day];
        }
        return {};
      }));
  for (std::size_t d = 0; d + 1 < boundaries.size(); ++d) {
    std::int64_t events = 0;
    for (const auto& count : counts) events += count[d];
    days.push_back({format_date(first + static_cast<Date>(d)), events});
  }
  return days;
}

std::uint64_t left_out_of(const LeftOutRows& rows) {
  return rows.null_key + rows.null_timestamp + rows.timestamp_out_of_range + rows.null_label +
         rows.duplicate_entities;
}

std::string why_stale(const TablePlan& plan, const TableEntry& entry) {
  if (plan.definition_hash != entry.definition_hash) return "the definition changed";
  if (plan.source_fingerprint != entry.source_fingerprint) return "the source changed";
  return {};
}

struct Inputs {
  const definitions::Project& project;
  const TimeZone& zone;
  const Store* store;  // null: no timelines yet
};

Result<TableStatus> table_status(const Inputs& inputs, const TablePlan& plan) {
  TableStatus status;
  status.table = plan.name;
  status.kind = plan.kind;
  status.source = plan.source;
  status.definition_hash = plan.definition_hash;
  status.state = "missing";
  const TableEntry* entry =
      inputs.store == nullptr ? nullptr : find_table(inputs.store->manifest(), plan.name);
  if (entry == nullptr) return status;
  status.why = why_stale(plan, *entry);
  status.state = status.why.empty() ? "current" : "stale";
  status.refreshed = format_instant(entry->refreshed);
  status.left_out = static_cast<std::int64_t>(left_out_of(entry->left_out));
  status.warnings = left_out_warnings(*entry);
  DESCANT_ASSIGN(const auto table, inputs.store->table(plan.name));
  const TableView& view = *table;
  status.rows = static_cast<std::int64_t>(view.rows);
  status.distinct_entities = static_cast<std::int64_t>(view.entities.size());
  for (const MappedFile& file : view.files)
    status.bytes += static_cast<std::int64_t>(file.bytes().size());
  if (!plan.has_timestamp || view.rows == 0) return status;
  status.first = format_instant(view.first);
  status.last = format_instant(view.last);
  status.watermark = status.last;
  if (plan.kind != "fact_table") return status;
  const auto found = inputs.project.fact_tables.find(plan.name);
  if (found != inputs.project.fact_tables.end())
    status.watermark = format_instant(view.last - found->second.completeness_lag);
  DESCANT_ASSIGN(status.events_per_day, events_per_day(view, inputs.zone));
  return status;
}

}  // namespace

void describe(Describer& d, DayCount& day) {
  d.field(day.day, {.name = "day", .doc = "local date"});
  d.field(day.events, {.name = "events", .doc = "events of that date"});
}

void describe(Describer& d, TableStatus& status) {
  d.field(status.table, {.name = "table", .doc = "name in the definitions"});
  d.field(status.kind, {.name = "kind", .doc = "fact, assignment or dimension table"});
  d.field(status.source, {.name = "source", .doc = "as written in the definitions"});
  d.field(status.state, {.name = "state",
                         .doc = "whether the timelines fit source and definition",
                         .choices = {"current", "stale", "missing"}});
  d.field(status.why, {.name = "why", .doc = "what made it stale", .omit_when_empty = true});
  d.field(status.rows, {.name = "rows", .doc = "rows kept"});
  d.field(status.left_out, {.name = "left_out", .doc = "rows left out; see warnings"});
  d.field(status.distinct_entities,
          {.name = "distinct_entities", .doc = "entities with at least one row, exact"});
  d.field(status.bytes, {.name = "bytes", .doc = "size of the timelines", .unit = "bytes"});
  d.field(status.first, {.name = "first", .doc = "earliest timestamp"});
  d.field(status.last, {.name = "last", .doc = "latest timestamp"});
  d.field(status.watermark, {.name = "watermark",
                             .doc = "up to when the table is complete: last - completeness_lag"});
  d.field(status.refreshed, {.name = "refreshed", .doc = "when the timelines were built"});
  d.field(status.definition_hash, {.name = "definition_hash", .doc = "of the table's definition"});
  d.field(status.events_per_day, {.name = "events_per_day", .doc = "fact tables only"});
  d.field(status.warnings, {.name = "warnings", .doc = "rows left out, by reason"});
}

void describe(Describer& d, ProjectStatus& status) {
  d.field(status.project, {.name = "project", .doc = "name of the project"});
  d.field(status.folder, {.name = "folder", .doc = "where it lies"});
  d.field(status.definition_hash, {.name = "definition_hash", .doc = "of all definitions"});
  d.field(status.tables, {.name = "tables", .doc = "a row per table"});
}

Result<ProjectStatus> status(const definitions::Project& project, bool deep) {
  ProjectStatus status;
  status.project = project.name;
  status.folder = project.folder;
  status.definition_hash = definitions::definition_hash(project);
  DESCANT_ASSIGN(const TimeZone zone, TimeZone::find(project.timezone));
  DESCANT_ASSIGN(auto warehouse, warehouse::Warehouse::open(project.duckdb, project.folder));
  std::vector<Error> errors;
  const std::vector<TablePlan> plans = plan_tables(project, warehouse, errors);
  if (!errors.empty()) return std::move(errors[0]);
  const std::string folder = store_folder(project.folder);
  std::optional<Store> store;
  if (std::filesystem::exists(manifest_path(folder))) {
    DESCANT_ASSIGN(store, Store::open(project.folder));
    if (deep) DESCANT_CHECK(verify_files(folder, store->manifest(), thread_count()));
  }
  const Inputs inputs{project, zone, store ? &*store : nullptr};
  for (const TablePlan& plan : plans) {
    DESCANT_ASSIGN(TableStatus table, table_status(inputs, plan));
    status.tables.push_back(std::move(table));
  }
  return status;
}

}  // namespace descant::timelines
