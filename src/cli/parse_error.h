// SPDX-License-Identifier: Apache-2.0
#pragma once

// What was wrong with a command line, as an Error that names the nearest flag or command.

#include <CLI/CLI.hpp>

#include "base/error.h"

namespace descant::cli {

// `app` has just failed to parse with `failure`.
Error parse_error(const CLI::App& app, const CLI::ParseError& failure);

}  // namespace descant::cli
