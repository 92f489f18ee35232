// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/dunnett.h"

#include <algorithm>
#include <cmath>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

// The logarithm of the normal tail is kept as polynomials on short pieces. With sixteen points on a
// quarter their error is below 1e-13: the nearest complex zero, of a hundred independent
// statistics, is half a unit away.
constexpr double kPieceWidth = 0.25;
constexpr double kLargestKept = 37;

double normal_beyond(double x) { return std::erfc(x * M_SQRT1_2) / 2; }

double chebyshev_angle(int k, int points) { return (2 * k + 1) * M_PI / (2 * points); }

double chebyshev_place(int piece, int k, int points) {
  return kPieceWidth * (piece + 0.5 + 0.5 * std::cos(chebyshev_angle(k, points)));
}

// Calls f at start, start +- step, ... while `log_weight` there is above `least`.
template <class LogWeight, class Function>
void for_each_step(double start, double step, double least, const LogWeight& log_weight,
                   const Function& f) {
  for (const double direction : {-1.0, 1.0})
    for (int i = direction < 0 ? 0 : 1; i < 100'000; ++i) {
      const double u = start + direction * step * i;
      if (!(log_weight(u) > least)) break;
      f(u);
    }
}

}  // namespace

Dunnett::Dunnett(std::span<const double> lambda, bool two_sided) : two_sided_(two_sided) {
  std::map<double, double> counts;
  for (const double value : lambda) ++counts[value];
  for (const auto& [value, count] : counts)
    groups_.push_back({value, std::sqrt((1 - value) * (1 + value)), count});
}

// Given the control's deviation the differences are independent.
double Dunnett::any_beyond(double control_deviation, double critical) const {
  double log_none = 0;
  for (const auto& group : groups_) {
    double p = normal_beyond((critical - group.lambda * control_deviation) / group.width);
    if (two_sided_) p += normal_beyond((critical + group.lambda * control_deviation) / group.width);
    log_none += group.count * std::log1p(-std::min(p, 1.0));
  }
  return -std::expm1(log_none);
}

// The trapezoidal rule, which converges exponentially for such integrands: steps are a fraction of
// the narrowest feature, the range ends where nothing is left.
double Dunnett::exact_normal_tail(double critical) const {
  const Group& narrowest = groups_.back();
  const double step =
      std::clamp(0.3 * narrowest.width / std::max(narrowest.lambda, 0.1), 0.004, 0.3);
  const double reach = std::min(38.0, std::max(critical, 0.0) + 9);
  const int points = static_cast<int>(reach / step);
  double sum = 0;
  for (int i = -points; i <= points; ++i) {
    const double z = i * step;
    sum += std::exp(-z * z / 2) * any_beyond(z, critical);
  }
  return std::min(1.0, sum * step / std::sqrt(2 * M_PI));
}

double Dunnett::normal_tail(double critical) {
  if (!(std::abs(critical) < kLargestKept)) return exact_normal_tail(critical);
  const int piece = static_cast<int>(std::floor(critical / kPieceWidth));
  const auto [at, is_new] = pieces_.try_emplace(piece);
  auto& values = at->second;
  for (std::size_t k = 0; is_new && k < values.size(); ++k)
    values[k] = std::log(exact_normal_tail(chebyshev_place(piece, static_cast<int>(k), kPoints)));
  // Barycentric interpolation (Berrut and Trefethen 2004, equation 5.4).
  double numerator = 0, denominator = 0, sign = 1;
  for (std::size_t k = 0; k < values.size(); ++k, sign = -sign) {
    const double distance = critical - chebyshev_place(piece, static_cast<int>(k), kPoints);
    if (distance == 0) return std::exp(values[k]);
    const double weight = sign * std::sin(chebyshev_angle(static_cast<int>(k), kPoints)) / distance;
    numerator += weight * values[k];
    denominator += weight;
  }
  return std::exp(numerator / denominator);
}

double Dunnett::upper_tail(double critical, double degrees) {
  if (std::isnan(critical) || groups_.empty()) return kUndefined;
  if (two_sided_ && critical <= 0) return 1;
  if (!std::isfinite(critical)) return critical > 0 ? 0 : 1;
  if (!std::isfinite(degrees)) return normal_tail(critical);
  // Over the logarithm u of the estimated standard deviation; exp(-(critical exp(u))^2 / 2) bounds
  // what its density multiplies. The density's own sum is taken along, so that it needs no
  // constant.
  const auto log_density = [&](double u) { return degrees * (u - std::expm1(2 * u) / 2); };
  const double square = std::max(critical, 0.0) * std::max(critical, 0.0);
  const double peak = -std::log1p(square / degrees) / 2;
  const auto log_bound = [&](double u) {
    return degrees * (u - peak) - (degrees + square) / 2 * (std::exp(2 * u) - std::exp(2 * peak));
  };
  const double step = std::min(0.125, 0.5 / std::sqrt(2 * degrees));
  double beyond = 0, all = 0;
  for_each_step(peak, step, -45, log_bound, [&](double u) {
    beyond += std::exp(log_density(u)) * normal_tail(critical * std::exp(u));
  });
  for_each_step(0, step, -45, log_density, [&](double u) { all += std::exp(log_density(u)); });
  return std::min(1.0, beyond / all);
}

double Dunnett::critical_value(double tail, double degrees) {
  if (!(tail > 0 && tail < 1) || groups_.empty()) return kUndefined;
  double count = 0;
  for (const auto& group : groups_) count += group.count;
  const double one = two_sided_ ? tail / 2 : tail;
  // Between one comparison's critical value and Bonferroni's, by false position (Illinois).
  double a = -t_quantile(one, degrees);
  double b = -t_quantile(one / count, degrees);
  if (count == 1) return a;
  const auto excess = [&](double c) { return std::log(upper_tail(c, degrees) / tail); };
  double fa = excess(a), fb = excess(b);
  int side = 0;
  for (int i = 0; i < 100 && b - a > 1e-13 * std::abs(b) && fa > 0 && fb < 0; ++i) {
    double middle = (a * fb - b * fa) / (fb - fa);
    if (!(middle > a && middle < b)) middle = a + (b - a) / 2;
    const double f = excess(middle);
    if (std::abs(f) < 1e-13) return middle;
    double& end = f > 0 ? a : b;
    double& value = f > 0 ? fa : fb;
    double& other = f > 0 ? fb : fa;
    const int now = f > 0 ? 1 : -1;
    end = middle;
    value = f;
    if (side == now) other /= 2;
    side = now;
  }
  return std::abs(fa) < std::abs(fb) ? a : b;
}

}  // namespace descant::stats
