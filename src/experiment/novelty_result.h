// SPDX-License-Identifier: Apache-2.0
#pragma once

// How an effect changes with the days since a unit's own exposure: a comparison for each day, over
// the units that have completed it, and the test whether it fades or grows. Undefined numbers are
// NaN and come with a warning in their comparison.

#include <cstdint>
#include <string>
#include <vector>

#include "stats/comparison.h"

namespace descant::experiment {

struct TenureEffect {
  std::int64_t day = 0;  // since exposure: 0 is the first 24 hours
  stats::Comparison comparison;
};

struct Novelty {
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
  std::int64_t units = 0;          // the same in all of these days
  stats::Comparison daily_effect;  // the average over these days
  stats::EffectInterval slope;     // change of the effect from one day to the next
  double statistic = stats::kUndefined;
  double degrees_of_freedom = stats::kUndefined;
  double p_value = stats::kUndefined;           // two-sided, of no change
  double p_value_adjusted = stats::kUndefined;  // Holm over the treatment's metrics
  std::string kind;                             // fading | growing | steady | undecided
  std::string message;                          // one sentence for people
};

void describe(Describer& d, TenureEffect& effect);
void describe(Describer& d, Novelty& novelty);

}  // namespace descant::experiment
