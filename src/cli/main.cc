// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

int main(int argc, char** argv) {
  const char* program = argc > 0 ? argv[0] : "descant";
  return descant::cli::run({argv + (argc > 0), argv + argc}, {}, program);
}
