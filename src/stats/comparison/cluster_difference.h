// SPDX-License-Identifier: Apache-2.0
#pragma once

// A comparison of means or ratios whose units come in clusters (listeners of a market, plays of a
// listener), from the sums of each cluster. `cr1`: the regression of the outcome on the treatment
// with the cluster-robust variance of Liang and Zeger (1986), small-sample factor
// G/(G - 1) (N - 1)/(N - 2) over G clusters and N rows, reference t with G - 1 degrees of freedom;
// of a ratio the same for its linearised rows. `delta`: clusters are the units of a ratio of sums
// (Deng, Knoblich, Lu 2018, section 3), each arm's variance with G_a/(G_a - 1), reference t with
// Welch-Satterthwaite degrees of freedom; its `n` counts clusters. A cluster with rows in both arms
// makes them correlated, which both methods carry. An arm of one cluster gives NaN and a warning,
// few clusters a warning.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/compare.h"
#include "stats/sample.h"

namespace descant::stats {

// One cluster in one arm. The denominator of a mean is the number of rows.
struct ClusterSums {
  std::uint32_t cluster = 0;  // the same number in both arms is the same cluster
  std::int64_t rows = 0;
  double numerator = 0;
  double denominator = 0;
};

struct ClusterCounts {
  std::int64_t control = 0;
  std::int64_t treatment = 0;
  std::int64_t in_both = 0;
};

struct ClusterComparison {
  Comparison comparison;
  ClusterCounts clusters;
  double design_effect = kUndefined;  // variance / that of independent rows, when these are known
};

// method: cr1 | delta. A cluster stands at most once in an arm.
Result<ClusterComparison> cluster_difference(std::span<const ClusterSums> control,
                                             std::span<const ClusterSums> treatment,
                                             const std::string& method,
                                             const ComparisonOptions& options);
// Raw rows with a cluster label each.
Result<ClusterComparison> cluster_difference(const Sample& control, const Sample& treatment,
                                             const std::string& method,
                                             const ComparisonOptions& options);

void describe(Describer& d, ClusterCounts& counts);
void describe(Describer& d, ClusterComparison& result);

}  // namespace descant::stats
