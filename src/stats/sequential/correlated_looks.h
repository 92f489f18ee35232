// SPDX-License-Identifier: Apache-2.0
#pragma once

// Group-sequential bounds for statistics whose increments are not independent, as of open-ended
// metrics: the error of each look is spent in the multivariate normal of all looks so far with
// their estimated correlation, instead of the one that independent increments imply,
// sqrt(t_j / t_k). The integral is the lattice rule of stats/sequential/multivariate_normal.h; the
// same points under independent increments, whose bounds are known exactly, serve as a control
// variate, so that equal correlations give equal bounds. A look's bound uses only the looks up to
// it: those of today never change later. Up to kMostCorrelatedLooks looks. A matrix that is not a
// correlation or covariance matrix is an error naming the field.

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/sequential/spending.h"

namespace descant::stats {

inline constexpr std::size_t kMostCorrelatedLooks = 200;

struct CorrelatedLooks {
  std::vector<double> information;  // fraction of the planned end by look
  std::vector<double> covariance;   // K x K of the looks' estimates, row by row; any scale by look
  SpendingFunction spending;
  double alpha = 0.05;
  int sides = 2;
};

struct CorrelatedBounds {
  std::vector<double> upper;              // lower is -upper when two-sided
  std::vector<double> independent_upper;  // as if increments were independent
  // Largest difference between the looks' correlations and sqrt(t_j / t_k): 0 when they agree.
  double largest_correlation_difference = 0;
};

Result<CorrelatedBounds> correlated_bounds(const CorrelatedLooks& looks);

}  // namespace descant::stats
