// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/file.h"
#include "cli/command.h"
#include "experiment/decision_record.h"
#include "experiment/explain.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

struct ExplainOptions {
  std::string name;
  std::string project;
  std::string metric;
  std::string as_of;
  std::string format = "text";
};

Result<int> explain(Terminal& terminal, const ExplainOptions& options) {
  experiment::ReadoutOptions readout;
  readout.threads = terminal.threads;
  readout.by_day = readout.by_segment = false;
  if (!options.as_of.empty()) {
    DESCANT_ASSIGN(readout.as_of, parse_instant(options.as_of));
  }
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  DESCANT_ASSIGN(const auto units, experiment::read_units(project, store, options.name, readout));
  DESCANT_ASSIGN(const auto explanation,
                 experiment::explain(units, options.metric, terminal.threads));
  if (options.format == "json")
    terminal.print(write_json(to_json_document(explanation), 2) + "\n");
  else
    terminal.print(report::explain_text(explanation, terminal.text_style()));
  return 0;
}

struct RerunOptions {
  std::string record;
  std::string project;
};

std::string rerun_text(const std::string& file, const experiment::RecordComparison& comparison,
                       const report::TextStyle& style) {
  if (comparison.same_bytes)
    return report::wrap(file + ": the same bytes. Every number is as recorded.", style.width);
  std::string out = report::wrap(
      fmt::format("{}: not the same. {} {}.", file, comparison.differing_fields,
                  comparison.differing_fields == 1 ? "field differs" : "fields differ"),
      style.width);
  for (const auto& cause : comparison.causes)
    out += report::wrap("Changed is " + cause + ".", style.width, 2);
  for (const auto& difference : comparison.differences)
    out += report::wrap(report::printable(difference), style.width, 4);
  return out;
}

// Differences are news about the data, and so is the exit status.
Result<int> rerun(Terminal& terminal, const RerunOptions& options) {
  DESCANT_ASSIGN(const auto text, read_file(options.record));
  DESCANT_ASSIGN(const auto record, experiment::read_record(text, options.record));
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto comparison, experiment::rerun(project, record, terminal.threads));
  terminal.print(rerun_text(options.record, comparison, terminal.text_style()));
  return comparison.same_bytes ? 0 : exit_status(ErrorCode::kInvalidData);
}

}  // namespace

void add_experiment_record_commands(CLI::App* group, Chosen& chosen) {
  auto options = std::make_shared<ExplainOptions>();
  auto* app = group->add_subcommand("explain", "which adjustment moved which interval");
  app->add_option("NAME", options->name, "name of the experiment")->required();
  app->add_option("--metric", options->metric, "only this metric");
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--as-of", options->as_of, "use data up to this instant; default: all");
  app->add_option("--format", options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(app, chosen, options, explain);

  auto rerun_options = std::make_shared<RerunOptions>();
  auto* rerun_app =
      group->add_subcommand("rerun", "run a decision record again and compare every byte");
  rerun_app->add_option("RECORD", rerun_options->record, "the record's file")->required();
  rerun_app->add_option("--project", rerun_options->project, "the project's folder");
  runs(rerun_app, chosen, rerun_options, rerun);
}

}  // namespace descant::cli
