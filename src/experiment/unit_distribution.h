// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the values of a unit table are distributed in each arm: moments, quantiles (type 7) and a
// histogram over borders that all arms share, so that they can be drawn over each other. The
// borders run from the smallest value to the 99.5 % quantile of all arms; larger values fall into
// the last bar, which says so. Missing values are counted. A ratio is described by the moments of
// its two parts and the histogram of its numerator. An arm without values has undefined numbers.

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "folds/unit_table.h"
#include "stats/comparison.h"

namespace descant::experiment {

struct ArmDistribution {
  std::string variant;
  std::int64_t n = 0;
  std::int64_t missing = 0;
  double mean = stats::kUndefined;
  double variance = stats::kUndefined;  // divisor n - 1
  double minimum = stats::kUndefined;
  double maximum = stats::kUndefined;
  std::vector<double> quantiles;  // at UnitDistributions::levels
  std::vector<std::int64_t> counts;
  double denominator_mean = stats::kUndefined;
  double denominator_variance = stats::kUndefined;
  double denominator_covariance = stats::kUndefined;
  double covariate_correlation = stats::kUndefined;
};

struct MetricDistribution {
  std::string name;
  std::vector<double> borders;  // one more than counts
  bool last_bar_is_open = false;
  std::vector<ArmDistribution> arms;
};

struct UnitDistributions {
  std::vector<double> levels;
  std::vector<MetricDistribution> metrics;
};

UnitDistributions unit_distributions(const folds::UnitTable& units, std::size_t bins);

void describe(Describer& d, UnitDistributions& distributions);

}  // namespace descant::experiment
