// SPDX-License-Identifier: Apache-2.0
#pragma once

// The probability that a multivariate normal vector with mean 0 lies in a rectangle, by separation
// of variables (Genz 1992) at the points of a Richtmyer lattice, the multiples of the roots of the
// primes, with the baker's transformation (Genz and Bretz 2009, chapter 4). The points are fixed:
// the same request gives the same number. Components are taken in the order given; relative errors
// are near 1e-3, smallest when the least likely interval comes first. Infinite ends are allowed.

#include <span>
#include <string_view>

#include <Eigen/Core>

#include "base/result.h"

namespace descant::stats {

// The lower triangle L with correlation = L L' of a covariance matrix scaled to variances of 1. A
// component that earlier ones determine is left a standard deviation of 1e-5. Not finite, not
// symmetric, a variance of 0 or less, or not positive semi-definite: an error naming `where`.
Result<Eigen::MatrixXd> correlation_root(const Eigen::MatrixXd& covariance, std::string_view where);

// P(lower < X < upper) for X = root times independent standard normals; as many ends as components.
double rectangle_probability(const Eigen::MatrixXd& root, std::span<const double> lower,
                             std::span<const double> upper);

}  // namespace descant::stats
