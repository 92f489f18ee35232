// SPDX-License-Identifier: Apache-2.0
#include "base/describe_json.h"
#include "cli/command.h"
#include "experiment/aa.h"

namespace descant::cli {
namespace {

struct AaCommandOptions {
  std::string name;
  std::string project;
  std::string as_of;
  std::string format = "text";
  std::string file;
  experiment::AaOptions aa;
};

Result<int> aa(Terminal& terminal, const AaCommandOptions& options) {
  experiment::ReadoutOptions readout;
  readout.threads = terminal.threads;
  readout.by_day = readout.by_segment = false;
  if (!options.as_of.empty()) {
    DESCANT_ASSIGN(readout.as_of, parse_instant(options.as_of));
  }
  experiment::AaOptions run = options.aa;
  run.threads = terminal.threads;
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  DESCANT_ASSIGN(const auto units, experiment::read_units(project, store, options.name, readout));
  DESCANT_ASSIGN(const auto result, experiment::run_aa(units, run, terminal.watch()));
  terminal.end_progress();
  const std::string text = options.format == "json"
                               ? write_json(to_json_document(result), 2) + "\n"
                               : report::aa_text(result, terminal.text_style(options.file));
  DESCANT_CHECK(terminal.deliver(text, options.file));
  return 0;
}

}  // namespace

void add_experiment_aa_command(CLI::App* group, Chosen& chosen) {
  auto options = std::make_shared<AaCommandOptions>();
  auto* app = group->add_subcommand(
      "aa", "assign the real units at random, again and again, and see how the tests behave");
  app->add_option("NAME", options->name, "name of the experiment")->required();
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--as-of", options->as_of, "use data up to this instant; default: all");
  app->add_option("--replicates", options->aa.replicates, "assignments at random")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--seed", options->aa.seed, "of the assignments")->capture_default_str();
  app->add_option("--alpha", options->aa.alpha, "two-sided level of the false positives")
      ->capture_default_str();
  app->add_option("--format", options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app->add_option("--output,-o", options->file, "write to this file instead of the terminal");
  runs(app, chosen, options, aa);
}

}  // namespace descant::cli
