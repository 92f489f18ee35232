// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference of a mean, a ratio of totals or a quantile (type 7) between two arms by the Poisson
// bootstrap: in each replicate every unit, or every cluster where rows have one, counts
// Poisson(1) times (Chamandy, Muralidharan, Najmi, Naidu, "Estimating uncertainty for massive data
// streams", 2012). Weights depend on the seed, the arm, the replicate and the unit's place alone,
// so threads never change a bit. Intervals, p-value and margin test: resampling/
// bootstrap_contrast.h; a studentized replicate carries its own delta-method or order-statistic
// standard error, and bca's acceleration comes from the statistic's influence function. Fewer than
// two units or clusters, or a denominator of 0: NaN and a warning. Wrong options, and a studentized
// quantile of clustered rows, are errors naming the field.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct BootstrapOptions {
  std::string statistic = "mean";  // mean | ratio | quantile
  double quantile = 0.5;
  std::int64_t replicates = 2000;
  std::uint64_t seed = 1;
  std::string interval = "percentile";  // percentile | bca | studentized
};

// One arm; `denominator` is for a ratio, `cluster` is empty or has an index from 0 per value.
// Values are finite. The spans must outlive the call.
struct BootstrapRows {
  std::span<const double> values;
  std::span<const double> denominator = {};
  std::span<const std::uint32_t> cluster = {};
};

Result<Comparison> bootstrap_difference(const BootstrapRows& control,
                                        const BootstrapRows& treatment,
                                        const BootstrapOptions& bootstrap,
                                        const ComparisonOptions& options);

void describe(Describer& d, BootstrapOptions& options);

}  // namespace descant::stats
