// SPDX-License-Identifier: Apache-2.0
#include "warehouse/project_database.h"

#include <fmt/format.h>

namespace descant::warehouse {

namespace {

template <class Tables>
Result<void> add_views(Warehouse& database, const Tables& tables) {
  for (const auto& [name, table] : tables) {
    DESCANT_ASSIGN(const auto relation, database.relation(table.source.from, table.source.sql));
    // A table of the warehouse that is already called so needs no view.
    if (relation == quote_identifier(name) || relation == name) continue;
    DESCANT_CHECK(database.execute(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS SELECT * FROM {}",
                                               quote_identifier(name), relation),
                                   name));
  }
  return {};
}

}  // namespace

Result<Warehouse> open_project_database(const definitions::Project& project, std::size_t threads) {
  DESCANT_ASSIGN(auto database, Warehouse::open(project.duckdb, project.folder, threads));
  DESCANT_CHECK(add_views(database, project.fact_tables));
  DESCANT_CHECK(add_views(database, project.assignment_tables));
  DESCANT_CHECK(add_views(database, project.dimension_tables));
  return database;
}

}  // namespace descant::warehouse
