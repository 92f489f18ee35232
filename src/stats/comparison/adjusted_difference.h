// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two-arm comparison of a mean or ratio from moments, with or without regression adjustment. A mean
// is a ratio with denominator 1 and an unadjusted comparison has no covariates, so this one
// function serves every parametric comparison of an experiment. `cuped`: theta from (n-1)-weighted
// within-arm covariances, an arm's estimate is mean - theta'(mean covariate of the arm - of all),
// standard errors from each arm's residual moments (Deng, Xu, Kohavi, Walker 2013). Ratios are
// linearised at each arm's own ratio (Deng, Knoblich, Lu 2018). `cuped_per_arm` has a theta for
// each arm and takes the mean covariate of all as known; `lin` is the regression with all
// interactions (Lin 2013), with classical residual variances and the term for the estimated
// covariate mean (Negi, Wooldridge 2021). `difference_in_differences` is the adjustment whose slope
// is 1 in both arms: the change since the covariate was measured (Angrist, Pischke 2009,
// section 5.2). The reference distribution is t with Welch-Satterthwaite degrees of freedom of the
// linearised or residual variances. A covariate without variance is dropped with a warning. Fewer
// than two units or no variance: NaN and a warning.

#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/comparison/linearise.h"
#include "stats/moments.h"

namespace descant::stats {

// What a stratum adds to the covariance of an arm's means, by the plan's columns.
struct StratumVariance {
  Eigen::MatrixXd covariance;
  double degrees_of_freedom = kUndefined;
};
struct StratifiedParts {
  std::vector<StratumVariance> control;
  std::vector<StratumVariance> treatment;
  // Of the columns' denominators: an arm's weight in what both arms have together.
  Eigen::VectorXd control_total;
  Eigen::VectorXd treatment_total;
};

struct AdjustmentPlan {
  RatioColumns outcome;
  std::vector<RatioColumns> covariates;  // empty: no adjustment
  // Of post-stratified moments: degrees of freedom then come from the strata.
  const StratifiedParts* strata = nullptr;
  std::string method = "cuped";  // cuped | cuped_per_arm | lin | difference_in_differences
};

struct AdjustedComparison {
  Comparison comparison;
  Comparison unadjusted;
  double variance_reduction = kUndefined;  // 1 - var(adjusted effect) / var(unadjusted effect)
  // Adjusted effect = unadjusted effect - coefficients'(difference in covariate means). With slopes
  // per arm these are their average weighted by the other arm's size. NaN for a dropped covariate.
  std::vector<double> coefficients;
};

Result<AdjustedComparison> adjusted_difference(const Moments& control, const Moments& treatment,
                                               const AdjustmentPlan& plan,
                                               const ComparisonOptions& options);

}  // namespace descant::stats
