// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"
#include "cli/command.h"

namespace descant::cli {
namespace {

struct NoOptions {};

Result<int> print_version(Terminal& terminal, const NoOptions&) {
  terminal.print("descant " + std::string(kVersion) + "\n");
  return 0;
}

}  // namespace

void add_version_command(const Program& program) {
  auto* app = program.app.add_subcommand("version", "print the version");
  runs(app, program.chosen, std::make_shared<NoOptions>(), print_version);
}

}  // namespace descant::cli
