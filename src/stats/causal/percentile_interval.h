// SPDX-License-Identifier: Apache-2.0
#pragma once

// The interval between the outer percentiles of resampled estimates (Efron and Tibshirani 1993,
// chapter 13), quantiles of type 7, with the draws' standard deviation as the standard error. Draws
// that are NaN, as of a resample without one arm, are left out; fewer than two give NaN.

#include <vector>

#include "stats/comparison.h"

namespace descant::stats {

EffectInterval percentile_interval(std::vector<double> draws, double estimate,
                                   double confidence_level);

// Type 7 (Hyndman and Fan 1996) of ascending values; NaN when there are none.
double sorted_quantile(const std::vector<double>& ascending, double share);

}  // namespace descant::stats
