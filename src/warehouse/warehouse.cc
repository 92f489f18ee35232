// SPDX-License-Identifier: Apache-2.0
#include "warehouse/warehouse.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>

#include <duckdb.h>
#include <fmt/format.h>

#include "base/text.h"
#include "warehouse/sql_error.h"
#include "warehouse/warehouse_state.h"

namespace descant::warehouse {

struct StringView16 {
  duckdb_string_t value;
};
static_assert(sizeof(StringView16) == 16, "inline_text_at reads strings as two words");

std::string_view ColumnBatch::string_at(std::size_t row) const {
  // The accessor takes a mutable pointer for no reason; it only reads.
  auto* text = const_cast<duckdb_string_t*>(&strings[row].value);
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

namespace {

// Owns one materialised result.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  ~QueryResult() { duckdb_destroy_result(&result_); }

  Result<void> run(duckdb_connection connection, const std::string& sql, const std::string& where) {
    if (duckdb_query(connection, sql.c_str(), &result_) == DuckDBSuccess) return {};
    const char* message = duckdb_result_error(&result_);
    return sql_error(message == nullptr ? "the query failed" : message, where);
  }

  std::size_t columns() { return duckdb_column_count(&result_); }
  std::string column_name(std::size_t column) { return duckdb_column_name(&result_, column); }
  duckdb_result& raw() { return result_; }

 private:
  duckdb_result result_{};
};

struct StreamState {
  const Sink& sink;
  const Watch& watch;
  const std::vector<ColumnType>& types;
  std::mutex mutex;
  std::optional<Error> error;
  std::atomic<std::uint64_t> rows{0};
  std::uint64_t rows_expected = 0;
};

duckdb_type engine_type(ColumnType type) {
  switch (type) {
    case ColumnType::kBool:
      return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::kInt64:
      return DUCKDB_TYPE_BIGINT;
    case ColumnType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::kInstant:
      return DUCKDB_TYPE_TIMESTAMP;
    case ColumnType::kZonedInstant:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case ColumnType::kString:
      return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_INVALID;
}

ColumnBatch view_column(duckdb_vector vector, ColumnType type) {
  ColumnBatch column;
  column.type = type;
  column.validity = duckdb_vector_get_validity(vector);
  void* data = duckdb_vector_get_data(vector);
  switch (type) {
    case ColumnType::kBool:
      column.bools = static_cast<const bool*>(data);
      break;
    case ColumnType::kInt64:
    case ColumnType::kInstant:
    case ColumnType::kZonedInstant:
      column.int64s = static_cast<const std::int64_t*>(data);
      break;
    case ColumnType::kDouble:
      column.doubles = static_cast<const double*>(data);
      break;
    case ColumnType::kString:
      column.strings = static_cast<const StringView16*>(data);
      break;
  }
  return column;
}

Result<void> deliver(StreamState& state, duckdb_data_chunk input) {
  if (state.watch.stopped()) return cancelled();
  std::vector<ColumnBatch> columns;
  columns.reserve(state.types.size());
  for (std::size_t i = 0; i < state.types.size(); ++i)
    columns.push_back(view_column(duckdb_data_chunk_get_vector(input, i), state.types[i]));
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  DESCANT_CHECK(state.sink(Batch{rows, columns}));
  const std::uint64_t before = state.rows.fetch_add(rows);
  // One report per 256k rows is often enough for eyes and too rare to cost anything.
  if (state.watch.report && (before >> 18U) != ((before + rows) >> 18U)) {
    const std::lock_guard lock(state.mutex);
    state.watch.report({"reading", before + rows, state.rows_expected, "rows"});
  }
  return {};
}

// The scalar function that the engine calls with every chunk of the scan, on its own threads.
void sink_callback(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& state = *static_cast<StreamState*>(duckdb_scalar_function_get_extra_info(info));
  std::fill_n(static_cast<bool*>(duckdb_vector_get_data(output)), duckdb_data_chunk_get_size(input),
              false);
  Result<void> delivered;
  try {
    delivered = deliver(state, input);
  } catch (const std::bad_alloc&) {
    delivered = io_error("out of memory while reading");
  } catch (const std::exception& failure) {
    delivered = internal_error(failure.what());
  }
  if (delivered) return;
  const std::lock_guard lock(state.mutex);
  if (!state.error) state.error = std::move(delivered.error());
  duckdb_scalar_function_set_error(info, "stopped by the reader");
}

Result<void> register_sink(duckdb_connection connection, const std::string& name,
                           StreamState& state) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(function, name.c_str());
  for (const ColumnType type : state.types) {
    duckdb_logical_type logical = duckdb_create_logical_type(engine_type(type));
    duckdb_scalar_function_add_parameter(function, logical);
    duckdb_destroy_logical_type(&logical);
  }
  duckdb_logical_type boolean = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
  duckdb_scalar_function_set_return_type(function, boolean);
  duckdb_destroy_logical_type(&boolean);
  duckdb_scalar_function_set_volatile(function);          // call it for every row
  duckdb_scalar_function_set_special_handling(function);  // also for rows with nulls
  duckdb_scalar_function_set_extra_info(function, &state, nullptr);
  duckdb_scalar_function_set_function(function, sink_callback);
  const duckdb_state registered = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_scalar_function(&function);
  if (registered != DuckDBSuccess) return internal_error("the engine refused the sink function");
  return {};
}

bool has_suffix(std::string_view name, std::initializer_list<std::string_view> suffixes) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return lower.ends_with(suffix); });
}

bool names_csv(std::string_view from) {
  return has_suffix(from, {".csv", ".csv.gz", ".csv.zst", ".tsv", ".tsv.gz", ".txt", ".txt.gz"});
}
bool names_json(std::string_view from) {
  return has_suffix(from, {".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"});
}
bool names_parquet(std::string_view from) { return has_suffix(from, {".parquet", ".parq"}); }

bool names_files(std::string_view from) {
  return from.find_first_of("/*?[") != std::string_view::npos || names_csv(from) ||
         names_json(from) || names_parquet(from);
}

std::string absolute_path(const std::string& folder, const std::string& from) {
  const std::filesystem::path path(from);
  if (path.is_absolute() || from.find("://") != std::string::npos) return from;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::string cell_text(duckdb_vector vector, std::size_t row, bool& valid) {
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  valid = validity == nullptr || duckdb_validity_row_is_valid(validity, row);
  if (!valid) return {};
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)) + row;
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

}  // namespace

std::string quote_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string quote_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

Warehouse::Warehouse(std::unique_ptr<State> state) : state_(std::move(state)) {}
Warehouse::Warehouse(Warehouse&&) noexcept = default;
Warehouse& Warehouse::operator=(Warehouse&&) noexcept = default;
Warehouse::~Warehouse() = default;

Result<Warehouse> Warehouse::open(const std::string& database, const std::string& folder,
                                  std::size_t threads) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  const bool in_memory = database.empty() || database == ":memory:";
  const std::string path = in_memory ? std::string() : absolute_path(folder, database);
  if (!in_memory && !std::filesystem::exists(path))
    return not_found(fmt::format("the DuckDB file '{}' does not exist", database),
                     "warehouse.duckdb", "Give the path relative to the project's folder.");
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  duckdb_set_config(config, "threads", std::to_string(thread_count(threads)).c_str());
  duckdb_set_config(config, "access_mode", in_memory ? "automatic" : "read_only");
  // Never reach for the network by itself: an extension that is not there is an error.
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  char* message = nullptr;
  const duckdb_state opened =
      duckdb_open_ext(in_memory ? nullptr : path.c_str(), &state->database, config, &message);
  duckdb_destroy_config(&config);
  const std::string why = message == nullptr ? "" : message;
  duckdb_free(message);
  if (opened != DuckDBSuccess) return sql_error(why, "warehouse.duckdb");
  if (duckdb_connect(state->database, &state->connection) != DuckDBSuccess)
    return internal_error("cannot connect to the database just opened");
  Warehouse warehouse(std::move(state));
  // The session's zone only matters to SQL that formats times; UTC keeps it the same everywhere.
  DESCANT_CHECK(warehouse.execute("SET TimeZone = 'UTC'"));
  DESCANT_CHECK(warehouse.execute("SET preserve_insertion_order = false"));
  return warehouse;
}

std::vector<std::string> Warehouse::files(const std::string& from) const {
  std::vector<std::string> found;
  if (!names_files(from)) return found;
  QueryResult result;
  const std::string sql = fmt::format("SELECT file::VARCHAR FROM glob({}) ORDER BY 1",
                                      quote_string(absolute_path(state_->folder, from)));
  if (!result.run(state_->connection, sql, {})) return found;
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result.raw())) {
    for (std::size_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      bool valid = true;
      found.push_back(cell_text(duckdb_data_chunk_get_vector(chunk, 0), row, valid));
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  return found;
}

Result<std::string> Warehouse::relation(const std::string& from, const std::string& sql) const {
  if (!sql.empty()) return "(" + sql + "\n)";
  if (!names_files(from)) {
    std::vector<std::string> parts = split(from, '.');
    for (auto& part : parts) part = quote_identifier(part);
    return join(parts, ".");
  }
  const std::string path = absolute_path(state_->folder, from);
  if (path.find("://") == std::string::npos && files(from).empty())
    return not_found(fmt::format("no file matches '{}'", from), path,
                     "Check the path; relative ones start at the project's folder.");
  const std::string quoted = quote_string(path);
  if (names_csv(from)) return fmt::format("read_csv({}, union_by_name = true)", quoted);
  if (names_json(from)) return fmt::format("read_json_auto({}, union_by_name = true)", quoted);
  if (names_parquet(from)) return fmt::format("read_parquet({}, union_by_name = true)", quoted);
  return invalid_request(fmt::format("cannot tell the format of '{}' from its name", from), {},
                         "Use .parquet, .csv, .tsv or .json (also .gz), or `sql: SELECT …`.");
}

Result<std::vector<SourceColumn>> Warehouse::columns(const std::string& relation,
                                                     const std::string& where) {
  QueryResult result;
  DESCANT_CHECK(result.run(state_->connection,
                           fmt::format("SELECT column_name::VARCHAR, column_type::VARCHAR FROM "
                                       "(DESCRIBE SELECT * FROM {})",
                                       relation),
                           where));
  std::vector<SourceColumn> columns;
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result.raw())) {
    for (std::size_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      bool valid = true;
      SourceColumn column;
      column.name = cell_text(duckdb_data_chunk_get_vector(chunk, 0), row, valid);
      column.sql_type = cell_text(duckdb_data_chunk_get_vector(chunk, 1), row, valid);
      columns.push_back(std::move(column));
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  return columns;
}

Result<std::string> Warehouse::expression_type(const std::string& relation,
                                               const std::string& expression,
                                               const std::string& where) {
  DESCANT_ASSIGN(const auto described,
                 columns(fmt::format("(SELECT ({}\n) FROM {})", expression, relation), where));
  if (described.size() != 1)
    return invalid_definition("the expression must give one column", where,
                              "Write one SQL expression without commas outside parentheses.");
  return described[0].sql_type;
}

Result<std::uint64_t> Warehouse::stream(const std::string& relation,
                                        const std::vector<std::string>& expressions,
                                        const std::vector<ColumnType>& types,
                                        const std::string& filter, const Sink& sink,
                                        const Watch& watch, const std::string& where) {
  StreamState state{sink, watch, types, {}, std::nullopt, {}, 0};
  state.rows_expected = row_count_estimate(relation).value_or(0);
  const std::string name = fmt::format("descant_sink_{}", state_->sinks.fetch_add(1));
  DESCANT_CHECK(register_sink(state_->connection, name, state));
  // The sink stands in the projection: as a second condition the engine could call it before the
  // filter.
  const std::string kept = filter.empty() ? "" : fmt::format(" WHERE ({}\n)", filter);
  const std::string sql =
      fmt::format("SELECT count({}({})) FROM {}{}", name, join(expressions, ", "), relation, kept);
  QueryResult result;
  auto ran = result.run(state_->connection, sql, where);
  if (state.error) return std::move(*state.error);
  DESCANT_CHECK(ran);
  return state.rows.load();
}

std::optional<std::uint64_t> Warehouse::row_count_estimate(const std::string& relation) {
  if (!relation.starts_with("read_parquet(")) return std::nullopt;
  QueryResult result;  // answered from the files' footers
  if (!result.run(state_->connection, "SELECT count(*) FROM " + relation, {})) return std::nullopt;
  duckdb_data_chunk chunk = duckdb_fetch_chunk(result.raw());
  if (chunk == nullptr) return std::nullopt;
  const auto rows = static_cast<const std::int64_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)))[0];
  duckdb_destroy_data_chunk(&chunk);
  return static_cast<std::uint64_t>(rows);
}

Result<void> Warehouse::execute(const std::string& sql, const std::string& where) {
  QueryResult result;
  return result.run(state_->connection, sql, where);
}

Result<Warehouse::TextTable> Warehouse::query_text(const std::string& sql, std::size_t rows_max) {
  TextTable table;
  QueryResult described;
  DESCANT_CHECK(
      described.run(state_->connection, fmt::format("SELECT * FROM ({}\n) LIMIT 0", sql), "sql"));
  std::vector<std::string> casts;
  for (std::size_t i = 0; i < described.columns(); ++i) {
    table.columns.push_back(described.column_name(i));
    casts.push_back(fmt::format("#{}::VARCHAR", i + 1));
  }
  QueryResult result;
  DESCANT_CHECK(result.run(
      state_->connection,
      fmt::format("SELECT {} FROM ({}\n) LIMIT {}", join(casts, ", "), sql, rows_max + 1), "sql"));
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result.raw())) {
    for (std::size_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      auto& cells = table.rows.emplace_back();
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        bool valid = true;
        std::string text = cell_text(duckdb_data_chunk_get_vector(chunk, i), row, valid);
        cells.push_back(valid ? std::optional(std::move(text)) : std::nullopt);
      }
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  table.truncated = table.rows.size() > rows_max;
  if (table.truncated) table.rows.resize(rows_max);
  return table;
}

}  // namespace descant::warehouse
