// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/potential_mean.h"

#include <Eigen/Cholesky>

#include "stats/causal/design_matrix.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd membership(const ObservedRows& rows, int arm) {
  return arm == 1 ? rows.treated : VectorXd(1 - rows.treated.array());
}

// Mean over rows of factor * row of the design.
VectorXd mean_row(const MatrixXd& design, const VectorXd& factor) {
  return design.transpose() * factor / static_cast<double>(design.rows());
}

struct OutcomeRegression {
  bool identified = false;
  VectorXd fitted;     // by row of either arm
  MatrixXd influence;  // rows x coefficients
};

bool is_identified(const MatrixXd& design, const VectorXd& member) {
  const MatrixXd own = design.array().colwise() * member.array();
  return member.sum() > static_cast<double>(design.cols()) &&
         static_cast<Index>(independent_columns(own).size()) == design.cols();
}

// Least squares in one arm; weighted ones also move with the propensity.
OutcomeRegression regress(const ObservedRows& rows, const VectorXd& member,
                          const ArmWeights* weights) {
  OutcomeRegression out;
  const MatrixXd& x = rows.outcome_design;
  if (!is_identified(x, member)) return out;
  const double n = static_cast<double>(x.rows());
  const VectorXd& weight = weights != nullptr ? weights->weight : member;
  const MatrixXd weighted = x.array().colwise() * weight.array();
  const Eigen::LDLT<MatrixXd> bread(weighted.transpose() * x / n);
  out.fitted = x * bread.solve(weighted.transpose() * rows.outcome / n);
  const VectorXd residual = rows.outcome - out.fitted;
  MatrixXd score = weighted.array().colwise() * residual.array();
  if (weights != nullptr) {
    const VectorXd factor = weights->slope.array() * residual.array();
    const MatrixXd moved =
        x.transpose() * (rows.propensity_design.array().colwise() * factor.array()).matrix() / n;
    score += rows.propensity.influence * moved.transpose();
  }
  out.influence = bread.solve(score.transpose()).transpose();
  out.identified = true;
  return out;
}

PotentialMean weighted_mean(const ObservedRows& rows, const ArmWeights& weights) {
  const double total = weights.weight.mean();
  PotentialMean mean;
  mean.estimate =
      weights.weight.dot(rows.outcome) / static_cast<double>(rows.outcome.size()) / total;
  const VectorXd deviation = rows.outcome.array() - mean.estimate;
  const VectorXd moved =
      mean_row(rows.propensity_design, weights.slope.array() * deviation.array());
  mean.influence = (weights.weight.array() * deviation.array()).matrix() / total +
                   rows.propensity.influence * (moved / total);
  return mean;
}

}  // namespace

ArmWeights arm_weights(const ObservedRows& rows, int arm, bool of_treated) {
  const VectorXd member = membership(rows, arm);
  const auto p = rows.propensity.probability.array();
  const auto slope = rows.propensity.slope.array();
  if (arm == 1 && of_treated) return {member, VectorXd::Zero(member.size())};
  if (arm == 1) return {member.array() / p, -member.array() * slope / p.square()};
  const VectorXd grown = member.array() * slope / (1 - p).square();
  if (of_treated) return {member.array() * p / (1 - p), grown};
  return {member.array() / (1 - p), grown};
}

PotentialMean potential_mean(const ObservedRows& rows, int arm, const std::string& method,
                             bool of_treated) {
  const bool weighs = method != "regression_adjustment";
  if (weighs && !rows.propensity.converged) return {};
  const ArmWeights weights = weighs ? arm_weights(rows, arm, of_treated) : ArmWeights{};
  if (method == "ipw") return weighted_mean(rows, weights);

  const VectorXd member = membership(rows, arm);
  const auto fit = regress(rows, member, method == "ipwra" ? &weights : nullptr);
  if (!fit.identified) return {};
  const VectorXd target = of_treated ? rows.treated : VectorXd(VectorXd::Ones(member.size()));
  const double total = target.mean();
  VectorXd value = target.array() * fit.fitted.array();
  VectorXd reach = mean_row(rows.outcome_design, target);  // of the coefficients
  PotentialMean mean;
  mean.influence = VectorXd::Zero(member.size());
  if (method == "aipw") {
    const VectorXd residual = rows.outcome - fit.fitted;
    value.array() += weights.weight.array() * residual.array();
    reach -= mean_row(rows.outcome_design, weights.weight);
    const VectorXd moved =
        mean_row(rows.propensity_design, weights.slope.array() * residual.array());
    mean.influence += rows.propensity.influence * moved;
  }
  mean.estimate = value.mean() / total;
  mean.influence += value - mean.estimate * target + fit.influence * reach;
  mean.influence /= total;
  return mean;
}

}  // namespace descant::stats
