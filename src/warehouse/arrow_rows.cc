// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <chrono>
#include <thread>

#include "warehouse/sql_error.h"
#include "warehouse/warehouse.h"
#include "warehouse/warehouse_state.h"

namespace descant::warehouse {

namespace {

// A finished query and the engine's Arrow settings, as the stream's private data.
struct ArrowRows {
  duckdb_prepared_statement statement = nullptr;
  duckdb_pending_result pending = nullptr;
  duckdb_result result{};
  duckdb_arrow_options options = nullptr;
  std::string message;
  Warehouse database;  // outlives the members above: their destruction is in the destructor's body

  explicit ArrowRows(Warehouse owned) : database(std::move(owned)) {}
  ArrowRows(const ArrowRows&) = delete;
  ArrowRows& operator=(const ArrowRows&) = delete;
  ~ArrowRows() {
    if (options != nullptr) duckdb_destroy_arrow_options(&options);
    duckdb_destroy_result(&result);
    if (pending != nullptr) duckdb_destroy_pending(&pending);
    if (statement != nullptr) duckdb_destroy_prepare(&statement);
  }

  // 0, or an errno with the message kept for get_last_error.
  int outcome(duckdb_error_data error) {
    if (error == nullptr) return 0;
    const bool failed = duckdb_error_data_has_error(error);
    if (failed) message = duckdb_error_data_message(error);
    duckdb_destroy_error_data(&error);
    return failed ? EIO : 0;
  }
};

ArrowRows& rows_of(ArrowArrayStream* stream) {
  return *static_cast<ArrowRows*>(stream->private_data);
}

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  ArrowRows& rows = rows_of(stream);
  std::vector<duckdb_logical_type> types;
  std::vector<const char*> names;
  for (idx_t i = 0; i < duckdb_column_count(&rows.result); ++i) {
    types.push_back(duckdb_column_logical_type(&rows.result, i));
    names.push_back(duckdb_column_name(&rows.result, i));
  }
  const int code = rows.outcome(
      duckdb_to_arrow_schema(rows.options, types.data(), names.data(), types.size(), out));
  for (auto& type : types) duckdb_destroy_logical_type(&type);
  return code;
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
  ArrowRows& rows = rows_of(stream);
  *out = {};
  duckdb_data_chunk chunk = duckdb_fetch_chunk(rows.result);
  if (chunk == nullptr) return 0;  // the end
  const int code = rows.outcome(duckdb_data_chunk_to_arrow(rows.options, chunk, out));
  duckdb_destroy_data_chunk(&chunk);
  return code;
}

const char* last_error(ArrowArrayStream* stream) { return rows_of(stream).message.c_str(); }

void release(ArrowArrayStream* stream) {
  delete &rows_of(stream);
  *stream = {};
}

Result<void> run(ArrowRows& rows, duckdb_connection connection, const std::string& sql,
                 const Watch& watch) {
  if (duckdb_prepare(connection, sql.c_str(), &rows.statement) != DuckDBSuccess) {
    const char* why = duckdb_prepare_error(rows.statement);
    return sql_error(why == nullptr ? "the statement is wrong" : why, "sql");
  }
  if (duckdb_pending_prepared(rows.statement, &rows.pending) != DuckDBSuccess)
    return sql_error(duckdb_pending_error(rows.pending), "sql");
  for (;;) {
    if (watch.stopped()) {
      duckdb_interrupt(connection);
      return cancelled();
    }
    const duckdb_pending_state state = duckdb_pending_execute_task(rows.pending);
    if (state == DUCKDB_PENDING_ERROR) return sql_error(duckdb_pending_error(rows.pending), "sql");
    if (duckdb_pending_execution_is_finished(state)) break;
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (duckdb_execute_pending(rows.pending, &rows.result) != DuckDBSuccess) {
    const char* why = duckdb_result_error(&rows.result);
    return sql_error(why == nullptr ? "the query failed" : why, "sql");
  }
  rows.options = duckdb_result_get_arrow_options(&rows.result);
  return {};
}

}  // namespace

Result<ArrowArrayStream> Warehouse::query_arrow(const std::string& sql, const Watch& watch) && {
  duckdb_connection connection = state_->connection;
  auto rows = std::make_unique<ArrowRows>(std::move(*this));
  DESCANT_CHECK(run(*rows, connection, sql, watch));
  return ArrowArrayStream{get_schema, get_next, last_error, release, rows.release()};
}

}  // namespace descant::warehouse
