// SPDX-License-Identifier: Apache-2.0
#pragma once

// The database in which a project's tables stand under their own names, for SQL that people write.
// Sources are read when a query reads them; a source that is missing is an error that names it.

#include "definitions/project.h"
#include "warehouse/warehouse.h"

namespace descant::warehouse {

Result<Warehouse> open_project_database(const definitions::Project& project, std::size_t threads);

}  // namespace descant::warehouse
