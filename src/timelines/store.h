// SPDX-License-Identifier: Apache-2.0
#pragma once

// A project's timelines opened for reading: the manifest as it was at that moment, and its files
// mapped then, so that whatever is published afterwards does not touch it; copies share the maps,
// and any thread may ask. Asking for a table checks sizes, headers, offsets and ids, so that a
// scan may trust them; codes are bounded where they are used.

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "timelines/column.h"
#include "timelines/manifest.h"

namespace descant::timelines {

// One table's timelines: rows of entities[i] are [offsets[i], offsets[i + 1]), in time order.
struct TableView {
  std::shared_ptr<const Manifest> manifest;  // keeps `entry` alive
  const TableEntry* entry = nullptr;
  std::span<const std::uint32_t> entities;
  std::span<const std::uint64_t> offsets;
  std::vector<Column> columns;
  std::size_t rows = 0;
  Instant first = 0;
  Instant last = 0;
  std::vector<MappedFile> files;

  const Column* find(std::string_view column) const;
  // Index into entities of the first one that is not below `entity`.
  std::size_t lower_bound(std::uint32_t entity) const;
};

class Store {
 public:
  // `project_folder`/.descant; without a manifest the error says to refresh.
  static Result<Store> open(const std::string& project_folder);

  const Manifest& manifest() const { return *manifest_; }
  const std::string& folder() const { return folder_; }

  // An unknown table is kNotFound and says to refresh.
  // The view lives as long as the pointer.
  Result<std::shared_ptr<const TableView>> table(const std::string& name) const;

 private:
  std::string folder_;
  std::shared_ptr<const Manifest> manifest_;
  struct Opened {
    std::mutex mutex;
    std::map<std::string, MappedFile> files;  // by path; a table's files move to its view
    std::map<std::string, std::shared_ptr<const TableView>> tables;
  };
  std::shared_ptr<Opened> opened_ = std::make_shared<Opened>();
};

std::string store_folder(const std::string& project_folder);
std::string manifest_path(const std::string& store);

// Empty when there is no manifest yet.
Result<std::optional<Manifest>> read_manifest(const std::string& store);

// Checks every file's size and content against the manifest.
Result<void> verify_files(const std::string& store, const Manifest& manifest, std::size_t threads);

// Content checksum as the manifest holds it.
Result<std::string> checksum_of(const std::string& path);

}  // namespace descant::timelines
