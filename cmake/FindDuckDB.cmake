# SPDX-License-Identifier: Apache-2.0
# Finds DuckDB's C API: DuckDB::DuckDB. DUCKDB_ROOT (variable or environment) wins over the copy
# that tools/setup brings.
set(DuckDB_HINTS ${DUCKDB_ROOT} $ENV{DUCKDB_ROOT} "${DESCANT_DEPS_DIR}/duckdb")
find_path(DuckDB_INCLUDE_DIR duckdb.h HINTS ${DuckDB_HINTS} PATH_SUFFIXES include . NO_DEFAULT_PATH)
find_library(DuckDB_LIBRARY duckdb HINTS ${DuckDB_HINTS} PATH_SUFFIXES lib . NO_DEFAULT_PATH)
find_path(DuckDB_INCLUDE_DIR duckdb.h)
find_library(DuckDB_LIBRARY duckdb)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Run `make setup`, or set DUCKDB_ROOT to a folder with duckdb.h and libduckdb.so.")
if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  set_target_properties(DuckDB::DuckDB PROPERTIES IMPORTED_LOCATION "${DuckDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
endif()
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)
