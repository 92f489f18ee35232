// SPDX-License-Identifier: Apache-2.0
#pragma once

// Synthetic listening with planted truths, for demonstrations, teaching and tests: Parquet files of
// plays, listeners and assignments, the project's YAML, and truth.json saying all that was planted.
// The bytes' content follows from the options alone, whatever the number of threads.

#include <cstdint>
#include <string>

#include "base/parallel.h"
#include "base/result.h"

namespace descant::simulator {

struct SimulateOptions {
  std::string folder;  // made when it does not exist
  std::uint64_t listeners = 100'000;
  std::uint32_t days = 70;
  std::uint64_t seed = 7;
  std::size_t threads = 0;
  double plays_per_listener = 60;        // expected, over all days
  std::string listener_key = "integer";  // integer (dense) | sparse (64-bit) | string
};

struct SimulateReport {
  std::uint64_t plays = 0;
  std::uint64_t listeners = 0;
  std::uint64_t assignments = 0;
  double seconds = 0;
};

Result<SimulateReport> simulate(const SimulateOptions& options, const Watch& watch = {});

}  // namespace descant::simulator
