// SPDX-License-Identifier: Apache-2.0
#include "stats/distributions.h"

#include <cmath>
#include <limits>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace descant::stats {
namespace {

namespace math = boost::math;
namespace policies = boost::math::policies;

using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>,
                               policies::rounding_error<policies::ignore_error>,
                               policies::indeterminate_result_error<policies::ignore_error>>;
using Normal = math::normal_distribution<double, Quiet>;
using StudentsT = math::students_t_distribution<double, Quiet>;
using NoncentralT = math::non_central_t_distribution<double, Quiet>;
using FisherF = math::fisher_f_distribution<double, Quiet>;
using Beta = math::beta_distribution<double, Quiet>;
using ChiSquared = math::chi_squared_distribution<double, Quiet>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool is_probability(double p) { return p > 0 && p < 1; }

}  // namespace

double normal_cdf(double x) { return std::isnan(x) ? kNan : math::cdf(Normal(), x); }

double normal_upper_tail(double x) { return normal_cdf(-x); }

double normal_quantile(double p) { return is_probability(p) ? math::quantile(Normal(), p) : kNan; }

double t_upper_tail(double x, double degrees_of_freedom) {
  if (!std::isfinite(degrees_of_freedom)) return normal_upper_tail(x);
  if (std::isnan(x) || degrees_of_freedom <= 0) return kNan;
  return math::cdf(math::complement(StudentsT(degrees_of_freedom), x));
}

double t_quantile(double p, double degrees_of_freedom) {
  if (!std::isfinite(degrees_of_freedom)) return normal_quantile(p);
  if (!is_probability(p) || degrees_of_freedom <= 0) return kNan;
  return math::quantile(StudentsT(degrees_of_freedom), p);
}

double noncentral_t_upper_tail(double x, double degrees_of_freedom, double noncentrality) {
  if (std::isnan(x) || std::isnan(noncentrality)) return kNan;
  if (!std::isfinite(degrees_of_freedom)) return normal_upper_tail(x - noncentrality);
  if (degrees_of_freedom <= 0) return kNan;
  // Far out the series of the non-central t fails, and the tail is 0 or 1 to double precision.
  if (std::abs(noncentrality) > 37) return noncentrality > x ? 1.0 : 0.0;
  return math::cdf(math::complement(NoncentralT(degrees_of_freedom, noncentrality), x));
}

double chi_squared_upper_tail(double x, double degrees_of_freedom) {
  if (!(x >= 0) || !(degrees_of_freedom > 0)) return kNan;
  if (std::isinf(x)) return 0.0;
  return math::cdf(math::complement(ChiSquared(degrees_of_freedom), x));
}

double beta_cdf(double x, double alpha, double beta) {
  if (!(alpha > 0) || !(beta > 0) || !(x >= 0 && x <= 1)) return kNan;
  return math::ibeta(alpha, beta, x, Quiet());
}

double beta_upper_tail(double x, double alpha, double beta) {
  if (!(alpha > 0) || !(beta > 0) || !(x >= 0 && x <= 1)) return kNan;
  return math::ibetac(alpha, beta, x, Quiet());
}

double f_upper_tail(double x, double numerator_degrees, double denominator_degrees) {
  if (!(x >= 0) || !(numerator_degrees > 0)) return kNan;
  if (!std::isfinite(denominator_degrees))
    return chi_squared_upper_tail(x * numerator_degrees, numerator_degrees);
  if (denominator_degrees <= 0) return kNan;
  if (std::isinf(x)) return 0.0;
  return math::cdf(math::complement(FisherF(numerator_degrees, denominator_degrees), x));
}

double f_quantile(double p, double numerator_degrees, double denominator_degrees) {
  if (!is_probability(p) || !(numerator_degrees > 0)) return kNan;
  if (!std::isfinite(denominator_degrees))
    return math::quantile(ChiSquared(numerator_degrees), p) / numerator_degrees;
  if (denominator_degrees <= 0) return kNan;
  return math::quantile(FisherF(numerator_degrees, denominator_degrees), p);
}

double binomial_upper_tail(std::int64_t k, std::int64_t n, double p) {
  if (n < 0 || !(p >= 0 && p <= 1)) return kNan;
  if (k <= 0) return 1.0;
  if (k > n) return 0.0;
  return math::cdf(Beta(static_cast<double>(k), static_cast<double>(n - k + 1)), p);
}

double beta_quantile(double p, double a, double b) {
  if (!is_probability(p) || !(a > 0 && b > 0)) return kNan;
  return math::quantile(Beta(a, b), p);
}

// Not std::lgamma, which writes a global.
double log_gamma(double x) { return x > 0 ? math::lgamma(x, Quiet()) : kNan; }

double log_binomial_coefficient(std::int64_t n, std::int64_t k) {
  if (n < 0 || k < 0 || k > n) return kNan;
  const auto log_factorial = [](std::int64_t m) { return log_gamma(static_cast<double>(m) + 1); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

}  // namespace descant::stats
