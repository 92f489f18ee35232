// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the random streams of the causal statistics are for (base/random.h), so that no two methods
// draw the same numbers from one seed. Numbers are part of the output: append, never renumber.

#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace descant::stats {

enum class CausalPurpose : std::uint64_t {
  kBlockBootstrap = 201,  // by replicate
  kRandomisation = 202,   // by replicate
  kInterleaving = 203,    // by replicate
  kMultipliers = 204,     // by replicate
  kHonestHalves = 205,
};

// Below n.
inline std::size_t pick_below(Random& random, std::size_t n) {
  return static_cast<std::size_t>(((random.next() >> 32) * n) >> 32);
}

}  // namespace descant::stats
