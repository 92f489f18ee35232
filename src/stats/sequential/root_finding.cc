// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/root_finding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descant::stats {

double find_root(const std::function<double(double)>& function, Bracket bracket, double tolerance) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  // a is the newest point, b the one across the root, c the one before.
  double a = bracket.high;
  double b = bracket.low;
  double value_a = function(a);
  double value_b = function(b);
  if (value_a == 0) return a;
  if (value_b == 0) return b;
  if (!(std::signbit(value_a) != std::signbit(value_b)) || std::isnan(value_a) ||
      std::isnan(value_b))
    return kNone;
  double share = 0.5;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const double x = a + share * (b - a);
    const double value = function(x);
    if (std::isnan(value)) return kNone;
    double c = a;
    double value_c = value_a;
    if (std::signbit(value) != std::signbit(value_a)) {
      c = b;
      value_c = value_b;
      b = a;
      value_b = value_a;
    }
    a = x;
    value_a = value;
    const double best = std::abs(value_a) < std::abs(value_b) ? a : b;
    const double least_share = tolerance / std::abs(b - a);
    if (value_a == 0 || least_share > 0.5) return best;
    // Inverse quadratic interpolation where the three points are near enough to a parabola.
    const double xi = (a - b) / (c - b);
    const double phi = (value_a - value_b) / (value_c - value_b);
    share = 0.5;
    if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)
      share = value_a / (value_b - value_a) * value_c / (value_b - value_c) +
              (c - a) / (b - a) * value_a / (value_c - value_a) * value_b / (value_c - value_b);
    if (!(share >= least_share && share <= 1 - least_share))
      share = std::isfinite(share) ? std::clamp(share, least_share, 1 - least_share) : 0.5;
  }
  return std::abs(value_a) < std::abs(value_b) ? a : b;
}

}  // namespace descant::stats
