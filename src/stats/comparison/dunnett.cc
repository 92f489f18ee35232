// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/dunnett.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

// Treatments of the same lambda, counted once.
using Family = std::map<double, double>;

Family family_of(std::span<const double> lambda) {
  Family family;
  for (const double value : lambda) ++family[value];
  return family;
}

// Given the control's deviation z, the differences are independent: the chance that any exceeds.
double any_beyond(double z, double critical, const Family& family, bool two_sided) {
  double log_none = 0;
  for (const auto& [lambda, count] : family) {
    const double width = std::sqrt((1 - lambda) * (1 + lambda));
    double beyond = normal_upper_tail((critical - lambda * z) / width);
    if (two_sided) beyond += normal_upper_tail((critical + lambda * z) / width);
    log_none += count * std::log1p(-std::min(beyond, 1.0));
  }
  return -std::expm1(log_none);
}

// The trapezoidal rule, which converges exponentially for such integrands: steps are a fraction of
// the narrowest feature, the range ends where nothing is left.
double normal_tail(double critical, const Family& family, bool two_sided) {
  const double widest = family.rbegin()->first;
  const double width = std::sqrt((1 - widest) * (1 + widest)) / std::max(widest, 0.1);
  const double step = std::clamp(0.3 * width, 0.004, 0.3);
  const double reach = std::min(38.0, std::max(critical, 0.0) + 9);
  const int points = static_cast<int>(reach / step);
  double sum = 0;
  for (int i = -points; i <= points; ++i) {
    const double z = i * step;
    sum += std::exp(-z * z / 2) * any_beyond(z, critical, family, two_sided);
  }
  return sum * step / std::sqrt(2 * M_PI);
}

double upper_tail(double critical, const Family& family, double degrees, bool two_sided) {
  if (std::isnan(critical)) return kUndefined;
  if (two_sided && critical <= 0) return 1;
  if (!std::isfinite(critical)) return critical > 0 ? 0 : 1;
  if (!std::isfinite(degrees)) return normal_tail(critical, family, two_sided);
  // Over the logarithm u of the estimated standard deviation, whose density is
  // exp(degrees (u - exp(2u) / 2)); exp(-(critical exp(u))^2 / 2) bounds what it multiplies.
  const double beyond = std::max(critical, 0.0) * std::max(critical, 0.0);
  const double peak = -std::log1p(beyond / degrees) / 2;
  const auto log_bound = [&](double u) {
    return degrees * (u - peak) - (degrees + beyond) / 2 * (std::exp(2 * u) - std::exp(2 * peak));
  };
  const double log_constant =
      std::log(2.0) + degrees / 2 * std::log(degrees / 2) - log_gamma(degrees / 2);
  const double step = std::min(0.125, 0.5 / std::sqrt(2 * degrees));
  double sum = 0;
  for (const double direction : {-1.0, 1.0})
    for (int i = direction < 0 ? 0 : 1; i < 100'000; ++i) {
      const double u = peak + direction * step * i;
      if (log_bound(u) < -45) break;
      const double log_density = log_constant + degrees * (u - std::exp(2 * u) / 2);
      sum += std::exp(log_density) * normal_tail(critical * std::exp(u), family, two_sided);
    }
  return std::min(1.0, sum * step);
}

double critical_value(double tail, const Family& family, double degrees, bool two_sided) {
  if (!(tail > 0 && tail < 1)) return kUndefined;
  double count = 0;
  for (const auto& [lambda, times] : family) count += times;
  const double sides = two_sided ? 2 : 1;
  // Between one comparison's critical value and Bonferroni's, by false position (Illinois).
  double a = -t_quantile(tail / sides, degrees);
  double b = -t_quantile(tail / sides / count, degrees);
  const auto excess = [&](double c) {
    return std::log(upper_tail(c, family, degrees, two_sided) / tail);
  };
  if (count == 1) return a;
  double fa = excess(a), fb = excess(b);
  int side = 0;
  for (int i = 0; i < 100 && b - a > 1e-13 * b && fa > 0 && fb < 0; ++i) {
    double middle = (a * fb - b * fa) / (fb - fa);
    if (!(middle > a && middle < b)) middle = a + (b - a) / 2;
    const double f = excess(middle);
    if (std::abs(f) < 1e-13) return middle;
    if (f > 0) {
      a = middle, fa = f;
      if (side == 1) fb /= 2;
      side = 1;
    } else {
      b = middle, fb = f;
      if (side == -1) fa /= 2;
      side = -1;
    }
  }
  return std::abs(fa) < std::abs(fb) ? a : b;
}

}  // namespace

double dunnett_upper_tail(double critical, std::span<const double> lambda,
                          double degrees_of_freedom, bool two_sided) {
  if (lambda.empty()) return kUndefined;
  return upper_tail(critical, family_of(lambda), degrees_of_freedom, two_sided);
}

double dunnett_critical_value(double tail, std::span<const double> lambda,
                              double degrees_of_freedom, bool two_sided) {
  if (lambda.empty()) return kUndefined;
  return critical_value(tail, family_of(lambda), degrees_of_freedom, two_sided);
}

}  // namespace descant::stats
