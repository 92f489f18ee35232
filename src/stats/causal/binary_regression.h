// SPDX-License-Identifier: Apache-2.0
#pragma once

// Maximum likelihood of a probit or logit by Newton's method with step halving; both likelihoods
// are concave, so what it converges to is the maximum. `influence` is each row's pull on the
// coefficients, inverse observed information times score, whose sums of squares are the robust
// variance. Perfect separation, one outcome alone or too few rows do not converge: `converged` is
// false and everything else is undefined. The design holds the intercept; its columns are
// independent.

#include <string>

#include <Eigen/Core>

namespace descant::stats {

struct BinaryRegression {
  bool converged = false;
  Eigen::VectorXd coefficients;
  Eigen::VectorXd probability;  // by row
  Eigen::VectorXd slope;        // of the probability, in the linear index
  Eigen::MatrixXd influence;    // rows x coefficients, times the number of rows
};

// outcome holds 0 and 1; model: logit | probit.
BinaryRegression fit_binary_regression(const Eigen::MatrixXd& design,
                                       const Eigen::VectorXd& outcome, const std::string& model);

}  // namespace descant::stats
