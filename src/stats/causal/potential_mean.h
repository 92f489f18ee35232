// SPDX-License-Identifier: Apache-2.0
#pragma once

// The mean outcome that all rows (or the treated ones) would have had in one arm, with each row's
// influence on it: what average treatment effects are made of. The influence carries that of the
// outcome regression and of the propensity, so that its sample variance over n is the sandwich of
// the stacked estimating equations. A regression that the arm's rows cannot identify is undefined.

#include <string>

#include <Eigen/Core>

#include "stats/causal/binary_regression.h"
#include "stats/comparison.h"

namespace descant::stats {

struct ObservedRows {
  Eigen::VectorXd outcome;
  Eigen::VectorXd treated;         // 0 and 1
  Eigen::MatrixXd outcome_design;  // with intercept
  Eigen::MatrixXd propensity_design;
  BinaryRegression propensity;  // used by every method but regression_adjustment
};

struct PotentialMean {
  double estimate = kUndefined;
  Eigen::VectorXd influence;  // by row, times the number of rows; empty when undefined
};

// Inverse propensity weights of the rows in `arm`, 0 for the others, and their slopes in the index.
struct ArmWeights {
  Eigen::VectorXd weight;
  Eigen::VectorXd slope;
};
ArmWeights arm_weights(const ObservedRows& rows, int arm, bool of_treated);

// method: regression_adjustment | ipw | aipw | ipwra. of_treated: over the treated rows (ATT).
PotentialMean potential_mean(const ObservedRows& rows, int arm, const std::string& method,
                             bool of_treated);

}  // namespace descant::stats
