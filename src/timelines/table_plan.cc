// SPDX-License-Identifier: Apache-2.0
#include "timelines/table_plan.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::timelines {
namespace {

using definitions::Project;
using warehouse::ColumnType;
using warehouse::quote_identifier;
using warehouse::quote_string;
using warehouse::Warehouse;

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), type) != names.end();
}
bool is_integer(std::string_view type) {
  return is_one_of(type, {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT",
                          "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"});
}
bool is_real(std::string_view type) {
  return is_one_of(type, {"FLOAT", "DOUBLE"}) || type.starts_with("DECIMAL");
}
bool is_text(std::string_view type) {
  return is_one_of(type, {"VARCHAR", "UUID"}) || type.starts_with("ENUM");
}
bool is_local_time(std::string_view type) {
  return is_one_of(type, {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE"});
}

std::string hash_text(std::string_view text) {
  return fmt::format("{:016x}", hash_string_key(text));
}

ColumnType sink_type(RunKind kind) {
  switch (kind) {
    case RunKind::kIntegerKey:
    case RunKind::kInteger:
      return ColumnType::kInt64;
    case RunKind::kStringKey:
    case RunKind::kLabel:
      return ColumnType::kString;
    case RunKind::kInstant:
      return ColumnType::kInstant;
    case RunKind::kDouble:
      return ColumnType::kDouble;
    case RunKind::kBoolean:
      return ColumnType::kBool;
  }
  return ColumnType::kInt64;
}

// Plans one table; errors are added to the caller's list and planning goes on, so that all show.
class Planner {
 public:
  Planner(const Project& project, Warehouse& warehouse, std::vector<Error>& errors)
      : project_(project), warehouse_(warehouse), errors_(errors) {}

  TablePlan fact_table(const definitions::FactTable& table);
  TablePlan assignment_table(const definitions::AssignmentTable& table);
  TablePlan dimension_table(const definitions::DimensionTable& table);

 private:
  bool start(TablePlan& plan, const std::string& section, const std::string& name,
             const definitions::Source& source, const std::string& entity);
  void finish(TablePlan& plan, const definitions::Source& source);
  std::string type_of(const std::string& column, const std::string& where);
  void add(TablePlan& plan, const std::string& name, RunKind kind, std::string expression,
           bool required = false);
  void add_key(TablePlan& plan, const std::string& entity);
  void add_timestamp(TablePlan& plan, const std::string& column, const std::string& zone);
  void add_label(TablePlan& plan, const std::string& name, const std::string& column,
                 bool required);
  void add_value(TablePlan& plan, const std::string& name, const std::string& expression,
                 const std::string& where);
  void add_conditions(TablePlan& plan);
  std::string fingerprint(const TablePlan& plan, const definitions::Source& source);

  const Project& project_;
  Warehouse& warehouse_;
  std::vector<Error>& errors_;
  std::string place_;  // such as fact_tables.plays
  std::vector<warehouse::SourceColumn> source_columns_;
};

bool Planner::start(TablePlan& plan, const std::string& section, const std::string& name,
                    const definitions::Source& source, const std::string& entity) {
  place_ = section + "s." + name;
  plan.name = name;
  plan.kind = section;
  plan.entity = entity;
  plan.source = source.from.empty() ? "sql: " + source.sql : source.from;
  auto relation = warehouse_.relation(source.from, source.sql);
  if (!relation) {
    relation.error().where = place_ + ": " + relation.error().where;
    errors_.push_back(std::move(relation.error()));
    return false;
  }
  plan.relation = *relation;
  auto columns = warehouse_.columns(plan.relation, place_);
  if (!columns) {
    errors_.push_back(std::move(columns.error()));
    return false;
  }
  source_columns_ = std::move(*columns);
  add_key(plan, entity);
  return true;
}

std::string Planner::type_of(const std::string& column, const std::string& where) {
  std::vector<std::string> names;
  for (const auto& source : source_columns_) {
    if (source.name == column) return source.sql_type;
    names.push_back(source.name);
  }
  errors_.push_back(invalid_definition(fmt::format("the source has no column '{}'", column), where,
                                       did_you_mean(column, names)));
  return {};
}

void Planner::add(TablePlan& plan, const std::string& name, RunKind kind, std::string expression,
                  bool required) {
  plan.columns.push_back({name, kind, required});
  plan.types.push_back(sink_type(kind));
  plan.expressions.push_back(std::move(expression));
}

void Planner::add_key(TablePlan& plan, const std::string& entity) {
  const std::string& column = project_.entities.at(entity).key;
  const std::string type = type_of(column, place_ + ".entity");
  if (type.empty()) return;
  plan.integer_key = is_integer(type);
  if (plan.integer_key)
    return add(plan, column, RunKind::kIntegerKey,
               fmt::format("CAST({} AS BIGINT)", quote_identifier(column)));
  if (is_text(type))
    return add(plan, column, RunKind::kStringKey,
               fmt::format("CAST({} AS VARCHAR)", quote_identifier(column)));
  errors_.push_back(invalid_definition(
      fmt::format("the key '{}' has type {}, it must be an integer or text", column, type),
      place_ + ".entity", "Cast it in the source, with `sql: SELECT CAST(…) …`."));
}

void Planner::add_timestamp(TablePlan& plan, const std::string& column, const std::string& zone) {
  const std::string type = type_of(column, place_ + ".timestamp");
  if (type.empty()) return;
  const std::string name = quote_identifier(column);
  plan.has_timestamp = true;
  if (type == "TIMESTAMP WITH TIME ZONE") {
    add(plan, column, RunKind::kInstant, name);
    plan.types.back() = ColumnType::kZonedInstant;
    return;
  }
  if (is_local_time(type)) {
    std::string expression = fmt::format("CAST({} AS TIMESTAMP)", name);
    if (!zone.empty() && zone != "UTC")
      expression =
          fmt::format("CAST(timezone({}, {}) AS TIMESTAMP)", quote_string(zone), expression);
    return add(plan, column, RunKind::kInstant, std::move(expression));
  }
  errors_.push_back(invalid_definition(
      fmt::format("the timestamp '{}' has type {}", column, type), place_ + ".timestamp",
      is_integer(type) ? "Make it a time in the source: `sql: SELECT to_timestamp(column) …` for "
                         "seconds since 1970."
                       : "Cast it in the source: `sql: SELECT CAST(column AS TIMESTAMP) …`."));
}

void Planner::add_label(TablePlan& plan, const std::string& name, const std::string& column,
                        bool required) {
  if (type_of(column, place_ + "." + (name == column ? "dimensions" : name)).empty()) return;
  add(plan, name, RunKind::kLabel, fmt::format("CAST({} AS VARCHAR)", quote_identifier(column)),
      required);
}

void Planner::add_value(TablePlan& plan, const std::string& name, const std::string& expression,
                        const std::string& where) {
  auto type = warehouse_.expression_type(plan.relation, expression, where);
  if (!type) {
    errors_.push_back(std::move(type.error()));
    return;
  }
  if (*type == "BOOLEAN")
    add(plan, name, RunKind::kBoolean, fmt::format("({}\n)", expression));
  else if (is_integer(*type))
    add(plan, name, RunKind::kInteger, fmt::format("CAST(({}\n) AS BIGINT)", expression));
  else if (is_real(*type))
    add(plan, name, RunKind::kDouble, fmt::format("CAST(({}\n) AS DOUBLE)", expression));
  else
    add(plan, name, RunKind::kLabel, fmt::format("CAST(({}\n) AS VARCHAR)", expression));
}

void Planner::add_conditions(TablePlan& plan) {
  std::set<std::string> added;
  for (const auto& entry : project_.metrics) {
    const definitions::Metric& metric = entry.second;
    if (metric.fact_table != plan.name) continue;
    const auto add_condition = [&](const definitions::Aggregation& aggregation) {
      const std::string& condition = aggregation.where;
      if (condition.empty() || !added.insert(condition).second) return;
      const std::string where = fmt::format("metrics.{}.where", metric.name);
      auto type = warehouse_.expression_type(plan.relation, condition, where);
      if (!type)
        errors_.push_back(std::move(type.error()));
      else if (*type != "BOOLEAN")
        errors_.push_back(invalid_definition(
            fmt::format("the condition has type {}, it must be true or false", *type), where,
            "Write a comparison, such as surface = 'radio'."));
      else
        add(plan, where_column(condition), RunKind::kBoolean,
            fmt::format("COALESCE(({}\n), false)", condition));
    };
    add_condition(metric.numerator);
    if (metric.denominator) add_condition(*metric.denominator);
  }
}

std::string Planner::fingerprint(const TablePlan& plan, const definitions::Source& source) {
  std::string text;
  for (const std::string& file : warehouse_.files(source.from)) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    const auto changed = std::filesystem::last_write_time(file, failure);
    text +=
        fmt::format("{}\n{}\n{}\n", file, failure ? 0 : size, changed.time_since_epoch().count());
  }
  if (!text.empty()) return hash_text(text);
  // A table or query has no date to look at; its content is its own fingerprint.
  const auto content = warehouse_.query_text(
      fmt::format("SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM {} t", plan.relation));
  if (!content || content->rows.empty()) return {};
  const auto& row = content->rows[0];
  return hash_text(row[0].value_or("") + ":" + row[1].value_or(""));
}

void Planner::finish(TablePlan& plan, const definitions::Source& source) {
  std::string text = plan.kind + "\n" + plan.source + "\n";
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const std::string column =
        fmt::format("{}\n{}\n", static_cast<int>(plan.columns[i].kind), plan.expressions[i]);
    plan.expression_hashes.push_back(hash_text(column));
    text += plan.columns[i].name + "\n" + column;
    if (i + 1 == plan.order_columns) plan.order_hash = hash_text(text);
  }
  plan.definition_hash = hash_text(text);
  plan.source_fingerprint = fingerprint(plan, source);
}

TablePlan Planner::fact_table(const definitions::FactTable& table) {
  TablePlan plan;
  if (!start(plan, "fact_table", table.name, table.source, table.entity)) return plan;
  add_timestamp(plan, table.timestamp, table.timezone);
  if (!table.order_by.empty() && !type_of(table.order_by, place_ + ".order_by").empty())
    add_value(plan, "order-" + table.order_by, quote_identifier(table.order_by),
              place_ + ".order_by");
  plan.order_columns = plan.columns.size();
  for (const auto& dimension : table.dimensions) add_label(plan, dimension, dimension, false);
  for (const auto& measure : table.measures)
    add_value(plan, measure.name, measure.expression,
              fmt::format("{}.measures.{}", place_, measure.name));
  add_conditions(plan);
  finish(plan, table.source);
  return plan;
}

TablePlan Planner::assignment_table(const definitions::AssignmentTable& table) {
  TablePlan plan;
  if (!start(plan, "assignment_table", table.name, table.source, table.entity)) return plan;
  add_timestamp(plan, table.timestamp, table.timezone);
  add_label(plan, "experiment", table.experiment, true);
  add_label(plan, "variant", table.variant, true);
  finish(plan, table.source);
  return plan;
}

TablePlan Planner::dimension_table(const definitions::DimensionTable& table) {
  TablePlan plan;
  if (!start(plan, "dimension_table", table.name, table.source, table.entity)) return plan;
  for (const auto& dimension : table.dimensions) add_label(plan, dimension, dimension, false);
  finish(plan, table.source);
  return plan;
}

void check_measures(const Project& project, const TablePlan& plan, std::vector<Error>& errors) {
  for (const auto& entry : project.metrics) {
    const definitions::Metric& metric = entry.second;
    if (metric.fact_table != plan.name) continue;
    const auto check = [&](const definitions::Aggregation& aggregation) {
      if (!definitions::needs_numbers(aggregation.aggregate) &&
          metric.type != definitions::MetricType::kQuantile)
        return;
      for (const RunColumn& column : plan.columns)
        if (column.name == aggregation.measure && column.kind == RunKind::kLabel)
          errors.push_back(invalid_definition(
              fmt::format("the measure '{}' is text and has no numbers to add or order",
                          aggregation.measure),
              fmt::format("metrics.{}", metric.name),
              "Use aggregate: distinct, or a numeric measure."));
    };
    check(metric.numerator);
    if (metric.denominator) check(*metric.denominator);
  }
}

void check_key_types(const std::vector<TablePlan>& plans, std::vector<Error>& errors) {
  for (const TablePlan& plan : plans) {
    const auto first = std::find_if(plans.begin(), plans.end(), [&](const TablePlan& other) {
      return other.entity == plan.entity && !other.columns.empty();
    });
    if (plan.columns.empty() || first == plans.end() || first->integer_key == plan.integer_key)
      continue;
    errors.push_back(invalid_definition(
        fmt::format("the key of '{}' is {} in '{}' but {} in '{}'", plan.entity,
                    first->integer_key ? "an integer" : "text", first->name,
                    plan.integer_key ? "an integer" : "text", plan.name),
        plan.kind + "s." + plan.name, "Cast one of them in its source, with `sql: SELECT …`."));
  }
}

}  // namespace

std::string where_column(const std::string& condition) { return "where-" + hash_text(condition); }

std::vector<TablePlan> plan_tables(const Project& project, Warehouse& warehouse,
                                   std::vector<Error>& errors) {
  std::vector<TablePlan> plans;
  Planner planner(project, warehouse, errors);
  for (const auto& [name, table] : project.fact_tables) plans.push_back(planner.fact_table(table));
  for (const auto& plan : plans) check_measures(project, plan, errors);
  for (const auto& [name, table] : project.assignment_tables)
    plans.push_back(planner.assignment_table(table));
  for (const auto& [name, table] : project.dimension_tables)
    plans.push_back(planner.dimension_table(table));
  check_key_types(plans, errors);
  std::stable_sort(plans.begin(), plans.end(),
                   [](const TablePlan& a, const TablePlan& b) { return a.entity < b.entity; });
  return plans;
}

}  // namespace descant::timelines
