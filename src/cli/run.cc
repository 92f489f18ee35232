// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <algorithm>
#include <csignal>
#include <sstream>

#include <fmt/format.h>

#include "base/version.h"
#include "cli/command.h"
#include "cli/parse_error.h"

namespace descant::cli {
namespace {

constexpr std::string_view kShortHelp = R"(descant: from a log of listening events to decisions

  descant demo                      simulate a project, decide its experiments, write a report
  descant refresh [PROJECT]         bring a project's timelines up to date with its sources
  descant experiment analyze NAME   read an experiment out and decide it
  descant analyze FILE              the same for a table of your own, one row per unit
  descant calc OPERATION JSON       any statistic, from numbers you have

All commands: descant --help
)";

void add_global_flags(CLI::App& app, Terminal& terminal) {
  app.add_option("--threads", terminal.threads, "threads to use; 0: all processors")
      ->check(CLI::Range(0, 4096, "0 to 4096"))
      ->type_name("N")
      ->group("Flags of every command");
  app.add_option("--color", terminal.color, "colour the output")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str()
      ->group("Flags of every command");
  app.add_flag("--quiet,-q", terminal.quiet, "no progress and no remarks")
      ->group("Flags of every command");
}

void add_commands(const Program& program) {
  add_demo_command(program);
  add_project_commands(program);
  add_experiment_commands(program);
  add_metric_commands(program);
  add_analyze_command(program);
  add_operation_commands(program);
  add_simulate_command(program);
  add_sql_command(program);
  add_version_command(program);
}

int run_chosen(Terminal& terminal, const Chosen& chosen) {
  auto status = chosen(terminal);
  terminal.end_progress();
  if (!status) return terminal.fail(status.error());
  if (terminal.output_failed())
    return terminal.fail(
        io_error("The output could not be written.", "standard output", "Is the disk full?"));
  return *status;
}

}  // namespace

int run(std::vector<std::string> arguments, Streams streams, std::string program) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is seen where we write
  Terminal terminal(streams);
  terminal.program = std::move(program);
  CLI::App app("From a log of listening events to decisions.", "descant");
  app.fallthrough();
  app.set_version_flag("--version", "descant " + std::string(kVersion), "print the version");
  add_global_flags(app, terminal);
  Chosen chosen;
  add_commands({app, chosen});
  if (arguments.empty()) {
    terminal.print(kShortHelp);
    return 0;
  }
  try {
    std::reverse(arguments.begin(), arguments.end());  // as the parser takes them
    app.parse(std::move(arguments));
  } catch (const CLI::Success& asked) {  // --help and --version
    std::ostringstream text, unused;
    app.exit(asked, text, unused);
    terminal.print(text.str());
    return 0;
  } catch (const CLI::ParseError& failure) {
    return terminal.fail(parse_error(app, failure));
  }
  if (!chosen) {
    terminal.print(kShortHelp);
    return 0;
  }
  try {
    return run_chosen(terminal, chosen);
  } catch (const std::exception& failure) {
    return terminal.fail(internal_error(failure.what()));
  }
}

}  // namespace descant::cli
