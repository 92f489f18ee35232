// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inference after a group-sequential test has stopped, by stage-wise ordering (Fairbanks and Madsen
// 1982; Tsiatis, Rosner, Mehta 1984; Jennison and Turnbull 2000, section 8.4): outcomes are ordered
// by crossing above early, then by the statistic at the same look, then by crossing below late. It
// depends on no look that was not taken. The drift is the mean of the statistic at information 1.

#include <span>

#include "stats/comparison.h"
#include "stats/sequential/group_sequential_bounds.h"

namespace descant::stats {

struct StoppedTest {
  std::span<const double> information;  // of the looks up to the stop
  // Of the looks before the stop; more are not read.
  std::span<const double> lower;
  std::span<const double> upper;
  double statistic = kUndefined;  // at the stop
};

// Probability of an outcome at or beyond the one seen.
double probability_beyond(const StoppedTest& test, double drift);
// The drift under which that probability is this one.
double drift_with_probability(const StoppedTest& test, double probability);

}  // namespace descant::stats
