// SPDX-License-Identifier: Apache-2.0
#pragma once

// Gauss-Legendre integration over panels: the caller gives the places where the integrand changes
// its scale, in any order, and each piece between two of them is integrated with twenty points,
// which is exact to double precision where the integrand is smooth within a panel. Fewer than two
// distinct places give 0; places that are not finite are left out.

#include <functional>
#include <vector>

namespace descant::stats {

double integrate(const std::function<double(double)>& f, std::vector<double> breakpoints);

}  // namespace descant::stats
