// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sums of Mantel and Haenszel (1959) over strata of two shares, for the three measures of
// effect and their variances, sources in stratified_difference.h. Strata with units in one arm
// alone contribute nothing. Nothing left, or a sum of 0 where a measure divides by it: NaN.

#include <span>

namespace descant::stats {

struct ShareCounts {
  double control_n, control_successes, treatment_n, treatment_successes;
};

struct MantelHaenszel {
  double control;    // weighted shares, whose difference is the risk difference
  double treatment;  // and whose ratio is the risk ratio
  double control_variance;
  double treatment_variance;
  double risk_difference_variance;
  double odds_ratio;
  double log_odds_ratio_variance;
  double log_risk_ratio_variance;
};

MantelHaenszel mantel_haenszel(std::span<const ShareCounts> strata);

}  // namespace descant::stats
