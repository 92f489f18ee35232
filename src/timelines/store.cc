// SPDX-License-Identifier: Apache-2.0
#include "timelines/store.h"

#include <algorithm>

#include <fmt/format.h>
#include <xxhash.h>

#include "base/parallel.h"
#include "base/text.h"
#include "timelines/npy.h"

namespace descant::timelines {
namespace {

constexpr std::string_view kRebuild = "Run `descant refresh --force` to build the timelines anew.";

template <class T>
std::span<const T> view_of(const MappedFile& file, std::uint64_t rows) {
  return {static_cast<const T*>(npy_data(file)), rows};
}

// A manifest that passed check_manifest names at least one offset.
Result<void> check_ascending(std::span<const std::uint64_t> offsets, std::uint64_t end,
                             const std::string& path) {
  bool ascending = offsets.front() == 0 && offsets.back() == end;
  for (std::size_t i = 1; i < offsets.size(); ++i) ascending &= offsets[i - 1] <= offsets[i];
  if (!ascending) return corrupt("the offsets are not in order", path, std::string(kRebuild));
  return {};
}

using FilesByPath = std::map<std::string, MappedFile>;

// Maps the files of one table; all of a table's maps live in its view.
class Mapper {
 public:
  Mapper(const std::string& store, FilesByPath& opened, TableView& view)
      : store_(store), opened_(opened), view_(view) {}

  Result<const void*> map(const FileEntry& file) {
    const std::string path = store_ + "/" + file.path;
    auto found = opened_.extract(file.path);
    if (found.empty()) {  // could not be opened before: this says why
      DESCANT_ASSIGN(MappedFile mapped, map_npy(path, file.dtype, file.rows));
      view_.files.push_back(std::move(mapped));
    } else {
      DESCANT_CHECK(check_npy(found.mapped(), path, file.dtype, file.rows));
      view_.files.push_back(std::move(found.mapped()));
    }
    return npy_data(view_.files.back());
  }

  Result<Column> column(const ColumnEntry& entry) {
    Column column;
    column.name = entry.name;
    DESCANT_ASSIGN(column.kind, parse_kind(entry.kind));
    DESCANT_ASSIGN(column.dtype, parse_dtype(entry.values.dtype));
    column.rows = entry.values.rows;
    column.divisor = entry.divisor;
    column.base = entry.base;
    column.unit = entry.unit;
    DESCANT_ASSIGN(column.data, map(entry.values));
    if (entry.valid) {
      DESCANT_ASSIGN(const void* valid, map(*entry.valid));
      column.valid = static_cast<const std::uint8_t*>(valid);
    }
    if (column.kind != ColumnKind::kLabel) return column;
    DESCANT_ASSIGN(const void* bytes, map(*entry.label_bytes));
    DESCANT_ASSIGN(const void* offsets, map(*entry.label_offsets));
    column.labels.bytes = {static_cast<const char*>(bytes), entry.label_bytes->rows};
    column.labels.offsets = {static_cast<const std::uint64_t*>(offsets), entry.label_offsets->rows};
    DESCANT_CHECK(check_ascending(column.labels.offsets, entry.label_bytes->rows,
                                  store_ + "/" + entry.label_offsets->path));
    return column;
  }

 private:
  const std::string& store_;
  FilesByPath& opened_;
  TableView& view_;
};

// Ids ascend, and each has at least one row.
Result<void> check_entities(const TableView& view, std::uint64_t entity_count,
                            const std::string& path) {
  bool ascending = true;
  for (std::size_t i = 1; i < view.entities.size(); ++i)
    ascending &= view.entities[i - 1] < view.entities[i];
  for (std::size_t i = 1; i < view.offsets.size(); ++i)
    ascending &= view.offsets[i - 1] < view.offsets[i];
  if (!view.entities.empty()) ascending &= view.entities.back() < entity_count;
  if (!ascending) return corrupt("the entity ids are not in order", path, std::string(kRebuild));
  return {};
}

Result<TableView> map_table(const std::string& store, FilesByPath& opened, const Manifest& manifest,
                            const TableEntry& entry) {
  TableView view;
  view.entry = &entry;
  if (entry.segments.size() != 1)
    return corrupt(
        fmt::format("the table '{}' has {} store segments", entry.name, entry.segments.size()),
        manifest_path(store), std::string(kRebuild));
  const SegmentEntry& segment = entry.segments[0];
  view.rows = segment.rows;
  view.first = segment.first;
  view.last = segment.last;
  Mapper mapper(store, opened, view);
  DESCANT_ASSIGN(const void* entities, mapper.map(segment.entities));
  DESCANT_ASSIGN(const void* offsets, mapper.map(segment.offsets));
  view.entities = {static_cast<const std::uint32_t*>(entities), segment.entities.rows};
  view.offsets = {static_cast<const std::uint64_t*>(offsets), segment.offsets.rows};
  const std::string offsets_path = store + "/" + segment.offsets.path;
  DESCANT_CHECK(check_ascending(view.offsets, view.rows, offsets_path));
  DESCANT_CHECK(check_entities(view, find_entity(manifest, entry.entity)->count,
                               store + "/" + segment.entities.path));
  for (const ColumnEntry& column_entry : segment.columns) {
    DESCANT_ASSIGN(Column column, mapper.column(column_entry));
    view.columns.push_back(std::move(column));
  }
  return view;
}

// Those that cannot be opened are left out; asking for their table says why.
FilesByPath map_files(const std::string& store, const Manifest& manifest) {
  FilesByPath files;
  for (const FileEntry* file : files_of(manifest))
    if (auto mapped = MappedFile::open(store + "/" + file->path))
      files.emplace(file->path, std::move(*mapped));
  return files;
}

}  // namespace

const Column* TableView::find(std::string_view column) const {
  for (const Column& candidate : columns)
    if (candidate.name == column) return &candidate;
  return nullptr;
}

std::size_t TableView::lower_bound(std::uint32_t entity) const {
  return static_cast<std::size_t>(std::lower_bound(entities.begin(), entities.end(), entity) -
                                  entities.begin());
}

std::string store_folder(const std::string& project_folder) { return project_folder + "/.descant"; }
std::string manifest_path(const std::string& store) { return store + "/manifest.json"; }

Result<std::optional<Manifest>> read_manifest(const std::string& store) {
  const std::string path = manifest_path(store);
  auto text = read_file(path);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::optional<Manifest>();
  if (!text) {
    text.error().hint = "Make the file readable, or build anew with `descant refresh --force`.";
    return std::move(text.error());
  }
  DESCANT_ASSIGN(Manifest manifest, parse_manifest(*text, path));
  return std::optional(std::move(manifest));
}

Result<Store> Store::open(const std::string& project_folder) {
  Store store;
  store.folder_ = store_folder(project_folder);
  for (std::optional<std::uint64_t> version;;) {
    DESCANT_ASSIGN(auto manifest, read_manifest(store.folder_));
    if (!manifest)
      return not_found("the project has no timelines yet", store.folder_,
                       "Run `descant refresh` first.");
    // Unless the manifest stood still meanwhile, files it named may have been removed.
    if (version == manifest->version) return store;
    version = manifest->version;
    store.opened_->files = map_files(store.folder_, *manifest);
    store.manifest_ = std::make_shared<const Manifest>(std::move(*manifest));
  }
}

Result<std::shared_ptr<const TableView>> Store::table(const std::string& name) const {
  const std::lock_guard lock(opened_->mutex);
  if (const auto found = opened_->tables.find(name); found != opened_->tables.end())
    return found->second;
  const TableEntry* entry = find_table(*manifest_, name);
  if (entry == nullptr)
    return not_found(fmt::format("the timelines do not hold the table '{}'", name), folder_,
                     "Run `descant refresh`.");
  DESCANT_ASSIGN(TableView view, map_table(folder_, opened_->files, *manifest_, *entry));
  view.manifest = manifest_;
  return opened_->tables[name] = std::make_shared<const TableView>(std::move(view));
}

Result<std::string> checksum_of(const std::string& path) {
  DESCANT_ASSIGN(const MappedFile file, MappedFile::open(path));
  return fmt::format("{:016x}", XXH3_64bits(file.bytes().data(), file.bytes().size()));
}

Result<void> verify_files(const std::string& store, const Manifest& manifest, std::size_t threads) {
  const auto files = files_of(manifest);
  return for_each_morsel(files.size(), threads, [&](std::size_t i, std::size_t) -> Result<void> {
    const std::string path = store + "/" + files[i]->path;
    DESCANT_ASSIGN(const MappedFile mapped, map_npy(path, files[i]->dtype, files[i]->rows));
    DESCANT_ASSIGN(const std::string checksum, checksum_of(path));
    if (checksum != files[i]->checksum)
      return corrupt("the file's content does not fit its checksum", path, std::string(kRebuild));
    return {};
  });
}

}  // namespace descant::timelines
