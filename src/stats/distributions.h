// SPDX-License-Identifier: Apache-2.0
#pragma once

// Probabilities and quantiles of the distributions the statistics need, behind plain functions, so
// that no numerics template reaches another header. Upper tails are computed as such and keep full
// relative precision far out. A t distribution whose degrees of freedom are NaN or infinite is the
// normal one. Arguments outside a function's domain, and NaN, give NaN; nothing throws.

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

double log_gamma(double x);  // x > 0
double log_binomial_coefficient(std::int64_t n, std::int64_t k);

}  // namespace descant::stats
