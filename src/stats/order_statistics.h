// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sample quantiles and the order statistics they rest on, by selection rather than sorting. Ranks
// count from 0. Quantiles are type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages"
// (1996): linear between the order statistics around (n - 1) q. Values must not be NaN; no values
// give NaN.

#include <cstddef>
#include <span>
#include <vector>

namespace descant::stats {

// Reorders the values so that each of the ranks holds its order statistic and what lies between
// two of them stands between them. Ranks are ascending and below the number of values.
void select(std::span<double> values, std::span<const std::size_t> ranks);

// A quantile as a mixture of two neighbouring order statistics.
struct QuantileRanks {
  std::size_t lower = 0;
  std::size_t upper = 0;
  double fraction = 0;  // of the upper one

  double of(double at_lower, double at_upper) const {
    return at_lower + fraction * (at_upper - at_lower);
  }
};
QuantileRanks quantile_ranks(std::size_t n, double quantile);

// An outer interval of a quantile: n (q -+ z sqrt(q (1 - q) / n)) as ranks from 1, rounded outwards
// (Deng, Knoblich, Lu 2018, section 4.2), then counted from 0 and kept within the sample.
struct OuterRanks {
  std::size_t lower = 0;
  std::size_t upper = 0;
  bool off_the_end = false;  // the sample has no such rank
};
OuterRanks outer_ranks(std::size_t n, double quantile, double z);

double quantile_of_sorted(std::span<const double> sorted, double quantile);
double quantile_of(std::vector<double> values, double quantile);

}  // namespace descant::stats
