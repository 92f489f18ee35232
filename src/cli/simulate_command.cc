// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "simulator/simulate.h"

namespace descant::cli {
namespace {

Result<int> simulate(Terminal& terminal, const simulator::SimulateOptions& written) {
  auto options = written;
  options.threads = terminal.threads;
  DESCANT_ASSIGN(const auto report, simulator::simulate(options, terminal.watch()));
  terminal.print(fmt::format("{} plays of {} listeners, {} assignments, in {}: {}\n",
                             format_count(report.plays), format_count(report.listeners),
                             format_count(report.assignments), format_seconds(report.seconds),
                             options.folder));
  return 0;
}

}  // namespace

void add_simulate_command(const Program& program) {
  auto options = std::make_shared<simulator::SimulateOptions>();
  auto* app = program.app.add_subcommand("simulate",
                                         "write a synthetic listening project with planted truths");
  app->add_option("DIR", options->folder, "the folder to write")->required();
  app->add_option("--listeners", options->listeners, "how many listeners")->capture_default_str();
  app->add_option("--days", options->days, "how many days")->capture_default_str();
  app->add_option("--seed", options->seed, "the same seed gives the same data")
      ->capture_default_str();
  app->add_option("--plays-per-listener", options->plays_per_listener, "expected over all days")
      ->capture_default_str();
  app->add_option("--listener-key", options->listener_key, "type of the listener's key")
      ->check(CLI::IsMember({"integer", "sparse", "string"}))
      ->capture_default_str();
  runs(app, program.chosen, options, simulate);
}

}  // namespace descant::cli
