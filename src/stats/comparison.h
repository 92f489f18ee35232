// SPDX-License-Identifier: Apache-2.0
#pragma once

// The result every two-arm comparison gives, and the options all of them take. Effects are
// treatment minus control. An undefined number or an unbounded interval end is NaN here and null in
// JSON; an undefined one comes with a warning. `statistic`, `degrees_of_freedom` and `p_value`
// belong to the absolute test, or to the margin test when a margin is given.

#include <limits>
#include <optional>
#include <string>

#include "base/describe.h"
#include "base/error.h"

namespace descant::stats {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

struct ArmEstimate {
  std::int64_t n = 0;
  double estimate = kUndefined;
  double standard_error = kUndefined;
};

struct EffectInterval {
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
};

struct Comparison {
  std::string method;
  ArmEstimate control;
  ArmEstimate treatment;
  EffectInterval absolute;
  EffectInterval relative;  // treatment / control - 1
  double statistic = kUndefined;
  double degrees_of_freedom = kUndefined;  // NaN for a normal reference
  double p_value = kUndefined;
  Warnings warnings;
};

// Request fields shared by all comparisons; names, values and meaning as in the reference pages.
struct ComparisonOptions {
  double confidence_level = 0.95;
  std::string alternative = "two_sided";                        // two_sided | greater | less
  double null_value = 0.0;                                      // absolute
  std::optional<double> non_inferiority_margin = std::nullopt;  // positive
  std::string margin_scale = "absolute";                        // absolute | relative
  std::string margin_treatment = "exact";  // exact | fixed, for a relative margin
  std::string direction = "increase";      // which way is good; used with a margin
  std::string relative_method = "delta";   // delta | fieller | log
};

void describe(Describer& d, ArmEstimate& arm);
void describe(Describer& d, EffectInterval& interval);
void describe(Describer& d, Comparison& comparison);
void describe(Describer& d, ComparisonOptions& options);

}  // namespace descant::stats
