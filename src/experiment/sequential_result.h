// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a sequential method says at the looks of a metric, a look being the end of a complete local
// day. The statistic and its bound are one-sided, in the direction that the metric's role tests;
// the repeated interval is two-sided at the experiment's confidence level and holds at all looks
// together. Undefined numbers are NaN: a look without a standard error, or a bound not reached yet.

#include <string>

#include "base/describe.h"
#include "stats/comparison.h"

namespace descant::experiment {

struct SequentialLook {
  double information = stats::kUndefined;  // share of the plan at which alpha is spent
  double statistic = stats::kUndefined;
  double bound = stats::kUndefined;
  bool crossed = false;  // at this look or before
  double p_value = stats::kUndefined;
  double lower = stats::kUndefined;  // of the absolute effect
  double upper = stats::kUndefined;
};

struct SequentialOutcome {
  std::string method;
  std::string last_look;  // local date; empty: none yet
  bool crossed = false;
  std::string crossed_on;  // local date; empty: not crossed
  double p_value = stats::kUndefined;
  // Bound of the last look had the looks' increments been independent; NaN where they are.
  double independent_bound = stats::kUndefined;
  std::string message;  // one sentence for people
};

void describe(Describer& d, SequentialLook& look);
void describe(Describer& d, SequentialOutcome& outcome);

}  // namespace descant::experiment
