// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a project's timelines hold and how fresh they are, read from the manifest and the sources
// without scanning events (events per day come from the time column, once). A project without
// timelines has an empty `tables` of state "missing".

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "definitions/project.h"

namespace descant::timelines {

struct DayCount {
  std::string day;  // local date
  std::int64_t events = 0;
};

struct TableStatus {
  std::string table;
  std::string kind;    // fact_table | assignment_table | dimension_table
  std::string source;  // as written
  std::string state;   // current | stale | missing
  std::string why;     // of stale: "the source changed", "the definition changed"
  std::int64_t rows = 0;
  std::int64_t left_out = 0;
  std::int64_t distinct_entities = 0;
  std::int64_t bytes = 0;
  std::string first;  // instants; empty for dimension tables
  std::string last;
  std::string watermark;  // last - completeness_lag
  std::string refreshed;  // instant of the build
  std::string definition_hash;
  std::vector<DayCount> events_per_day;  // fact tables
  Warnings warnings;
};

struct ProjectStatus {
  std::string project;
  std::string folder;
  std::string definition_hash;
  std::vector<TableStatus> tables;
};

void describe(Describer& d, ProjectStatus& status);

// `deep`: also hashes every file's content against the manifest; damage is an error naming the
// file.
Result<ProjectStatus> status(const definitions::Project& project, bool deep = false);

}  // namespace descant::timelines
