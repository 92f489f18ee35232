// SPDX-License-Identifier: Apache-2.0
#include "base/describe_json.h"
#include "cli/command.h"
#include "experiment/design.h"

namespace descant::cli {
namespace {

struct DesignCommandOptions {
  std::string name;
  std::string project;
  std::string from, to;
  std::string format = "text";
  std::string file;
  experiment::DesignOptions design;
};

Result<int> design(Terminal& terminal, const DesignCommandOptions& options) {
  experiment::DesignOptions asked = options.design;
  asked.threads = terminal.threads;
  if (!options.from.empty()) {
    DESCANT_ASSIGN(asked.from, parse_date(options.from));
  }
  if (!options.to.empty()) {
    DESCANT_ASSIGN(asked.to, parse_date(options.to));
  }
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  DESCANT_ASSIGN(const auto result, experiment::design(project, store, options.name, asked));
  const std::string text = options.format == "json"
                               ? write_json(to_json_document(result), 2) + "\n"
                               : report::design_text(result, terminal.text_style(options.file));
  DESCANT_CHECK(terminal.deliver(text, options.file));
  return 0;
}

}  // namespace

void add_experiment_design_command(CLI::App* group, Chosen& chosen) {
  auto options = std::make_shared<DesignCommandOptions>();
  auto* app = group->add_subcommand(
      "design", "sample size, runtime and chance to ship, from what the metrics did before");
  app->add_option("NAME", options->name, "name of the experiment")->required();
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--from", options->from,
                  "first day of the past on which units would have been exposed; default: so that "
                  "the period is as long as the experiment and ends before it")
      ->type_name("DATE");
  app->add_option("--to", options->to, "last such day")->type_name("DATE");
  app->add_option("--replicates", options->design.replicates, "simulated experiments")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--seed", options->design.seed, "of the simulation")->capture_default_str();
  app->add_option("--format", options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app->add_option("--output,-o", options->file, "write to this file instead of the terminal");
  runs(app, chosen, options, design);
}

}  // namespace descant::cli
