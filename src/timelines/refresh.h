// SPDX-License-Identifier: Apache-2.0
#pragma once

// Brings a project's timelines up to date with their sources: streams every table once, sorts it by
// entity and time, and publishes all of it at once by renaming the manifest. What has not changed
// (same sources, same definitions) is kept. One refresh at a time: a second one gets a kLocked
// error. Whatever happens before the rename, the last published version stays as it was.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/result.h"
#include "definitions/project.h"

namespace descant::timelines {

struct RefreshOptions {
  std::size_t threads = 0;  // 0: all processors
  bool force = false;       // rebuild although nothing changed
};

struct TableRefresh {
  std::string table;
  std::string kind;            // fact_table | assignment_table | dimension_table
  bool rebuilt = false;        // false: unchanged, kept
  std::uint64_t rows = 0;      // kept in the timelines
  std::uint64_t entities = 0;  // with at least one row
  std::uint64_t bytes = 0;
  double seconds = 0;
  Warnings warnings;  // rows left out and why: null keys, timestamps out of range …
};

struct RefreshReport {
  std::vector<TableRefresh> tables;
  double seconds = 0;
};

// Every mistake that a refresh would meet before reading rows: missing files and columns, wrong
// types, SQL that does not bind.
std::vector<Error> check_sources(const definitions::Project& project);

Result<RefreshReport> refresh(const definitions::Project& project, const RefreshOptions& options,
                              const Watch& watch = {});

}  // namespace descant::timelines
