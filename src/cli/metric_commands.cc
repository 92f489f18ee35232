// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/command.h"
#include "definitions/formats.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

struct ListOptions {
  std::string project;
  std::string format = "text";
};

std::string type_name(definitions::MetricType type) {
  return std::string(definitions::name_of(type));
}

std::string window_text(const definitions::Metric& metric) {
  const std::string from = format_duration(metric.from);
  if (!metric.to) return metric.from == 0 ? "open" : from + " on";
  return (metric.from == 0 ? "" : from + " to ") + format_duration(*metric.to);
}

std::string direction_name(definitions::Direction direction) {
  return direction == definitions::Direction::kIncrease ? "increase" : "decrease";
}

Json list_json(const definitions::Project& project) {
  Json list = Json::array();
  for (const auto& [name, metric] : project.metrics)
    list.push_back({{"name", name},
                    {"type", type_name(metric.type)},
                    {"fact_table", metric.fact_table},
                    {"window", window_text(metric)},
                    {"direction", direction_name(metric.direction)},
                    {"unit", metric.unit},
                    {"description", metric.description}});
  return list;
}

Result<int> list(Terminal& terminal, const ListOptions& options) {
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  if (options.format == "json") {
    terminal.print(write_json(list_json(project), 2) + "\n");
    return 0;
  }
  if (project.metrics.empty()) {
    terminal.print("The project has no metrics.\n");
    return 0;
  }
  report::TextTable table({{"metric"}, {"type"}, {"table"}, {"window"}, {"good"}, {"what it is"}});
  for (const auto& [name, metric] : project.metrics)
    table.add_row({{name, report::Tone::kStrong},
                   {type_name(metric.type)},
                   {metric.fact_table},
                   {window_text(metric)},
                   {direction_name(metric.direction)},
                   {metric.description}});
  const auto style = terminal.text_style();
  terminal.print(table.render(style.width, style.color, 0));
  return 0;
}

}  // namespace

void add_metric_commands(const Program& program) {
  auto* group = program.app.add_subcommand("metric", "list metrics");
  group->require_subcommand(1);
  auto options = std::make_shared<ListOptions>();
  auto* app = group->add_subcommand("list", "the metrics of a project");
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--format", options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(app, program.chosen, options, list);
}

}  // namespace descant::cli
