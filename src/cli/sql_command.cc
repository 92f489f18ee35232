// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "report/text_layout.h"
#include "warehouse/project_database.h"

namespace descant::cli {
namespace {

struct SqlOptions {
  std::string query;
  std::string project;
  std::string format = "text";
  std::size_t rows_max = 1000;
};

using TextTable = warehouse::Warehouse::TextTable;

std::string as_text(const TextTable& rows, const report::TextStyle& style) {
  std::vector<report::TextTable::Column> columns;
  for (const auto& name : rows.columns) columns.push_back({name});
  report::TextTable table(columns);
  for (const auto& row : rows.rows) {
    std::vector<report::Cell> cells;
    for (const auto& value : row)
      cells.push_back(value ? report::Cell{*value} : report::Cell{"NULL", report::Tone::kMuted});
    table.add_row(std::move(cells));
  }
  return table.render(style.width, style.color, 0);
}

std::string csv_value(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos && !text.empty()) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string as_csv(const TextTable& rows) {
  std::string out;
  std::vector<std::string> line;
  for (const auto& name : rows.columns) line.push_back(csv_value(name));
  out += join(line, ",") + "\n";
  for (const auto& row : rows.rows) {
    line.clear();
    for (const auto& value : row) line.push_back(value ? csv_value(*value) : "");
    out += join(line, ",") + "\n";
  }
  return out;
}

Result<int> run_sql(Terminal& terminal, const SqlOptions& options) {
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(auto database, warehouse::open_project_database(project, terminal.threads));
  DESCANT_ASSIGN(const auto rows, database.query_text(options.query, options.rows_max));
  terminal.print(options.format == "csv" ? as_csv(rows) : as_text(rows, terminal.text_style()));
  if (rows.truncated)
    terminal.remark(fmt::format("Only the first {} rows are shown; --rows shows more.\n",
                                format_count(options.rows_max)));
  return 0;
}

}  // namespace

void add_sql_command(const Program& program) {
  auto options = std::make_shared<SqlOptions>();
  auto* app = program.app.add_subcommand(
      "sql", "query the sources of a project; its tables are there under their names");
  app->add_option("QUERY", options->query, "one SELECT statement")->required();
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--rows", options->rows_max, "show at most so many rows")->capture_default_str();
  app->add_option("--format", options->format, "how to show them")
      ->check(CLI::IsMember({"text", "csv"}))
      ->capture_default_str();
  runs(app, program.chosen, options, run_sql);
}

}  // namespace descant::cli
