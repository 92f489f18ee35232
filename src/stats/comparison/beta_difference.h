// SPDX-License-Identifier: Apache-2.0
#pragma once

// The difference of two independent shares that each have a beta distribution: probabilities,
// quantiles and expected gain by quadrature on the log-odds scale, where the densities have no
// singular ends, in panels around both distributions' centres. Parameters are positive and finite.

namespace descant::stats {

struct BetaShare {
  double alpha = 1;
  double beta = 1;

  double mean() const { return alpha / (alpha + beta); }
  double variance() const {
    const double n = alpha + beta;
    return alpha / n * (beta / n) / (n + 1);
  }
};

// P(b - a <= difference) and the difference where it is p.
double beta_difference_cdf(const BetaShare& a, const BetaShare& b, double difference);
double beta_difference_quantile(const BetaShare& a, const BetaShare& b, double p);
// P(b > a).
double probability_larger(const BetaShare& a, const BetaShare& b);
// E[max(b - a, 0)].
double expected_gain(const BetaShare& a, const BetaShare& b);

}  // namespace descant::stats
