// SPDX-License-Identifier: Apache-2.0
#include "warehouse/table_writer.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <duckdb.h>
#include <fmt/format.h>

#include "warehouse/warehouse.h"

namespace descant::warehouse {
namespace {

// Batches that may wait for the engine: enough to keep it busy, few enough to bound memory.
constexpr std::size_t kBatchesWaitingMax = 2;

struct TypeInfo {
  duckdb_type type;
  std::size_t variant_index;  // in WriteValues
  std::size_t bytes;          // of one value in WriteValues
};

TypeInfo type_info(WriteType type) {
  switch (type) {
    case WriteType::kBool:
      return {DUCKDB_TYPE_BOOLEAN, 0, 1};
    case WriteType::kInt32:
      return {DUCKDB_TYPE_INTEGER, 1, 4};
    case WriteType::kInt64:
      return {DUCKDB_TYPE_BIGINT, 2, 8};
    case WriteType::kDouble:
      return {DUCKDB_TYPE_DOUBLE, 3, 8};
    case WriteType::kInstant:
      return {DUCKDB_TYPE_TIMESTAMP_TZ, 2, 8};
    case WriteType::kDate:
      return {DUCKDB_TYPE_DATE, 1, 4};
    case WriteType::kLabel:
      return {DUCKDB_TYPE_VARCHAR, 1, 4};
  }
  return {DUCKDB_TYPE_INVALID, 0, 0};
}

// The engine's own string, pointing into `text`, which must outlive every use.
duckdb_string_t engine_string(const std::string& text) {
  duckdb_string_t result{};
  result.value.inlined.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= sizeof(result.value.inlined.inlined)) {
    std::memcpy(result.value.inlined.inlined, text.data(), text.size());
  } else {
    std::memcpy(result.value.pointer.prefix, text.data(), sizeof(result.value.pointer.prefix));
    // The engine only reads through this pointer; its C struct has no const.
    result.value.pointer.ptr = const_cast<char*>(text.data());
  }
  return result;
}

// A batch of its own memory: one byte buffer per column, in the layout of WriteValues.
struct OwnedBatch {
  std::size_t rows = 0;
  std::vector<std::vector<std::byte>> columns;
};

}  // namespace

struct TableWriter::State {
  std::string path;
  std::string partial_path;
  std::vector<WriteColumn> columns;
  std::vector<std::vector<duckdb_string_t>> labels;  // by column; views of columns[i].labels

  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  std::thread engine;  // runs the COPY, which pulls batches through feed()

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<OwnedBatch> waiting;
  bool closed = false;     // no batch will follow
  bool abandoned = false;  // the file is not wanted any more
  bool ended = false;      // the COPY has returned
  std::string failure;     // of the COPY

  // Touched by the engine's thread only.
  OwnedBatch current;
  std::size_t current_row = 0;

  ~State();
  Result<void> start();
  void run_copy();
  void close_database();
  bool take_batch();
  void fill(duckdb_data_chunk output);

  static void bind(duckdb_bind_info info);
  static void init(duckdb_init_info info);
  static void feed(duckdb_function_info info, duckdb_data_chunk output);
};

TableWriter::State::~State() {
  if (engine.joinable()) {
    {
      const std::lock_guard lock(mutex);
      closed = abandoned = true;
    }
    changed.notify_all();
    engine.join();
  }
  close_database();
  std::error_code ignored;
  std::filesystem::remove(partial_path, ignored);
}

void TableWriter::State::close_database() {
  if (connection != nullptr) duckdb_disconnect(&connection);
  if (database != nullptr) duckdb_close(&database);
}

void TableWriter::State::bind(duckdb_bind_info info) {
  const auto* state = static_cast<const State*>(duckdb_bind_get_extra_info(info));
  for (const WriteColumn& column : state->columns) {
    duckdb_logical_type type = duckdb_create_logical_type(type_info(column.type).type);
    duckdb_bind_add_result_column(info, column.name.c_str(), type);
    duckdb_destroy_logical_type(&type);
  }
}

void TableWriter::State::init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }

void TableWriter::State::feed(duckdb_function_info info, duckdb_data_chunk output) {
  auto* state = static_cast<State*>(duckdb_function_get_extra_info(info));
  if (state->current_row == state->current.rows && !state->take_batch()) {
    duckdb_data_chunk_set_size(output, 0);
    if (state->abandoned) duckdb_function_set_error(info, "the writer was abandoned");
    return;
  }
  state->fill(output);
}

// Waits for the next batch; false at the end.
bool TableWriter::State::take_batch() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return closed || !waiting.empty(); });
  if (abandoned || waiting.empty()) return false;
  current = std::move(waiting.front());
  waiting.pop_front();
  current_row = 0;
  lock.unlock();
  changed.notify_all();
  return true;
}

void TableWriter::State::fill(duckdb_data_chunk output) {
  const std::size_t rows = std::min<std::size_t>(duckdb_vector_size(), current.rows - current_row);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(output, i);
    const std::size_t bytes = type_info(columns[i].type).bytes;
    const std::byte* source = current.columns[i].data() + current_row * bytes;
    if (columns[i].type != WriteType::kLabel) {
      std::memcpy(duckdb_vector_get_data(vector), source, rows * bytes);
      continue;
    }
    auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    for (std::size_t row = 0; row < rows; ++row) {
      std::int32_t code = 0;
      std::memcpy(&code, source + row * bytes, bytes);
      if (code >= 0) {
        strings[row] = labels[i][static_cast<std::size_t>(code)];
      } else {
        duckdb_vector_ensure_validity_writable(vector);
        duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
      }
    }
  }
  duckdb_data_chunk_set_size(output, rows);
  current_row += rows;
}

Result<void> TableWriter::State::start() {
  // One engine thread keeps the rows in the order given and leaves the other cores to the caller.
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) == DuckDBError) return io_error("out of memory", path);
  duckdb_set_config(config, "threads", "1");
  char* message = nullptr;
  const bool opened = duckdb_open_ext(nullptr, &database, config, &message) == DuckDBSuccess;
  std::string reason = message == nullptr ? "unknown reason" : message;
  duckdb_free(message);
  duckdb_destroy_config(&config);
  if (!opened || duckdb_connect(database, &connection) == DuckDBError)
    return io_error(fmt::format("cannot start the SQL engine: {}", reason), path);

  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "batches");
  duckdb_table_function_set_extra_info(function, this, nullptr);
  duckdb_table_function_set_bind(function, &State::bind);
  duckdb_table_function_set_init(function, &State::init);
  duckdb_table_function_set_function(function, &State::feed);
  const bool registered = duckdb_register_table_function(connection, function) == DuckDBSuccess;
  duckdb_destroy_table_function(&function);
  if (!registered) return internal_error("cannot register the feeding table function", path);
  engine = std::thread([this] { run_copy(); });
  return {};
}

void TableWriter::State::run_copy() {
  const std::string sql =
      fmt::format("COPY (FROM batches()) TO {} (FORMAT parquet)", quote_string(partial_path));
  duckdb_result result;
  std::string message;
  if (duckdb_query(connection, sql.c_str(), &result) == DuckDBError) {
    const char* reason = duckdb_result_error(&result);
    message = reason == nullptr ? "unknown reason" : reason;
  }
  duckdb_destroy_result(&result);
  {
    const std::lock_guard lock(mutex);
    failure = std::move(message);
    ended = true;
  }
  changed.notify_all();
}

namespace {

Result<void> check_columns(const std::vector<WriteColumn>& columns, const std::string& path) {
  if (columns.empty()) return invalid_request("a table needs at least one column", path);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (columns[i].name == columns[j].name)
        return invalid_request(fmt::format("column '{}' is given twice", columns[i].name), path);
    }
  }
  return {};
}

Error wrong_values(const WriteColumn& column, const std::string& what, const std::string& path) {
  return invalid_request(fmt::format("column '{}': {}", column.name, what), path);
}

// Copies one column's values after checking that they fit the column.
Result<std::vector<std::byte>> copy_values(const WriteColumn& column, const WriteValues& values,
                                           std::size_t rows, const std::string& path) {
  const TypeInfo info = type_info(column.type);
  if (values.index() != info.variant_index)
    return wrong_values(column, "the values have another type", path);
  const auto bytes = std::visit([](const auto& span) { return std::as_bytes(span); }, values);
  if (bytes.size() != rows * info.bytes)
    return wrong_values(
        column, fmt::format("{} values for {} rows", bytes.size() / info.bytes, rows), path);
  if (column.type == WriteType::kLabel) {
    const auto codes = std::get<std::span<const std::int32_t>>(values);
    const auto count = static_cast<std::int64_t>(column.labels.size());
    const auto wrong = std::find_if(codes.begin(), codes.end(), [&](auto c) { return c >= count; });
    if (wrong != codes.end())
      return wrong_values(column, fmt::format("code {} but {} labels", *wrong, count), path);
  }
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace

TableWriter::TableWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

Result<TableWriter> TableWriter::open(const std::string& path, std::vector<WriteColumn> columns) {
  DESCANT_CHECK(check_columns(columns, path));
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code code;
  if (!folder.empty() && !std::filesystem::is_directory(folder, code))
    return io_error("the folder of the file does not exist", path);
  auto state = std::make_unique<State>();
  state->path = path;
  state->partial_path = path + ".partial";
  state->columns = std::move(columns);
  for (const WriteColumn& column : state->columns) {
    auto& strings = state->labels.emplace_back();
    strings.reserve(column.labels.size());
    for (const std::string& label : column.labels) strings.push_back(engine_string(label));
  }
  DESCANT_CHECK(state->start());
  return TableWriter(std::move(state));
}

Result<void> TableWriter::append(std::span<const WriteValues> columns) {
  if (state_ == nullptr) return internal_error("append to a finished table");
  State& state = *state_;
  if (columns.size() != state.columns.size())
    return invalid_request(
        fmt::format("{} columns of values for a table of {}", columns.size(), state.columns.size()),
        state.path);
  OwnedBatch batch;
  batch.rows = std::visit([](const auto& span) { return span.size(); }, columns[0]);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    DESCANT_ASSIGN(auto values, copy_values(state.columns[i], columns[i], batch.rows, state.path));
    batch.columns.push_back(std::move(values));
  }
  if (batch.rows == 0) return {};
  {
    std::unique_lock lock(state.mutex);
    state.changed.wait(lock,
                       [&] { return state.ended || state.waiting.size() < kBatchesWaitingMax; });
    if (state.ended) return io_error(state.failure, state.path);
    state.waiting.push_back(std::move(batch));
  }
  state.changed.notify_all();
  return {};
}

Result<void> TableWriter::finish() {
  if (state_ == nullptr) return internal_error("a table is finished only once");
  const std::unique_ptr<State> state = std::move(state_);
  {
    const std::lock_guard lock(state->mutex);
    state->closed = true;
  }
  state->changed.notify_all();
  state->engine.join();
  state->close_database();
  if (!state->failure.empty()) return io_error(state->failure, state->path);
  std::error_code code;
  std::filesystem::rename(state->partial_path, state->path, code);
  if (code) return io_error(fmt::format("cannot rename: {}", code.message()), state->path);
  return {};
}

}  // namespace descant::warehouse
