// SPDX-License-Identifier: Apache-2.0
#pragma once

// How commands are declared: each group of commands adds its own to the program, with options in a
// struct of its own that lives as long as the program. Parsing only chooses; the chosen one runs
// afterwards and returns the exit status, or the error that prevented it.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/terminal.h"
#include "definitions/project.h"

namespace descant::cli {

using Chosen = std::function<Result<int>(Terminal&)>;

struct Program {
  CLI::App& app;
  Chosen& chosen;
};

// Makes `app` run `command` with `options` when it is chosen.
template <class Options>
void runs(CLI::App* app, Chosen& chosen, std::shared_ptr<Options> options,
          Result<int> (*command)(Terminal&, const Options&)) {
  app->callback([&chosen, options = std::move(options), command] {
    chosen = [options, command](Terminal& terminal) { return command(terminal, *options); };
  });
}

void add_demo_command(const Program& program);
void add_project_commands(const Program& program);     // check, refresh, status
void add_experiment_commands(const Program& program);  // experiment list, experiment analyze
// The commands of the group `experiment` that ask for more than one read-out.
void add_experiment_record_commands(CLI::App* group, Chosen& chosen);  // explain, rerun
void add_experiment_design_command(CLI::App* group, Chosen& chosen);
void add_experiment_aa_command(CLI::App* group, Chosen& chosen);
void add_experiment_interaction_command(CLI::App* group, Chosen& chosen);
void add_experiment_portfolio_command(CLI::App* group, Chosen& chosen);
void add_analyze_command(const Program& program);
void add_operation_commands(const Program& program);  // calc, operations
void add_metric_commands(const Program& program);     // metric list
void add_simulate_command(const Program& program);
void add_sql_command(const Program& program);
void add_version_command(const Program& program);

// The project in `path`, or when it is empty the nearest one at or above the current folder. All
// errors of its definitions are reported to the terminal; the last one is returned.
Result<std::string> find_project(const std::string& path);
Result<definitions::Project> open_project(Terminal& terminal, const std::string& path);

}  // namespace descant::cli
