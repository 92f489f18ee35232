// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a Warehouse holds: one open database and a connection to it, closed with their last owner.
// Only this folder's sources include it, because only they may know the engine.

#include <atomic>
#include <string>

#include <duckdb.h>

#include "warehouse/warehouse.h"

namespace descant::warehouse {

struct Warehouse::State {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  std::string folder;
  std::atomic<int> sinks{0};

  ~State() {
    if (connection != nullptr) duckdb_disconnect(&connection);
    if (database != nullptr) duckdb_close(&database);
  }
};

}  // namespace descant::warehouse
