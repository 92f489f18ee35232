// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/portfolio.h"
#include "warehouse/warehouse.h"

namespace descant::experiment {
namespace {

constexpr std::size_t kRowsMost = 1'000'000;

struct Word {
  std::string_view text;
  std::string_view action;
};
constexpr std::array kDecisionWords = {Word{"ship", "ship"},
                                       Word{"shipped", "ship"},
                                       Word{"launched", "ship"},
                                       Word{"true", "ship"},
                                       Word{"yes", "ship"},
                                       Word{"1", "ship"},
                                       Word{"stop", "stop"},
                                       Word{"stopped", "stop"},
                                       Word{"false", "stop"},
                                       Word{"no", "stop"},
                                       Word{"0", "stop"},
                                       Word{"continue", "continue"},
                                       Word{"continued", "continue"},
                                       Word{"invalid", "invalid"}};

Result<std::string> action_of(const std::string& text) {
  std::string word(trim(text));
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& known : kDecisionWords)
    if (known.text == word) return std::string(known.action);
  return invalid_data(fmt::format("'{}' is not a decision", text), "decision",
                      "Write ship, stop, continue or invalid; or true and false for shipped.");
}

// A column of that name, or else an expression over the columns.
std::string expression_of(const std::string& text,
                          const std::vector<warehouse::SourceColumn>& columns) {
  for (const auto& column : columns)
    if (column.name == text) return warehouse::quote_identifier(text);
  return "(" + text + ")";
}

Result<std::string> relation_of(const warehouse::Warehouse& engine, const std::string& file) {
  std::error_code unreadable;
  if (!std::filesystem::exists(file, unreadable))
    return not_found(fmt::format("the file '{}' does not exist", file), "from",
                     "Give the path of a CSV, Parquet or JSON file with one row per treatment.");
  return engine.relation(std::filesystem::absolute(file).string(), {});
}

Result<warehouse::Warehouse::TextTable> read_table(const TablePortfolio& request) {
  DESCANT_ASSIGN(auto engine, warehouse::Warehouse::open(":memory:", ".", request.threads));
  DESCANT_ASSIGN(const auto relation, relation_of(engine, request.file));
  DESCANT_ASSIGN(const auto columns, engine.columns(relation, request.file));
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  std::vector<std::string> taken;
  const auto take = [&](const std::string& text, const char* field,
                        const char* type) -> Result<void> {
    if (text.empty()) {
      taken.push_back("NULL::VARCHAR");
      return {};
    }
    const auto expression = fmt::format("CAST({} AS {})", expression_of(text, columns), type);
    if (auto typed = engine.expression_type(relation, expression, field); !typed) {
      typed.error().hint = did_you_mean(text, names);
      return std::move(typed.error());
    }
    taken.push_back(expression);
    return {};
  };
  DESCANT_CHECK(take(request.experiment, "experiment", "VARCHAR"));
  DESCANT_CHECK(take(request.treatment, "treatment", "VARCHAR"));
  DESCANT_CHECK(take(request.estimate, "estimate", "DOUBLE"));
  DESCANT_CHECK(take(request.standard_error, "standard_error", "DOUBLE"));
  DESCANT_CHECK(take(request.decision, "decision", "VARCHAR"));
  std::string filter;
  if (!request.where.empty()) {
    DESCANT_CHECK(engine.expression_type(relation, "(" + request.where + ")", "where"));
    filter = fmt::format(" WHERE ({})", request.where);
  }
  auto table = engine.query_text(
      fmt::format("SELECT {} FROM {}{}", join(taken, ", "), relation, filter), kRowsMost);
  if (!table) {
    table.error().where = "from";
    table.error().hint = "Estimates and standard errors are numbers: correct them or the columns.";
    return std::move(table.error());
  }
  if (table->truncated)
    return invalid_data(
        fmt::format("'{}' has more than {} rows", request.file, format_count(kRowsMost)), "from",
        "Give one row for each treatment, such as with --where.");
  return table;
}

double number_of(const std::optional<std::string>& text) {
  double number = stats::kUndefined;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string outcome_of(const TablePortfolio& request, const std::string& action,
                       const PortfolioEffect& effect) {
  if (action == "invalid") return "invalid";
  if (action == "ship") return "shipped";
  if (effect.significant == "worse") return "harm";
  const auto& options = request.options;
  if (options.minimum_effect && effect.significant == "no" &&
      has_power(effect.measured.standard_error, *options.minimum_effect,
                (1 - options.confidence_level) / 2, options.power))
    return "powered_null";
  return "inconclusive";
}

Result<void> add_row(const TablePortfolio& request,
                     const std::vector<std::optional<std::string>>& row, Portfolio& out) {
  PortfolioEffect effect;
  effect.experiment = row[0].value_or("");
  effect.treatment = row[1].value_or("");
  effect.measured.estimate = number_of(row[2]);
  effect.measured.standard_error = number_of(row[3]);
  const auto leave_out = [&](const char* reason, const std::string& message) {
    out.left_out.push_back({effect.experiment, reason, message});
    return Result<void>();
  };
  if (!(std::isfinite(effect.measured.estimate) && std::isfinite(effect.measured.standard_error) &&
        effect.measured.standard_error > 0))
    return leave_out("no_effect", fmt::format("A row of {} has no estimate with a positive "
                                              "standard error.",
                                              effect.experiment));
  measure(request.direction, request.options.confidence_level, effect);
  std::string action = effect.significant == "better" ? "ship" : "stop";
  if (!request.decision.empty()) {
    if (!row[4])
      return leave_out("no_decision",
                       fmt::format("A row of {} has no decision.", effect.experiment));
    DESCANT_ASSIGN(action, action_of(*row[4]));
    if (action == "continue")
      return leave_out("not_ended", fmt::format("{} has not ended.", effect.experiment));
  }
  const auto outcome = outcome_of(request, action, effect);
  effect.shipped = outcome == "shipped";
  out.treatments.push_back({effect.experiment, effect.treatment, action, outcome,
                            outcome != "invalid" && effect.significant == "better", false});
  if (outcome != "invalid") out.metrics[0].effects.push_back(std::move(effect));
  return {};
}

Result<void> check_request(const TablePortfolio& request) {
  DESCANT_CHECK(check_options(request.options));
  if (request.direction != "increase" && request.direction != "decrease")
    return invalid_request("the direction is increase or decrease", "direction");
  const auto need = [](const std::string& text, const char* field) -> Result<void> {
    if (!text.empty()) return {};
    return invalid_request(fmt::format("no column is named for the {}", field), field,
                           "Name a column of the table, or an expression over its columns.");
  };
  DESCANT_CHECK(need(request.experiment, "experiment"));
  DESCANT_CHECK(need(request.estimate, "estimate"));
  return need(request.standard_error, "standard_error");
}

}  // namespace

Result<Portfolio> portfolio(const TablePortfolio& request) {
  DESCANT_CHECK(check_request(request));
  DESCANT_ASSIGN(const auto table, read_table(request));
  Portfolio result;
  auto& pool = result.metrics.emplace_back();
  pool.name = request.estimate;
  pool.direction = request.direction;
  for (const auto& row : table.rows) DESCANT_CHECK(add_row(request, row, result));
  const bool by_significance = request.decision.empty();
  if (by_significance)
    result.warnings.push_back({"shipped_by_significance", "decision",
                               "No decision is given, so what is significantly better counts as "
                               "shipped."});
  if (!request.options.minimum_effect)
    result.warnings.push_back({"no_minimum_effect", "treatments",
                               "No minimum effect is given, so no null can count as learnt."});
  DESCANT_CHECK(complete_portfolio(request.options, by_significance, result));
  return result;
}

}  // namespace descant::experiment
