// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference in differences with one date of treatment: least squares of the outcome on ever
// treated, after the date, their product and covariates, with errors clustered by unit or coarser
// (CR1; Bertrand, Duflo and Mullainathan 2004, QJE 119), reference t with clusters - 1 degrees of
// freedom. The arms' estimates are the treated units' mean after the date, as it was and as it
// would have been without treatment, at their own mean covariates. Fewer than two clusters on a
// side, or no row in one of the four cells: undefined, with a warning.

#include <vector>

#include "stats/causal/panel.h"
#include "stats/comparison/compare.h"

namespace descant::stats {

EstimatePair two_by_two(const Panel& panel, const std::vector<double>& outcome,
                        double treated_from);

}  // namespace descant::stats
