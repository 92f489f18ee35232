// SPDX-License-Identifier: Apache-2.0
#include "timelines/refresh.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "timelines/sorter.h"
#include "timelines/store.h"
#include "timelines/table_plan.h"

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

// Removes version folders that no published file lives in: what a killed refresh left behind, or
// what a newer version replaced. Readers keep what they have mapped.
void remove_unused_versions(const std::string& store, const Manifest& manifest) {
  std::set<std::string> used;
  for (const FileEntry* file : files_of(manifest))
    used.insert(file->path.substr(0, file->path.find('/')));
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(store, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool of_a_version = entry.is_directory(ignored) && name.starts_with('v');
    if ((of_a_version && !used.contains(name)) || name.ends_with(".tmp"))
      fs::remove_all(entry.path(), ignored);
  }
}

bool is_current(const TablePlan& plan, const Manifest& manifest, const std::string& store) {
  const TableEntry* entry = find_table(manifest, plan.name);
  if (entry == nullptr || entry->definition_hash != plan.definition_hash ||
      entry->source_fingerprint != plan.source_fingerprint || plan.source_fingerprint.empty())
    return false;
  for (const SegmentEntry& segment : entry->segments)
    for (const ColumnEntry& column : segment.columns)
      if (!fs::exists(store + "/" + column.values.path)) return false;
  return true;
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

Result<void> fill_checksums(const std::string& store, Manifest& manifest, std::size_t threads) {
  std::vector<FileEntry*> fresh;
  for (const FileEntry* file : files_of(manifest))
    if (file->checksum.empty()) fresh.push_back(const_cast<FileEntry*>(file));
  return for_each_morsel(fresh.size(), threads, [&](std::size_t i, std::size_t) -> Result<void> {
    DESCANT_ASSIGN(fresh[i]->checksum, checksum_of(store + "/" + fresh[i]->path));
    return {};
  });
}

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

struct Build {
  const definitions::Project& project;
  warehouse::Warehouse& warehouse;
  const std::string& store;
  std::string version_folder;
  std::size_t threads;
  const Watch& watch;
};

// Streams and sorts all tables of one entity.
Result<void> build_entity(const Build& build, std::span<const TablePlan> plans, Manifest& manifest,
                          std::vector<TableRefresh>& reports) {
  std::vector<std::unique_ptr<RunCollector>> collectors;
  std::vector<SortInput> inputs;
  std::vector<double> seconds;
  for (const TablePlan& plan : plans) {
    const auto start = Clock::now();
    auto& collector = collectors.emplace_back(std::make_unique<RunCollector>(plan.columns));
    Watch watch = build.watch;
    if (watch.report)
      watch.report = [&](const Progress& progress) {
        Progress named = progress;
        named.step = plan.name;
        build.watch.report(named);
      };
    DESCANT_ASSIGN(const std::uint64_t rows,
                   build.warehouse.stream(
                       plan.relation, plan.expressions, plan.types, "",
                       [&](const warehouse::Batch& batch) { return collector->append(batch); },
                       watch, plan.kind + "s." + plan.name));
    DESCANT_CHECK(collector->finish());
    inputs.push_back(
        {plan.name, collector.get(), plan.has_timestamp, plan.kind == "dimension_table"});
    TableEntry entry;
    entry.name = plan.name;
    entry.kind = plan.kind;
    entry.entity = plan.entity;
    entry.source = plan.source;
    entry.definition_hash = plan.definition_hash;
    entry.source_fingerprint = plan.source_fingerprint;
    entry.refreshed = now_instant();
    entry.source_rows = rows;
    entry.left_out = collector->left_out();
    manifest.tables.push_back(std::move(entry));
    seconds.push_back(seconds_since(start));
  }
  DESCANT_ASSIGN(SortedEntity sorted,
                 sort_entity(plans[0].entity, plans[0].integer_key, inputs, build.store,
                             build.version_folder, build.threads, build.watch));
  manifest.entities.push_back(std::move(sorted.entity));
  const std::size_t first = manifest.tables.size() - plans.size();
  for (std::size_t t = 0; t < plans.size(); ++t) {
    TableEntry& entry = manifest.tables[first + t];
    entry.left_out.duplicate_entities = sorted.tables[t].duplicate_entities;
    if (entry.kind == "fact_table") entry.left_out.duplicate_rows = sorted.tables[t].duplicate_rows;
    entry.segments.push_back(std::move(sorted.tables[t].segment));
    reports.push_back(report_on(entry, build.store, true, seconds[t]));
  }
  return {};
}

void keep_entity(std::span<const TablePlan> plans, const Manifest& before, const std::string& store,
                 Manifest& manifest, std::vector<TableRefresh>& reports) {
  manifest.entities.push_back(*find_entity(before, plans[0].entity));
  for (const TablePlan& plan : plans) {
    manifest.tables.push_back(*find_table(before, plan.name));
    reports.push_back(report_on(manifest.tables.back(), store, false, 0));
  }
}

Error summary_of(std::vector<Error> errors) {
  Error first = std::move(errors[0]);
  if (errors.size() > 1)
    first.hint += fmt::format("{}{} more; `descant check` lists them all.",
                              first.hint.empty() ? "" : " ", errors.size() - 1);
  return first;
}

std::string next_version_folder(const std::string& store, std::uint64_t version) {
  std::string folder;
  do folder = fmt::format("v{:06}", ++version);
  while (fs::exists(store + "/" + folder));
  return folder;
}

}  // namespace

std::vector<Error> check_sources(const definitions::Project& project) {
  std::vector<Error> errors;
  auto warehouse = warehouse::Warehouse::open(project.duckdb, project.folder);
  if (!warehouse)
    errors.push_back(std::move(warehouse.error()));
  else
    plan_tables(project, *warehouse, errors);
  return errors;
}

Result<RefreshReport> refresh(const definitions::Project& project, const RefreshOptions& options,
                              const Watch& watch) {
  const auto start = Clock::now();
  const std::size_t threads = thread_count(options.threads);
  DESCANT_ASSIGN(auto warehouse,
                 warehouse::Warehouse::open(project.duckdb, project.folder, threads));
  std::vector<Error> errors;
  const std::vector<TablePlan> plans = plan_tables(project, warehouse, errors);
  if (!errors.empty()) return summary_of(std::move(errors));

  const std::string store = store_folder(project.folder);
  DESCANT_CHECK(make_folders(store));
  DESCANT_ASSIGN(const FileLock lock, FileLock::take(store + "/lock"));
  auto read = read_manifest(store);
  if (!read && !options.force) return std::move(read.error());
  const Manifest before = read && *read ? std::move(**read) : Manifest{};
  remove_unused_versions(store, before);

  Manifest after;
  after.version = before.version + 1;
  const Build build{project, warehouse, store, next_version_folder(store, before.version),
                    threads, watch};
  RefreshReport report;
  bool changed = before.tables.size() != plans.size();
  for (std::size_t first = 0; first < plans.size();) {
    std::size_t end = first;
    bool current = !options.force;
    for (; end < plans.size() && plans[end].entity == plans[first].entity; ++end)
      current = current && is_current(plans[end], before, store);
    const auto of_entity = std::span(plans).subspan(first, end - first);
    if (current) {
      keep_entity(of_entity, before, store, after, report.tables);
    } else {
      changed = true;
      if (auto built = build_entity(build, of_entity, after, report.tables); !built) {
        std::error_code ignored;
        fs::remove_all(store + "/" + build.version_folder, ignored);
        return std::move(built.error());
      }
    }
    first = end;
  }
  if (changed) {
    DESCANT_CHECK(fill_checksums(store, after, threads));
    DESCANT_CHECK(write_file_atomically(manifest_path(store), write_manifest(after)));
    remove_unused_versions(store, after);
  }
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace descant::timelines
