// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/percentile_interval.h"

#include <algorithm>
#include <cmath>

namespace descant::stats {

double sorted_quantile(const std::vector<double>& ascending, double share) {
  if (ascending.empty()) return kUndefined;
  const double place = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] +
         (place - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

EffectInterval percentile_interval(std::vector<double> draws, double estimate,
                                   double confidence_level) {
  EffectInterval interval{estimate};
  std::erase_if(draws, [](double x) { return !std::isfinite(x); });
  if (draws.size() < 2) return interval;
  std::sort(draws.begin(), draws.end());
  const double n = static_cast<double>(draws.size());
  double mean = 0, square = 0;
  for (const double x : draws) mean += x / n;
  for (const double x : draws) square += (x - mean) * (x - mean);
  interval.standard_error = std::sqrt(square / (n - 1));
  interval.lower = sorted_quantile(draws, (1 - confidence_level) / 2);
  interval.upper = sorted_quantile(draws, (1 + confidence_level) / 2);
  return interval;
}

}  // namespace descant::stats
