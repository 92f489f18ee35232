// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/binomial_draws.h"

#include <algorithm>
#include <cmath>

namespace descant::stats {
namespace {

constexpr double kNegligible = 1e-20;

}  // namespace

BinomialDraws::BinomialDraws(std::int64_t n, double probability) {
  const double odds = probability / (1 - probability);
  const auto mode =
      std::min(n, static_cast<std::int64_t>(std::floor(static_cast<double>(n + 1) * probability)));
  const auto ratio = [&](std::int64_t k) {  // of the probability of k + 1 to that of k
    return static_cast<double>(n - k) / static_cast<double>(k + 1) * odds;
  };
  std::vector<double> below;
  first_ = mode;
  for (double mass = 1; first_ > 0 && mass > kNegligible; --first_)
    below.push_back(mass /= ratio(first_ - 1));
  cumulative_.assign(below.rbegin(), below.rend());
  double mass = 1;
  for (std::int64_t k = mode; k <= n && mass > kNegligible; mass *= ratio(k), ++k)
    cumulative_.push_back(mass);
  double sum = 0;
  for (double& entry : cumulative_) entry = sum += entry;
  for (double& entry : cumulative_) entry /= sum;
}

std::int64_t BinomialDraws::quantile(double p) const {
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), p);
  return std::min(most(), first_ + (found - cumulative_.begin()));
}

}  // namespace descant::stats
