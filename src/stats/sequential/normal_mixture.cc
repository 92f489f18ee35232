// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/normal_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/distributions.h"
#include "stats/sequential/root_finding.h"

namespace descant::stats {
namespace {

// Logarithm of the martingale of a half-normal mixture.
double log_one_sided(double z, double weight) {
  const double share = weight / (1 + weight);
  return std::log(2 * normal_cdf(z * std::sqrt(share))) - 0.5 * std::log1p(weight) +
         z * z * share / 2;
}

}  // namespace

double mixture_bound(double weight, double alpha, MixtureSides sides) {
  if (!(weight > 0)) return std::numeric_limits<double>::infinity();
  const double scale = 1 + 1 / weight;
  if (sides == MixtureSides::kTwo)
    return std::sqrt(scale * (std::log1p(weight) - 2 * std::log(alpha)));
  const double closed = std::sqrt(2 * scale * std::log1p(std::sqrt(1 + weight) / (2 * alpha)));
  if (sides == MixtureSides::kOneClosedForm) return closed;
  // The half-normal's bound lies between 0, where the martingale is below 1, and the closed form.
  const double target = -std::log(alpha);
  const auto excess = [&](double z) { return log_one_sided(z, weight) - target; };
  return find_root(excess, {0, closed * (1 + 1e-9)}, 1e-13);
}

double mixture_p_value(double statistic, double weight, MixtureSides sides) {
  if (!(weight > 0)) return 1;
  const double power = statistic * statistic * weight / (2 * (1 + weight));
  if (sides == MixtureSides::kTwo) return std::min(1.0, std::exp(0.5 * std::log1p(weight) - power));
  if (!(statistic > 0)) return 1;
  if (sides == MixtureSides::kOneClosedForm)
    return std::min(1.0, std::sqrt(1 + weight) / (2 * std::expm1(power)));
  return std::min(1.0, std::exp(-log_one_sided(statistic, weight)));
}

double optimal_weight(double optimum, double alpha, bool two_sided) {
  const double log_term = -2 * std::log(two_sided ? alpha : std::min(2 * alpha, 1.0));
  return (log_term + std::log1p(log_term)) / optimum;
}

}  // namespace descant::stats
