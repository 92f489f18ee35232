// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Comparison from an effect that has no estimate for each arm, such as a coefficient: interval,
// test and absolute margin as every comparison has them, arms and relative effect undefined. A
// relative margin is an error. Degrees of freedom of NaN stand for the normal distribution; an
// undefined or zero standard error gives NaN and a warning.

#include <string>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct SingleEffect {
  std::string method;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double degrees_of_freedom = kUndefined;
};

Result<Comparison> compare_single_effect(const SingleEffect& effect,
                                         const ComparisonOptions& options);

// The two-sided interval of an estimate that is listed beside the main one.
EffectInterval two_sided_interval(double estimate, double standard_error, double degrees_of_freedom,
                                  double confidence_level);

}  // namespace descant::stats
