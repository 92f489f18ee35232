// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference of a quantile (type 7) between two arms. `order_statistic`: the standard error is
// (Y_U - Y_L) / 2z with L, U = n (q -+ z sqrt(q (1 - q) / n)), rounded outwards, as ranks from 1,
// and z of the two-sided confidence level (Deng, Knoblich, Lu, "Applying the delta method in metric
// analytics", KDD 2018, section 4.2). `cluster`: the same times the root of the ratio of the
// variance of the mean of 1{Y <= quantile} with clusters as units (delta method) to q (1 - q) / n
// (Yao, Li, Lu 2024, algorithm 1). Both take the normal distribution. `bootstrap`: an arm's
// replicate is the order statistic of rank Binomial(n + 1, q), no resampling needed (Schultzberg
// and Ankargren, arXiv 2202.10992), and the interval is made of percentiles. An arm where ranks
// fall off the end, or whose values near the quantile are all equal, brings a warning; fewer than
// two rows or clusters give NaN and a warning. Wrong options are errors naming the field.
// `quantile_at` and what follows it are the parts, for arms whose order statistics are selected
// elsewhere: values that are kept by day, or too many to be held at once.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison.h"
#include "stats/moments.h"

namespace descant::stats {

struct QuantileOptions {
  double quantile = 0.5;
  std::string method = "order_statistic";  // order_statistic | cluster | bootstrap
  std::int64_t replicates = 10'000;        // bootstrap
  std::uint64_t seed = 1;                  // bootstrap
};

// One arm; `cluster` is empty or has an index from 0 per value. Values are finite.
struct QuantileRows {
  std::vector<double> values;
  std::vector<std::uint32_t> cluster = {};
};

Result<Comparison> quantile_difference(QuantileRows control, QuantileRows treatment,
                                       const QuantileOptions& quantile,
                                       const ComparisonOptions& options);

// Where a quantile is looked for, and how far around it.
struct QuantileTarget {
  double quantile = 0.5;
  double z = 0;  // of the outer interval
};
QuantileTarget quantile_target(double quantile, double confidence_level);

struct ArmQuantile {
  ArmEstimate arm;
  bool off_the_end = false;
  bool tied = false;
  bool one_cluster = false;
};

// The order statistics of n > 0 values that their quantile rests on, as ranks from 0: L, those
// around the quantile, U. Ascending but for tiny samples.
std::array<std::size_t, 4> ranks_at(std::size_t n, const QuantileTarget& target);
// From the values at these ranks; n = 0 gives NaN whatever they are.
ArmQuantile quantile_at(std::size_t n, const QuantileTarget& target,
                        const std::array<double, 4>& values);
ArmQuantile quantile_of_rows(std::span<double> values, const QuantileTarget& target);  // reorders
// Rows vary together by cluster. Columns of `clusters`: a cluster's rows that are at most the
// quantile, and its rows.
void widen_for_clusters(ArmQuantile& found, double quantile, const Moments& clusters);
Result<Comparison> compare_quantiles(const std::string& method, const ArmQuantile& control,
                                     const ArmQuantile& treatment,
                                     const ComparisonOptions& options);

void describe(Describer& d, QuantileOptions& options);

}  // namespace descant::stats
