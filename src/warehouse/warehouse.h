// SPDX-License-Identifier: Apache-2.0
#pragma once

// The SQL engine that evaluates sources and expressions: DuckDB behind its C API, and the only
// folder that knows it. A Warehouse is one in-process database; a query streams column batches to a
// sink on the engine's own threads, so that bulk data is never copied into a result first. SQL
// errors are the user's: their message is passed on with the query's purpose in `where`.

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arrow_c.h"
#include "base/parallel.h"
#include "base/result.h"

namespace descant::warehouse {

// Types that reach a sink. A source column is cast to one of them in SQL. A timestamp with a zone
// is an instant already and is taken as it stands: casting it would go through a calendar, row by
// row.
enum class ColumnType { kBool, kInt64, kDouble, kInstant, kZonedInstant, kString };

struct SourceColumn {
  std::string name;
  std::string sql_type;  // the engine's name, such as BIGINT or TIMESTAMP WITH TIME ZONE
};

// One column of a batch; only the member that fits the type is set. Null rows have a 0 bit in
// `validity` (bit i of word i / 64), which is null when there are none.
struct StringView16;  // the engine's 16-byte string, read through string_at
struct ColumnBatch {
  ColumnType type = ColumnType::kInt64;
  const std::uint64_t* validity = nullptr;
  const bool* bools = nullptr;
  const std::int64_t* int64s = nullptr;  // integers and instants (microseconds UTC)
  const double* doubles = nullptr;
  const StringView16* strings = nullptr;

  bool valid(std::size_t row) const {
    return validity == nullptr || ((validity[row / 64] >> (row % 64)) & 1U) != 0;
  }
  std::string_view string_at(std::size_t row) const;

  // A string of at most 12 bytes as two words that are equal exactly when the strings are; of a
  // longer one `is_whole` is false.
  struct InlineText {
    std::uint64_t first;
    std::uint64_t second;
    bool is_whole;
  };
  InlineText inline_text_at(std::size_t row) const {
    InlineText text;
    const char* bytes = reinterpret_cast<const char*>(strings) + row * 16;
    std::memcpy(&text.first, bytes, 8);
    std::memcpy(&text.second, bytes + 8, 8);
    text.is_whole = static_cast<std::uint32_t>(text.first) <= 12;  // the length comes first
    return text;
  }
};

struct Batch {
  std::size_t rows = 0;
  std::span<const ColumnBatch> columns;
};

// Receives batches, possibly on several threads at once, in no particular order. Returning an error
// stops the query, which then returns that error.
using Sink = std::function<Result<void>(const Batch&)>;

class Warehouse {
 public:
  // `database`: ":memory:" or a DuckDB file, opened read-only. Relative sources resolve against
  // `folder`.
  static Result<Warehouse> open(const std::string& database, const std::string& folder,
                                std::size_t threads = 0);
  Warehouse(Warehouse&&) noexcept;
  Warehouse& operator=(Warehouse&&) noexcept;
  ~Warehouse();

  // The relation of a source as it stands after FROM: a table function over files, a table name,
  // or a parenthesised query. Missing files are an error naming the path searched.
  Result<std::string> relation(const std::string& from, const std::string& sql) const;

  // Names and types of `SELECT * FROM relation`.
  Result<std::vector<SourceColumn>> columns(const std::string& relation, const std::string& where);

  // Type of one expression over a relation; the SQL error names `where` (such as
  // `fact_tables.plays.measures.minutes`).
  Result<std::string> expression_type(const std::string& relation, const std::string& expression,
                                      const std::string& where);

  // Streams `SELECT expressions FROM relation WHERE filter` to the sink. Types must match what the
  // SQL gives (the caller casts). Returns the number of rows.
  Result<std::uint64_t> stream(const std::string& relation,
                               const std::vector<std::string>& expressions,
                               const std::vector<ColumnType>& types, const std::string& filter,
                               const Sink& sink, const Watch& watch, const std::string& where);

  // Rows of a relation if the engine can tell quickly (Parquet metadata), for progress bars.
  std::optional<std::uint64_t> row_count_estimate(const std::string& relation);

  // Files behind a `from` that names files or a glob, sorted; empty for tables and queries.
  std::vector<std::string> files(const std::string& from) const;

  // Runs a statement without results (COPY, CREATE).
  Result<void> execute(const std::string& sql, const std::string& where = {});

  // The rows of a statement as an Arrow stream, which keeps this database open until it is
  // released. The statement runs now and can be stopped; its result is held by the engine.
  Result<ArrowArrayStream> query_arrow(const std::string& sql, const Watch& watch) &&;

  // A whole small result as text, for `descant sql` and tests: header first.
  struct TextTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
    bool truncated = false;
  };
  Result<TextTable> query_text(const std::string& sql, std::size_t rows_max = 1000);

 private:
  struct State;
  explicit Warehouse(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// 'it''s' and "column ""name""".
std::string quote_string(std::string_view text);
std::string quote_identifier(std::string_view name);

}  // namespace descant::warehouse
