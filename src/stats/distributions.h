// SPDX-License-Identifier: Apache-2.0
#pragma once

// Probabilities and quantiles of the distributions the statistics need, behind plain functions, so
// that no numerics template reaches another header. Upper tails are computed as such and keep full
// relative precision far out. A t distribution whose degrees of freedom are NaN or infinite is the
// normal one, and such a denominator makes F chi-squared over its degrees of freedom. Arguments
// outside a function's domain, and NaN, give NaN; nothing throws.

#include <cstdint>

namespace descant::stats {

double normal_cdf(double x);
double normal_upper_tail(double x);
double normal_quantile(double p);

double t_upper_tail(double x, double degrees_of_freedom);
double t_quantile(double p, double degrees_of_freedom);
double noncentral_t_upper_tail(double x, double degrees_of_freedom, double noncentrality);

double chi_squared_upper_tail(double x, double degrees_of_freedom);

double beta_cdf(double x, double alpha, double beta);
double beta_upper_tail(double x, double alpha, double beta);

double f_upper_tail(double x, double numerator_degrees, double denominator_degrees);
double f_quantile(double p, double numerator_degrees, double denominator_degrees);

// P(X >= k) for X ~ binomial(n, p).
double binomial_upper_tail(std::int64_t k, std::int64_t n, double p);
double beta_quantile(double p, double a, double b);

double log_gamma(double x);  // x > 0
double log_binomial_coefficient(std::int64_t n, std::int64_t k);

}  // namespace descant::stats
