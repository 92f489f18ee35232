// SPDX-License-Identifier: Apache-2.0
#include "stats/quadrature.h"

#include <algorithm>
#include <cmath>

#include <boost/math/quadrature/gauss.hpp>

namespace descant::stats {

double integrate(const std::function<double(double)>& f, std::vector<double> breakpoints) {
  using Rule = boost::math::quadrature::gauss<double, 20>;
  std::erase_if(breakpoints, [](double x) { return !std::isfinite(x); });
  std::sort(breakpoints.begin(), breakpoints.end());
  double sum = 0;
  for (std::size_t i = 1; i < breakpoints.size(); ++i) {
    const double half = (breakpoints[i] - breakpoints[i - 1]) / 2;
    if (!(half > 0)) continue;
    const double middle = breakpoints[i - 1] + half;
    double panel = 0;
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      const double offset = half * Rule::abscissa()[k];
      panel += Rule::weights()[k] * (f(middle - offset) + f(middle + offset));
    }
    sum += half * panel;
  }
  return sum;
}

}  // namespace descant::stats
