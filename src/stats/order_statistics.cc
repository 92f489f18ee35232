// SPDX-License-Identifier: Apache-2.0
#include "stats/order_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descant::stats {

void select(std::span<double> values, std::span<const std::size_t> ranks) {
  // Halving the ranks keeps every value in few partitions.
  if (ranks.empty()) return;
  const std::size_t middle = ranks.size() / 2;
  const std::size_t rank = ranks[middle];
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), at, values.end());
  select(values.first(rank), ranks.first(middle));
  std::vector<std::size_t> after;
  for (const std::size_t r : ranks.subspan(middle + 1))
    if (r > rank) after.push_back(r - rank - 1);
  select(values.subspan(rank + 1), after);
}

QuantileRanks quantile_ranks(std::size_t n, double quantile) {
  const double position = static_cast<double>(n - 1) * quantile;
  const double below = std::floor(position);
  const auto lower = std::min(static_cast<std::size_t>(below), n - 1);
  return {lower, std::min(lower + 1, n - 1), position - below};
}

OuterRanks outer_ranks(std::size_t n, double quantile, double z) {
  const auto count = static_cast<double>(n);
  const double half = z * std::sqrt(quantile * (1 - quantile) * count);
  const double lower = std::floor(count * quantile - half);
  const double upper = std::ceil(count * quantile + half);
  const auto rank = [&](double from_one) {
    return static_cast<std::size_t>(std::clamp(from_one, 1.0, count)) - 1;
  };
  return {rank(lower), rank(upper), lower < 1 || upper > count};
}

double quantile_of_sorted(std::span<const double> sorted, double quantile) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto ranks = quantile_ranks(sorted.size(), quantile);
  return ranks.of(sorted[ranks.lower], sorted[ranks.upper]);
}

double quantile_of(std::vector<double> values, double quantile) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto ranks = quantile_ranks(values.size(), quantile);
  const std::size_t both[] = {ranks.lower, ranks.upper};
  select(values, both);
  return ranks.of(values[ranks.lower], values[ranks.upper]);
}

}  // namespace descant::stats
