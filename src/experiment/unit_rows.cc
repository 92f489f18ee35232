// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <mutex>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/unit_labels.h"
#include "warehouse/warehouse.h"

namespace descant::experiment {

namespace {

// ---- what to read ----

// An expression of the file that gives one column of the table.
struct Expressions {
  std::string variant;
  std::string unit;                  // empty: each row is one
  std::vector<std::string> numbers;  // metric by metric: numerator, denominator?, covariate?
  std::vector<std::string> segments;
};

class ColumnResolver {
 public:
  ColumnResolver(warehouse::Warehouse& engine, std::string relation,
                 std::vector<warehouse::SourceColumn> columns)
      : engine_(engine), relation_(std::move(relation)), columns_(std::move(columns)) {}

  Result<std::string> column(const std::string& name, const std::string& where) const {
    if (const auto* found = find(name)) return warehouse::quote_identifier(found->name);
    std::vector<std::string> names;
    for (const auto& column : columns_) names.push_back(column.name);
    return not_found(fmt::format("the file has no column '{}'", name), where,
                     did_you_mean(name, names));
  }

  // A column, or an SQL expression over columns; either must be a number or true/false.
  Result<std::string> number(const std::string& text, const std::string& where) const {
    std::string type;
    std::string expression;
    if (const auto* found = find(text)) {
      type = found->sql_type;
      expression = warehouse::quote_identifier(found->name);
    } else if (is_plain_name(text)) {
      return column(text, where);
    } else {
      DESCANT_ASSIGN(type, engine_.expression_type(relation_, text, where));
      expression = text;
    }
    if (!is_number(type))
      return invalid_data(fmt::format("'{}' is of type {}, not a number", text, type), where,
                          type == "VARCHAR"
                              ? "Does it hold text, or missing values written as words such as NA? "
                                "Leave those empty, or name another column."
                              : "Name a column of numbers or of true and false.");
    return fmt::format("CAST(({}\n) AS DOUBLE)", expression);
  }

 private:
  const warehouse::SourceColumn* find(const std::string& name) const {
    for (const auto& column : columns_)
      if (column.name == name) return &column;
    return nullptr;
  }

  static bool is_plain_name(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == ' ' || c == '.' || c >= 0x80;
    });
  }

  static bool is_number(const std::string& type) {
    return type == "BOOLEAN" || type == "FLOAT" || type == "DOUBLE" || type.ends_with("INT") ||
           type.ends_with("INTEGER") || type.starts_with("DECIMAL");
  }

  warehouse::Warehouse& engine_;
  std::string relation_;
  std::vector<warehouse::SourceColumn> columns_;
};

Result<Expressions> resolve(const ColumnResolver& columns, const UnitFileRequest& request) {
  Expressions expressions;
  DESCANT_ASSIGN(expressions.variant, columns.column(request.variant, "variant"));
  if (!request.unit.empty()) {
    DESCANT_ASSIGN(expressions.unit, columns.column(request.unit, "unit"));
  }
  for (const auto& metric : request.metrics)
    for (const auto* text : {&metric.numerator, &metric.denominator, &metric.covariate}) {
      if (text->empty()) continue;
      DESCANT_ASSIGN(auto expression, columns.number(*text, "metric " + metric.name));
      expressions.numbers.push_back(std::move(expression));
    }
  for (const auto& segment : request.segments) {
    DESCANT_ASSIGN(auto expression, columns.column(segment, "segment " + segment));
    expressions.segments.push_back(std::move(expression));
  }
  return expressions;
}

// ---- rows as they come ----

class Dictionary {
 public:
  std::uint32_t code_of(std::string_view label) {
    scratch_.assign(label);
    const auto [at, added] =
        codes_.try_emplace(scratch_, static_cast<std::uint32_t>(labels_.size()));
    if (added) labels_.push_back(scratch_);
    return at->second;
  }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::unordered_map<std::string, std::uint32_t> codes_;
  std::vector<std::string> labels_;
  std::string scratch_;
};

struct CodedColumn {
  Dictionary dictionary;
  std::vector<std::uint32_t> codes;
};

struct RawRows {
  CodedColumn variant;
  std::vector<std::vector<double>> numbers;
  std::vector<CodedColumn> segments;
  std::uint64_t without_variant = 0;
  std::uint64_t without_unit = 0;
};

double number_at(const warehouse::ColumnBatch& column, std::size_t row) {
  const bool present = column.valid(row) && std::isfinite(column.doubles[row]);
  return present ? column.doubles[row] : std::numeric_limits<double>::quiet_NaN();
}

// Columns of a batch: variant, whether the unit is null, the numbers, the segments.
Result<void> append_rows(const warehouse::Batch& batch, const std::string& variant_column,
                         RawRows& rows) {
  const auto columns = batch.columns;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (!columns[0].valid(row)) {
      ++rows.without_variant;
      continue;
    }
    if (columns[1].bools[row]) {
      ++rows.without_unit;
      continue;
    }
    rows.variant.codes.push_back(rows.variant.dictionary.code_of(columns[0].string_at(row)));
    std::size_t next = 2;
    for (auto& numbers : rows.numbers) numbers.push_back(number_at(columns[next++], row));
    for (auto& segment : rows.segments) {
      const auto& column = columns[next++];
      segment.codes.push_back(segment.dictionary.code_of(
          column.valid(row) ? column.string_at(row) : std::string_view(kNoSegment)));
    }
  }
  return check_variant_count(rows.variant.dictionary.labels().size(), variant_column);
}

Result<RawRows> stream_rows(warehouse::Warehouse& engine, const std::string& relation,
                            const Expressions& expressions, const UnitFileRequest& request) {
  using warehouse::ColumnType;
  std::vector<std::string> selected = {
      fmt::format("CAST({} AS VARCHAR)", expressions.variant),
      expressions.unit.empty() ? "false" : fmt::format("({} IS NULL)", expressions.unit)};
  std::vector<ColumnType> types = {ColumnType::kString, ColumnType::kBool};
  for (const auto& number : expressions.numbers) {
    selected.push_back(number);
    types.push_back(ColumnType::kDouble);
  }
  for (const auto& segment : expressions.segments) {
    selected.push_back(fmt::format("CAST({} AS VARCHAR)", segment));
    types.push_back(ColumnType::kString);
  }
  RawRows rows;
  rows.numbers.resize(expressions.numbers.size());
  rows.segments.resize(expressions.segments.size());
  std::mutex mutex;
  DESCANT_CHECK(engine.stream(
      relation, selected, types, {},
      [&](const warehouse::Batch& batch) {
        const std::lock_guard lock(mutex);
        return append_rows(batch, request.variant, rows);
      },
      {}, request.file));
  return rows;
}

Result<void> check_units_distinct(warehouse::Warehouse& engine, const std::string& relation,
                                  const Expressions& expressions, const std::string& unit) {
  if (expressions.unit.empty()) return {};
  DESCANT_ASSIGN(
      const auto repeated,
      engine.query_text(fmt::format(
          "SELECT count(*) AS units, sum(n) AS of_rows FROM (SELECT count(*) AS n FROM {} WHERE {} "
          "IS NOT NULL AND {} IS NOT NULL GROUP BY {} HAVING count(*) > 1)",
          relation, expressions.unit, expressions.variant, expressions.unit)));
  const auto& row = repeated.rows.front();
  if (row[0] == "0") return {};
  return repeated_units(std::stoull(*row[0]), std::stoull(*row[1]), unit);
}

// ---- the table ----

// SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
// 2014) over the row's words.
std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  std::uint64_t z = hash * 0x9E3779B97F4A7C15U + word + 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

// Rows by the hash of their content: a total order but for rows that are the same.
std::vector<std::uint32_t> order_by_content(const RawRows& rows, std::uint64_t& fingerprint) {
  const std::size_t count = rows.variant.codes.size();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keyed(count);
  for (std::size_t row = 0; row < count; ++row) {
    std::uint64_t hash = mix(0, rows.variant.codes[row]);
    for (const auto& numbers : rows.numbers)
      hash = mix(hash, std::bit_cast<std::uint64_t>(numbers[row]));
    for (const auto& segment : rows.segments) hash = mix(hash, segment.codes[row]);
    keyed[row] = {hash, static_cast<std::uint32_t>(row)};
    fingerprint += mix(1, hash);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::uint32_t> order;
  order.reserve(count);
  for (const auto& [hash, row] : keyed) order.push_back(row);
  return order;
}

template <class T, class U = T>
std::vector<U> take_in_order(const std::vector<T>& values,
                             const std::vector<std::uint32_t>& order) {
  std::vector<U> taken;
  taken.reserve(order.size());
  for (const std::uint32_t row : order) taken.push_back(static_cast<U>(values[row]));
  return taken;
}

Result<UnitRows> make_table(RawRows rows, const UnitFileRequest& request) {
  UnitRows out;
  out.without_variant = rows.without_variant;
  out.without_unit = rows.without_unit;
  auto& table = out.table;
  DESCANT_ASSIGN(table.variants, order_variants(rows.variant.dictionary.labels(), request.variant,
                                                request.control));
  const auto recode = [](CodedColumn& column, const std::vector<std::string>& order) {
    const auto places = places_in(column.dictionary.labels(), order);
    for (auto& code : column.codes) code = places[code];
  };
  recode(rows.variant, table.variants);
  for (std::size_t i = 0; i < rows.segments.size(); ++i) {
    auto labels = rows.segments[i].dictionary.labels();
    std::sort(labels.begin(), labels.end());
    recode(rows.segments[i], labels);
    table.segments.push_back({request.segments[i], {}, std::move(labels)});
  }
  std::uint64_t fingerprint = 0;
  const auto order = order_by_content(rows, fingerprint);
  out.fingerprint = fmt::format("{:016x}", fingerprint);
  table.unit_count = order.size();
  table.days.resize(1);
  table.arm = take_in_order<std::uint32_t, std::uint8_t>(rows.variant.codes, order);
  for (std::size_t i = 0; i < rows.segments.size(); ++i)
    table.segments[i].codes = take_in_order(rows.segments[i].codes, order);
  std::size_t next = 0;
  const auto take = [&] { return take_in_order(rows.numbers[next++], order); };
  for (const auto& metric : request.metrics) {
    auto& values = table.metrics.emplace_back();
    values.name = metric.name;
    values.numerator.push_back(take());
    DESCANT_CHECK(check_proportion(metric, values.numerator.front()));
    if (!metric.denominator.empty()) values.denominator.push_back(take());
    if (!metric.covariate.empty()) values.covariate_numerator = take();
  }
  return out;
}

}  // namespace

Result<UnitRows> read_unit_rows(const UnitFileRequest& request) {
  DESCANT_ASSIGN(auto engine, warehouse::Warehouse::open(":memory:", ".", request.threads));
  // A file that is there is never taken for a table's name.
  std::error_code unreadable;
  const bool exists = std::filesystem::exists(request.file, unreadable);
  const std::string from = exists ? std::filesystem::absolute(request.file).string() : request.file;
  const bool pattern = request.file.find_first_of("*?[") != std::string::npos ||
                       request.file.find("://") != std::string::npos;
  if (!exists && !pattern)
    return not_found(fmt::format("the file '{}' does not exist", request.file), "file",
                     "Give the path of a CSV, Parquet or JSON file with one row per unit.");
  DESCANT_ASSIGN(const auto relation, engine.relation(from, {}));
  DESCANT_ASSIGN(auto columns, engine.columns(relation, request.file));
  DESCANT_ASSIGN(const auto first_row,
                 engine.query_text(fmt::format("SELECT 1 FROM {} LIMIT 1", relation)));
  if (first_row.rows.empty())  // an empty CSV has no types either, so this comes first
    return invalid_data(fmt::format("'{}' has no rows", request.file), "file",
                        "There is nothing to analyse.");
  const ColumnResolver resolver(engine, relation, std::move(columns));
  DESCANT_ASSIGN(const auto expressions, resolve(resolver, request));
  DESCANT_ASSIGN(auto rows, stream_rows(engine, relation, expressions, request));
  const std::uint64_t kept = rows.variant.codes.size();
  const std::uint64_t total = kept + rows.without_variant + rows.without_unit;
  if (kept == 0)
    return invalid_data(total == 0
                            ? fmt::format("'{}' has no rows", request.file)
                            : fmt::format("no row of '{}' has a variant and a unit", request.file),
                        "file", "There is nothing to analyse.");
  DESCANT_CHECK(check_units_distinct(engine, relation, expressions, request.unit));
  DESCANT_ASSIGN(auto out, make_table(std::move(rows), request));
  out.rows = total;
  return out;
}

}  // namespace descant::experiment
