// SPDX-License-Identifier: Apache-2.0
#pragma once

// The root of a continuous function inside a bracket whose ends have values of different sign
// (Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm"): as safe as bisection, and fast
// where the function is smooth. Values need not be finite; a NaN, or a bracket without a change of
// sign, gives NaN.

#include <functional>

namespace descant::stats {

struct Bracket {
  double low;
  double high;
};

double find_root(const std::function<double(double)>& function, Bracket bracket, double tolerance);

}  // namespace descant::stats
