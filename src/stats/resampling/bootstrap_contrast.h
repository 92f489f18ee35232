// SPDX-License-Identifier: Apache-2.0
#pragma once

// From two arms' bootstrap replicates to a whole Comparison. Standard errors are those of the
// replicates; the absolute and relative intervals, the p-value and the margin test come from their
// distribution: `percentile`; `bca` (Efron, "Better bootstrap confidence intervals", JASA 1987;
// acceleration from the arms' influence values); `studentized`, each replicate over its own
// standard error (Hall, "Theoretical comparison of bootstrap confidence intervals", 1988, section
// 2). The p-value inverts the interval, and is at least 1 / (replicates + 1), doubled when
// two-sided (Davison and Hinkley 1997, section 4.2). Replicates that are not finite are left out,
// with a warning. Too little data, or no variance: NaN and a warning, as `compare` gives.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison/compare.h"

namespace descant::stats {

struct BootstrapArm {
  ArmEstimate arm;                // n and the estimate
  std::vector<double> estimates;  // of the replicates
  // For `studentized`: sampling variance of the estimate, in the sample and in each replicate.
  double variance = kUndefined;
  std::vector<double> variances = {};
  // For `bca`: sums of the squares and cubes of the units' influence on the estimate.
  double influence_squares = 0;
  double influence_cubes = 0;
};

struct BootstrapPair {
  std::string method;
  BootstrapArm control;
  BootstrapArm treatment;
  std::string interval = "percentile";  // percentile | bca | studentized
  Warnings warnings = {};
};

Result<Comparison> compare_replicates(BootstrapPair pair, const ComparisonOptions& options);

}  // namespace descant::stats
