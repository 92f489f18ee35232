// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the simulator's random streams (base/random.h) are for, and the falling weights of its
// catalogue. Streams are keyed by listener, day and session.

#include "base/random.h"

namespace descant::simulator {

// What a stream is for. Numbers are part of the output: append, never renumber.
enum class Purpose : std::uint64_t {
  kCatalogue = 1,
  kListener = 2,
  kLibrary = 3,
  kDay = 4,
  kSession = 5,
  kAssignment = 6,
  kKey = 7,
};

// Weights of ranks 1..n that fall as rank^-exponent (Zipf).
std::vector<double> zipf_weights(std::size_t n, double exponent);

}  // namespace descant::simulator
