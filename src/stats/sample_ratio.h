// SPDX-License-Identifier: Apache-2.0
#pragma once

// Did the allocation give each arm its share? `chi_squared` is Pearson's test with k - 1 degrees of
// freedom (Fabijan et al. 2019, "Diagnosing sample ratio mismatch"). `sequential` may be looked at
// after any unit: the Bayes factor of a Dirichlet-multinomial, centred at the expected shares, to
// the multinomial of those shares, p = min(1, 1 / Bayes factor) (Lindon and Malek 2022,
// arXiv 2011.03567); `statistic` is the log Bayes factor. Shares are weights and need not add up to
// 1. Fewer than two arms, a negative count or a share of 0 or less is an error; no units give NaN
// and a warning.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct SampleRatioRequest {
  std::vector<std::int64_t> counts;
  std::vector<double> expected;
  std::string method = "chi_squared";  // chi_squared | sequential
  double concentration = 10'000;       // units of prior weight at the expected shares
};

struct SampleRatioResult {
  std::string method;
  double statistic = kUndefined;
  double degrees_of_freedom = kUndefined;
  double p_value = kUndefined;
  std::vector<double> observed_shares;
  std::vector<double> expected_shares;
  Warnings warnings;
};

Result<SampleRatioResult> sample_ratio_test(const SampleRatioRequest& request);

void describe(Describer& d, SampleRatioRequest& request);
void describe(Describer& d, SampleRatioResult& result);

}  // namespace descant::stats
