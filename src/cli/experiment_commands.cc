// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/command.h"
#include "cli/present.h"
#include "experiment/decision_record.h"
#include "experiment/readout.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

struct ListOptions {
  std::string project;
  std::string format = "text";
};

std::vector<std::string> metric_names(const definitions::Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& metric : experiment.metrics) names.push_back(metric.metric);
  return names;
}

std::vector<std::string> variant_names(const definitions::Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& variant : experiment.variants) names.push_back(variant.name);
  return names;
}

Json list_json(const definitions::Project& project) {
  Json list = Json::array();
  for (const auto& [name, experiment] : project.experiments)
    list.push_back({{"name", name},
                    {"hypothesis", experiment.hypothesis},
                    {"start", format_date(experiment.start)},
                    {"end", format_date(experiment.end)},
                    {"control", experiment.control},
                    {"variants", variant_names(experiment)},
                    {"metrics", metric_names(experiment)}});
  return list;
}

Result<int> list(Terminal& terminal, const ListOptions& options) {
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  if (options.format == "json") {
    terminal.print(write_json(list_json(project), 2) + "\n");
    return 0;
  }
  if (project.experiments.empty()) {
    terminal.print("The project has no experiments.\n");
    return 0;
  }
  report::TextTable table({{"experiment"}, {"start"}, {"end"}, {"variants"}, {"metrics"}});
  for (const auto& [name, experiment] : project.experiments)
    table.add_row({{name, report::Tone::kStrong},
                   {format_date(experiment.start)},
                   {format_date(experiment.end)},
                   {join(variant_names(experiment), ", ")},
                   {join(metric_names(experiment), ", ")}});
  const auto style = terminal.text_style();
  terminal.print(table.render(style.width, style.color, 0));
  return 0;
}

struct AnalyzeOptions {
  std::string name;
  std::string project;
  std::string as_of;
  bool without_days = false;
  bool without_segments = false;
  bool without_days_since_exposure = false;
  bool without_heterogeneity = false;
  std::string record;  // file; empty: the project's records
  bool without_record = false;
  OutputOptions output;
};

// A project that cannot be written to is read out all the same.
Result<void> keep(Terminal& terminal, const definitions::Project& project,
                  const AnalyzeOptions& options, const experiment::DecisionRecord& record) {
  if (options.without_record) return {};
  if (!options.record.empty())
    return terminal.deliver(experiment::write_record(record), options.record);
  const auto kept = experiment::keep_record(project.folder, record);
  if (!kept) terminal.remark("No decision record was kept: " + kept.error().message + ".\n");
  return {};
}

Result<int> analyze(Terminal& terminal, const AnalyzeOptions& options) {
  experiment::ReadoutOptions readout;
  readout.threads = terminal.threads;
  readout.by_day = !options.without_days;
  readout.by_segment = !options.without_segments;
  readout.since_exposure = !options.without_days_since_exposure;
  readout.heterogeneity = !options.without_heterogeneity;
  if (!options.as_of.empty()) {
    DESCANT_ASSIGN(readout.as_of, parse_instant(options.as_of));
  }
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto result, experiment::read_out(project, options.name, readout));
  DESCANT_CHECK(keep(terminal, project, options, experiment::record_of(readout, result)));
  DESCANT_CHECK(present(terminal, result, options.output));
  return 0;
}

}  // namespace

void add_experiment_commands(const Program& program) {
  auto* group = program.app.add_subcommand("experiment", "list and analyse experiments");
  group->require_subcommand(1);

  auto list_options = std::make_shared<ListOptions>();
  auto* list_app = group->add_subcommand("list", "the experiments of a project");
  list_app->add_option("--project", list_options->project, "the project's folder");
  list_app->add_option("--format", list_options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(list_app, program.chosen, list_options, list);

  auto options = std::make_shared<AnalyzeOptions>();
  auto* app = group->add_subcommand("analyze", "read an experiment out and decide it");
  app->add_option("NAME", options->name, "name of the experiment")->required();
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--as-of", options->as_of,
                  "use data up to this instant, such as 2026-03-20T12:00:00Z; default: all");
  app->add_flag("--no-days", options->without_days, "leave out the effect by day");
  app->add_flag("--no-segments", options->without_segments, "leave out the segments");
  app->add_flag("--no-days-since-exposure", options->without_days_since_exposure,
                "leave out the effect by day since exposure");
  app->add_flag("--without-heterogeneity", options->without_heterogeneity,
                "do not test whether effects differ between segments");
  app->add_option("--record", options->record,
                  "write the decision record to this file; default: the project's records folder")
      ->type_name("FILE");
  app->add_flag("--no-record", options->without_record, "keep no decision record");
  add_output_flags(app, options->output);
  runs(app, program.chosen, options, analyze);
  add_experiment_record_commands(group, program.chosen);
  add_experiment_design_command(group, program.chosen);
  add_experiment_aa_command(group, program.chosen);
  add_experiment_interaction_command(group, program.chosen);
  add_experiment_portfolio_command(group, program.chosen);
}

}  // namespace descant::cli
