// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment's result in the format a user asked for: text, JSON or an HTML page.

#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/terminal.h"
#include "experiment/result.h"

namespace descant::cli {

struct OutputOptions {
  std::string format = "text";
  std::string file;  // empty: standard output
};

void add_output_flags(CLI::App* app, OutputOptions& options);

Result<void> present(Terminal& terminal, const experiment::ExperimentResult& result,
                     const OutputOptions& options);

}  // namespace descant::cli
