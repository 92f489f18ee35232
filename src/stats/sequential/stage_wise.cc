// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/stage_wise.h"

#include <algorithm>
#include <cmath>

#include "stats/sequential/root_finding.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {

double probability_beyond(const StoppedTest& test, double drift) {
  StoppedProcess process(test.information, drift);
  double sum = 0;
  for (std::size_t k = 0; k + 1 < test.information.size(); ++k) {
    if (!std::isinf(test.upper[k])) sum += process.above(test.upper[k]);
    process.go_on(test.lower[k], test.upper[k]);
  }
  return sum + process.above(test.statistic);
}

double drift_with_probability(const StoppedTest& test, double probability) {
  constexpr double kFar = 15;  // standard deviations, beyond which the probability is 0 or 1
  const double root = std::sqrt(test.information.back());
  const auto excess = [&](double drift) { return probability_beyond(test, drift) - probability; };
  return find_root(excess,
                   {(std::min(test.statistic, 0.0) - kFar) / root,
                    (std::max(test.statistic, 0.0) + kFar) / root},
                   1e-10);
}

}  // namespace descant::stats
