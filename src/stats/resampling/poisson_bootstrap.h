// SPDX-License-Identifier: Apache-2.0
#pragma once

// Poisson-bootstrap replicates of one arm's estimate; see comparison/bootstrap_difference.h. A mean
// is the ratio of its values to ones, and clusters are units with their rows' totals, so that one
// kernel serves all: sums of z = numerator - ratio * denominator and of the denominator. A
// quantile's replicate finds its ranks among weighted sorted values, by sums of blocks of weights.

#include <cstdint>
#include <span>

#include "base/result.h"
#include "stats/random_purpose.h"
#include "stats/resampling/bootstrap_contrast.h"

namespace descant::stats {

struct PoissonBootstrap {
  std::uint64_t seed = 1;
  RandomPurpose purpose = RandomPurpose::kPoissonControl;
  std::size_t replicates = 0;
  bool with_variances = false;  // each replicate's own sampling variance
};

// `denominator` has as many entries as `numerator`; units are independent.
Result<BootstrapArm> bootstrap_ratio(std::span<const double> numerator,
                                     std::span<const double> denominator,
                                     const PoissonBootstrap& options);

// `cluster` is empty or has the cluster of each value, from 0. `z` sets the ranks that variances
// rest on, as in quantile_difference.h; variances only without clusters.
Result<BootstrapArm> bootstrap_quantile(std::span<const double> values,
                                        std::span<const std::uint32_t> cluster, double quantile,
                                        double z, const PoissonBootstrap& options);

}  // namespace descant::stats
