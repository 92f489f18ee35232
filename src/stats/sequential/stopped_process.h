// SPDX-License-Identifier: Apache-2.0
#pragma once

// A Brownian motion with drift, looked at at given information fractions t and stopped when its
// standardised value Z = S / sqrt t leaves an interval: the recursion of Armitage, McPherson and
// Rowe (1969) for the density of S over the paths that go on. Between looks the density is kept at
// the nodes of 16-point Gauss-Legendre panels that are no wider than 5.5 standard deviations of the
// narrower of the two increments beside it, which leaves errors near 1e-10 of a probability.
// Information must be positive, increasing and few enough (check_information); a bound that is
// never crossed is infinite.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace descant::stats {

// Bounds above it are not told from infinite ones.
inline constexpr double kGreatestBound = 8;

// At least one look, each finite, above 0 and above the one before, and not so many or so close
// that the recursion would take minutes.
Result<void> check_information(std::span<const double> information, std::string_view where);

class StoppedProcess {
 public:
  explicit StoppedProcess(std::span<const double> information, double drift = 0);

  // Index of the current look.
  std::size_t look() const { return look_; }

  // Probability to have gone on so far, and now to find Z at or above z (below z).
  double above(double z) const { return tail(z, 1); }
  double below(double z) const { return tail(z, -1); }
  // Probability to have gone on so far.
  double remaining() const;

  // The z with above(z) = probability; infinite when it would exceed kGreatestBound.
  double upper_bound(double probability) const { return bound(probability, 1); }
  // The z with below(z) = probability; minus infinity below -kGreatestBound.
  double lower_bound(double probability) const { return -bound(probability, -1); }

  // Goes on to the next look if Z lies in (lower, upper) at this one.
  void go_on(double lower, double upper);

  // As above(z), had the drift been another one.
  double above_with_drift(double z, double drift) const;

 private:
  double tail(double z, double side) const;
  double density(double z) const;
  double bound(double probability, double side) const;
  double step_variance() const { return information_[look_] - time_; }

  std::span<const double> information_;
  double drift_;
  std::size_t look_ = 0;
  double time_ = 0;                  // information at the look before
  std::vector<double> value_ = {0};  // nodes of S there
  std::vector<double> mass_ = {1};   // density times quadrature weight
};

}  // namespace descant::stats
