// SPDX-License-Identifier: Apache-2.0
#include "stats/student_t.h"

#include <array>
#include <cmath>
#include <limits>

namespace descant::stats {
namespace {

constexpr double kOutside = std::numeric_limits<double>::quiet_NaN();
constexpr double kFewestDegrees = 30;
constexpr double kLargestLog = 1;        // of 1 + x^2 / degrees, where the series is short
constexpr double kLargestDeviate = 650;  // half its square, where exp(-u) still has all its digits

// p_n of DiDonato and Morris, equation 9.3, with b = 1/2.
constexpr std::array kCoefficients = {1.0,
                                      -0.083333333333333333333,
                                      0.00625,
                                      -0.00050429894179894179894,
                                      0.000043437224426807760141,
                                      -3.8963857323232323232e-6,
                                      3.5833354634507908317e-7,
                                      -3.3497470720605779027e-8,
                                      3.167585434316114761e-9,
                                      -3.0210368517370961563e-10,
                                      2.9004157876692530415e-11,
                                      -2.79939674837526929e-12,
                                      2.7136393200172037005e-13};

// Gamma(w + 3/4) / Gamma(w + 1/4) / sqrt(w), w = degrees / 2 - 1/4 (Tricomi and Erdelyi 1951).
double gamma_ratio(double w) {
  const double s = 1 / (w * w);
  return 1 + s * (1.0 / 64 + s * (-19.0 / 8192 +
                                  s * (631.0 / 524288 + s * (-174317.0 / 134217728 +
                                                             s * (20491783.0 / 8589934592.0)))));
}

struct Tail {
  double probability;
  double log_term;  // log(1 + x^2 / degrees)
};

Tail tail_of(double x, double degrees) {
  const double log_term = std::log1p(x * x / degrees);
  const double w = degrees / 2 - 0.25;
  const double u = w * log_term;
  if (!(log_term < kLargestLog) || !(u < kLargestDeviate)) return {kOutside, log_term};
  const double root = std::sqrt(u);
  const double first = std::erfc(root);
  const double h = root * std::exp(-u) / std::sqrt(M_PI);
  if (h == 0) return {first / 2, log_term};
  double j = first / h;
  double sum = first;
  double power = 1, b = 0.5;
  const double step = log_term * log_term / 4;
  const double scale = 1 / (4 * w * w);
  for (std::size_t n = 1; n < kCoefficients.size(); ++n) {
    j = (b * (b + 1) * j + (u + b + 1) * power) * scale;
    power *= step;
    b += 2;
    const double term = h * kCoefficients[n] * j;
    sum += term;
    if (std::abs(term) < 1e-17 * sum) break;
  }
  return {sum * gamma_ratio(w) / 2, log_term};
}

// Normal deviate of a tail of at most 1/2, to 1e-9 (Acklam 2003).
double rough_normal_deviate(double tail) {
  if (tail > 0.02425) {
    const double q = 0.5 - tail, r = q * q;
    const double top =
        ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
          138.357751867269) *
             r -
         30.66479806614716) *
            r +
        2.506628277459239;
    const double bottom =
        ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
          66.80131188771972) *
             r -
         13.28068155288572) *
            r +
        1;
    return q * top / bottom;
  }
  const double q = std::sqrt(-2 * std::log(tail));
  const double top =
      ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
        2.549732539343734) *
           q +
       4.374664141464968) *
          q +
      2.938163982698783;
  const double bottom =
      (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
       3.754408661907416) *
          q +
      1;
  return -top / bottom;
}

double expansion(double z, double degrees) {
  const double s = z * z, v = 1 / degrees;
  const double first = (s + 1) / 4;
  const double second = ((5 * s + 16) * s + 3) / 96;
  const double third = (((3 * s + 19) * s + 17) * s - 15) / 384;
  const double fourth = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160;
  return z * (1 + v * (first + v * (second + v * (third + v * fourth))));
}

}  // namespace

double student_t_tail_of_many_degrees(double x, double degrees) {
  if (!(x >= 0) || !(degrees >= kFewestDegrees)) return kOutside;
  return tail_of(x, degrees).probability;
}

double student_t_quantile_of_many_degrees(double tail, double degrees) {
  if (!(tail > 1e-280 && tail <= 0.5) || !(degrees >= kFewestDegrees)) return kOutside;
  double x = expansion(rough_normal_deviate(tail), degrees);
  const double w = degrees / 2 - 0.25;
  const double log_constant = std::log(gamma_ratio(w) * std::sqrt(w / degrees / M_PI));
  for (int i = 0; i < 8; ++i) {
    const Tail at = tail_of(x, degrees);
    if (std::isnan(at.probability)) return kOutside;
    const double density = std::exp(log_constant - (degrees + 1) / 2 * at.log_term);
    const double newton = (at.probability - tail) / density;
    // f' / f of the density, halved.
    const double curvature = -(degrees + 1) * x / (degrees + x * x) / 2;
    const double step = newton / (1 + newton * curvature);
    x += step;
    // Halley's step leaves the cube of its size.
    if (std::abs(step) < 2e-6 * (1 + x)) return x;
  }
  return kOutside;
}

}  // namespace descant::stats
