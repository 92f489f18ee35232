// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/beta_difference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "stats/distributions.h"
#include "stats/quadrature.h"

namespace descant::stats {
namespace {

constexpr double kFarthest = 700;  // of log-odds, where a share is 0 or 1 to double precision

double share_at(double log_odds) {
  return log_odds < 0 ? std::exp(log_odds) / (1 + std::exp(log_odds))
                      : 1 / (1 + std::exp(-log_odds));
}

double log_odds_of(double share) { return std::log(share) - std::log1p(-share); }

// log(1 + exp(x)) without overflow.
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

// P(share <= that of these log-odds), and above: from the nearer end, so that 1 - x keeps its
// digits.
double below(const BetaShare& share, double log_odds) {
  return log_odds < 0 ? beta_cdf(share_at(log_odds), share.alpha, share.beta)
                      : beta_upper_tail(share_at(-log_odds), share.beta, share.alpha);
}

double above(const BetaShare& share, double log_odds) {
  return below({share.beta, share.alpha}, -log_odds);
}

class LogOddsDensity {
 public:
  explicit LogOddsDensity(const BetaShare& share)
      : share_(share), peak_(std::log(share.alpha) - std::log(share.beta)) {
    // Relative to the peak, whose height Stirling's series would lose digits of for large shares.
    normaliser_ = 1 / integrate([this](double y) { return relative(y); }, panels());
  }

  double operator()(double y) const { return normaliser_ * relative(y); }

  // Where the density changes: at multiples of its width, growing far out for exponential tails.
  std::vector<double> panels() const {
    const double width = std::sqrt((share_.alpha + share_.beta) / share_.alpha / share_.beta);
    std::vector<double> places = {peak_};
    for (double k = 1; k <= 4096; k = k < 16 ? k + 1 : k * 1.25)
      for (const double side : {-1.0, 1.0}) {
        const double y = peak_ + side * k * width;
        if (log_relative(y - side * width) > -740 && std::abs(y) < kFarthest) places.push_back(y);
      }
    return places;
  }

 private:
  double log_relative(double y) const {
    const double n = share_.alpha + share_.beta;
    // alpha y - n softplus(y), less its value at the peak.
    return share_.alpha * (y - peak_) - n * (softplus(y) - softplus(peak_));
  }
  double relative(double y) const { return std::exp(log_relative(y)); }

  BetaShare share_;
  double peak_;
  double normaliser_ = 1;
};

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

double beta_difference_cdf(const BetaShare& a, const BetaShare& b, double difference) {
  if (difference <= -1) return 0;
  if (difference >= 1) return 1;
  const LogOddsDensity density(a);
  std::vector<double> places = density.panels();
  for (const double y : LogOddsDensity(b).panels()) {
    const double share = share_at(y) - difference;
    if (share > 0 && share < 1) places.push_back(log_odds_of(share));
  }
  const double end = difference < 0 ? -difference : 1 - difference;
  if (end > 0 && end < 1) places.push_back(log_odds_of(end));
  return std::min(1.0, integrate(
                           [&](double y) {
                             const double limit = share_at(y) + difference;
                             if (limit <= 0) return 0.0;
                             if (limit >= 1) return density(y);
                             return density(y) * beta_cdf(limit, b.alpha, b.beta);
                           },
                           places));
}

double beta_difference_quantile(const BetaShare& a, const BetaShare& b, double p) {
  double low = -1, high = 1;
  const double spread = std::sqrt(a.variance() + b.variance());
  double x = std::clamp(b.mean() - a.mean() + normal_quantile(p) * spread, -1.0, 1.0);
  double previous = 0, previous_excess = 0;
  // Secant steps inside a bracket that only shrinks.
  for (int i = 0; i < 100; ++i) {
    const double excess = beta_difference_cdf(a, b, x) - p;
    if (excess == 0) return x;
    (excess < 0 ? low : high) = x;
    double next = i == 0 ? x - excess * spread * 2.5
                         : x - excess * (x - previous) / (excess - previous_excess);
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (std::abs(next - x) < 1e-14 * spread + 1e-17) return next;
    previous = x, previous_excess = excess;
    x = next;
  }
  return x;
}

double probability_larger(const BetaShare& a, const BetaShare& b) {
  const LogOddsDensity density(a);
  const auto places = joined(density.panels(), LogOddsDensity(b).panels());
  return std::min(1.0, integrate([&](double y) { return density(y) * above(b, y); }, places));
}

// The integral over x of P(a < x < b), in which nothing cancels.
double expected_gain(const BetaShare& a, const BetaShare& b) {
  const auto places = joined(LogOddsDensity(a).panels(), LogOddsDensity(b).panels());
  return integrate([&](double y) { return below(a, y) * above(b, y) * share_at(y) * share_at(-y); },
                   places);
}

}  // namespace descant::stats
