// SPDX-License-Identifier: Apache-2.0
#pragma once

// The fully interacted regression of `lin` with heteroskedasticity-robust HC2 errors (MacKinnon and
// White 1985; Lin 2013), which needs unit rows: with all interactions it is one regression per arm,
// read at the mean covariate of all units, which is taken as known. Reference: t with
// Welch-Satterthwaite degrees of freedom of the two arms' parts. Rows hold the outcome first and
// the covariates after it, linearised where they are ratios. Too few units for the covariates: NaN
// and a warning.

#include <string>
#include <vector>

#include <Eigen/Core>

#include "base/result.h"
#include "stats/comparison/adjusted_difference.h"

namespace descant::stats {

// One row per unit; both matrices have the same columns.
Result<AdjustedComparison> robust_regression_difference(const Eigen::MatrixXd& control,
                                                        const Eigen::MatrixXd& treatment,
                                                        const ComparisonOptions& options);

// Columns of metrics per unit, each ratio linearised at its own value in these rows.
Eigen::MatrixXd linearised_rows(const Eigen::MatrixXd& rows,
                                const std::vector<RatioColumns>& metrics);

}  // namespace descant::stats
