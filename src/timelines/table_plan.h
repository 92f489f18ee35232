// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a definition asks of a source, as the SQL expressions to stream and the columns to keep.
// Made by asking the warehouse for the source's columns and each expression's type, so every
// mistake in a table (missing file or column, wrong type, SQL that does not bind) is found here,
// with the definition's path in `where`, before a row is read.

#include <string>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "timelines/run.h"
#include "warehouse/warehouse.h"

namespace descant::timelines {

struct TablePlan {
  std::string name;
  std::string kind;  // fact_table | assignment_table | dimension_table
  std::string entity;
  std::string source;  // as written
  std::string relation;
  bool integer_key = true;
  bool has_timestamp = false;
  std::vector<RunColumn> columns;
  std::vector<std::string> expressions;  // as columns
  std::vector<warehouse::ColumnType> types;
  std::vector<std::string> expression_hashes;  // as columns
  std::size_t order_columns = 1;  // the first ones, which order the rows: key, timestamp, order_by
  std::string order_hash;         // of the source and those
  std::string definition_hash;
  std::string source_fingerprint;
};

// All tables of the project, by entity and then in the order fact, assignment, dimension tables. On
// return `errors` holds every mistake found; the plans are usable only when it is empty.
std::vector<TablePlan> plan_tables(const definitions::Project& project,
                                   warehouse::Warehouse& warehouse, std::vector<Error>& errors);

// Column that holds a `where` condition of a metric, in the timelines of its fact table.
std::string where_column(const std::string& condition);

}  // namespace descant::timelines
