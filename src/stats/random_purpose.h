// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the random streams of the statistics are for (base/random.h), so that no two methods draw
// the same numbers from one seed. Numbers are part of the output: append, never renumber.

#include <cstdint>

namespace descant::stats {

enum class RandomPurpose : std::uint64_t {
  kAssignment = 101,      // re-randomised arms, by replicate
  kPoissonControl = 102,  // bootstrap weights, by replicate
  kPoissonTreatment = 103,
  kQuantileControl = 104,  // ranks of bootstrap quantiles
  kQuantileTreatment = 105,
};

}  // namespace descant::stats
