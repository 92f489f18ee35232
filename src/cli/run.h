// SPDX-License-Identifier: Apache-2.0
#pragma once

// The program: parses its arguments, runs the chosen command and returns the exit status. 0 done
// (whatever the verdict), 2 the request is wrong, 3 the data are wrong, 70 a bug, 130 interrupted.

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace descant::cli {

// `arguments` without the program's name; `program` as the user called it, for commands to repeat.
int run(std::vector<std::string> arguments, Streams streams = {}, std::string program = "descant");

}  // namespace descant::cli
