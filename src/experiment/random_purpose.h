// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the random streams of this folder are for (base/random.h). Numbers are part of the output:
// append, never renumber.

#include <cstdint>

namespace descant::experiment {

enum class RandomPurpose : std::uint64_t {
  kPlannedDecision = 201,  // draws of all test statistics, by replicate
  kQualityTest = 202,      // p-values of checks that hold, by replicate
};

}  // namespace descant::experiment
