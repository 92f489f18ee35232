// SPDX-License-Identifier: Apache-2.0
#include "timelines/refresh.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "timelines/build.h"
#include "timelines/store.h"
#include "timelines/table_plan.h"

namespace descant::timelines {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
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

// What a refresh has to do for a table.
enum class Need { kNothing, kColumns, kEverything };

Need need_of(const TablePlan& plan, const Manifest& manifest, const std::string& store) {
  const TableEntry* entry = find_table(manifest, plan.name);
  if (entry == nullptr || entry->entity != plan.entity ||
      find_entity(manifest, plan.entity) == nullptr ||
      entry->source_fingerprint != plan.source_fingerprint || plan.source_fingerprint.empty())
    return Need::kEverything;
  Manifest only;
  only.tables.push_back(*entry);
  for (const FileEntry* file : files_of(only))
    if (!fs::exists(store + "/" + file->path)) return Need::kEverything;
  if (entry->definition_hash == plan.definition_hash) return Need::kNothing;
  return differs_in_columns_only(plan, *entry) ? Need::kColumns : Need::kEverything;
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

// The tables of one entity whose rows stay where they are; columns are added where needed.
Result<void> keep_entity(const Build& build, std::span<const TablePlan> plans,
                         const Manifest& before, Manifest& manifest,
                         std::vector<TableRefresh>& reports) {
  manifest.entities.push_back(*find_entity(before, plans[0].entity));
  for (const TablePlan& plan : plans) {
    const TableEntry& entry = *find_table(before, plan.name);
    if (entry.definition_hash == plan.definition_hash) {
      manifest.tables.push_back(entry);
      reports.push_back(report_on(entry, build.store, false, 0));
      continue;
    }
    const auto start = Clock::now();
    DESCANT_ASSIGN(TableEntry wider, add_columns(build, plan, entry));
    reports.push_back(report_on(wider, build.store, true, seconds_since(start)));
    manifest.tables.push_back(std::move(wider));
  }
  return {};
}

Result<void> bring_up_to_date(const Build& build, std::span<const TablePlan> plans, Need need,
                              const Manifest& before, Manifest& after,
                              std::vector<TableRefresh>& reports) {
  if (need == Need::kEverything) return build_entity(build, plans, after, reports);
  const Manifest kept = after;
  const std::size_t reported = reports.size();
  auto done = keep_entity(build, plans, before, after, reports);
  if (done || done.error().code != ErrorCode::kInvalidData) return done;
  // The rows were not those of the timelines after all: start from the sources.
  after = kept;
  reports.resize(reported);
  std::error_code ignored;
  fs::remove_all(build.store + "/" + build.version_folder, ignored);
  return build_entity(build, plans, after, reports);
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
  const Build build{warehouse, store, next_version_folder(store, before.version), threads, watch};
  RefreshReport report;
  bool changed = options.force || before.tables.size() != plans.size();
  for (std::size_t first = 0; first < plans.size();) {
    std::size_t end = first;
    Need need = options.force ? Need::kEverything : Need::kNothing;
    for (; end < plans.size() && plans[end].entity == plans[first].entity; ++end)
      need = std::max(need, need_of(plans[end], before, store));
    const auto of_entity = std::span(plans).subspan(first, end - first);
    changed = changed || need != Need::kNothing;
    if (auto done = bring_up_to_date(build, of_entity, need, before, after, report.tables); !done) {
      std::error_code ignored;
      fs::remove_all(store + "/" + build.version_folder, ignored);
      return std::move(done.error());
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
