// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/binary_regression.h"

#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMostSteps = 100;
constexpr double kSeparated = 1e-10;  // a fitted probability this near to 0 or 1

// One row's log likelihood, with its first and minus its second derivative in the linear index.
struct RowLikelihood {
  double log = 0;
  double score = 0;
  double information = 0;
};

RowLikelihood logit_row(double index, bool success) {
  const double x = success ? index : -index;
  const double miss = 1 / (1 + std::exp(x));  // 1 - P(what happened)
  const double log = x > 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x));
  return {log, success ? miss : -miss, miss * (1 - miss)};
}

double normal_density(double x) {
  return std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double normal_probability(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

RowLikelihood probit_row(double index, bool success) {
  const double x = success ? index : -index;
  // Mills' ratio by its continued fraction where the tail has no digits left.
  const bool far = x < -30;
  const double mills = far ? -x - 1 / x : normal_density(x) / normal_probability(x);
  const double log = far ? -x * x / 2 - std::log(-x) - std::log(std::sqrt(2 * std::numbers::pi))
                         : std::log(normal_probability(x));
  return {log, success ? mills : -mills, mills * (mills + x)};
}

struct Likelihood {
  double log = 0;
  VectorXd score;        // by row
  VectorXd information;  // by row
};

Likelihood likelihood_at(const VectorXd& index, const VectorXd& outcome, bool probit) {
  Likelihood out{0, VectorXd(index.size()), VectorXd(index.size())};
  for (Index i = 0; i < index.size(); ++i) {
    const bool success = outcome(i) > 0.5;
    const auto row = probit ? probit_row(index(i), success) : logit_row(index(i), success);
    out.log += row.log;
    out.score(i) = row.score;
    out.information(i) = row.information;
  }
  return out;
}

}  // namespace

BinaryRegression fit_binary_regression(const MatrixXd& design, const VectorXd& outcome,
                                       const std::string& model) {
  BinaryRegression fit;
  const Index n = design.rows(), k = design.cols();
  const double successes = outcome.sum();
  if (n <= k || successes < 1 || successes > static_cast<double>(n) - 1) return fit;
  const bool probit = model == "probit";
  VectorXd coefficients = VectorXd::Zero(k);
  Likelihood now = likelihood_at(VectorXd::Zero(n), outcome, probit);
  const auto information = [&]() -> MatrixXd {
    return design.transpose() * (design.array().colwise() * now.information.array()).matrix();
  };
  for (int step = 0; step < kMostSteps && !fit.converged; ++step) {
    const VectorXd gradient = design.transpose() * now.score;
    const Eigen::LDLT<MatrixXd> factor(information());
    if (!(factor.vectorD().minCoeff() > 0)) return fit;
    VectorXd change = factor.solve(gradient);
    const double expected = gradient.dot(change);  // twice the gain that is left
    fit.converged = expected < 1e-20 * static_cast<double>(n) || expected < 1e-18;
    Likelihood next = likelihood_at(design * (coefficients + change), outcome, probit);
    // A likelihood of many rows has rounding of its own, which is no reason to step back.
    const double lowest = now.log - 1e-10 * std::abs(now.log);
    for (int halving = 0; halving < 40 && !(next.log >= lowest) && !fit.converged; ++halving) {
      change /= 2;
      next = likelihood_at(design * (coefficients + change), outcome, probit);
    }
    coefficients += change;
    now = std::move(next);
  }
  const VectorXd index = design * coefficients;
  fit.coefficients = coefficients;
  fit.probability.resize(n);
  fit.slope.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double p = probit ? normal_probability(index(i)) : 1 / (1 + std::exp(-index(i)));
    fit.probability(i) = p;
    fit.slope(i) = probit ? normal_density(index(i)) : p * (1 - p);
    if (!(p > kSeparated && p < 1 - kSeparated)) fit.converged = false;
  }
  if (!fit.converged) return fit;
  const MatrixXd inverse = information().ldlt().solve(MatrixXd::Identity(k, k));
  fit.influence =
      (design.array().colwise() * now.score.array()).matrix() * inverse * static_cast<double>(n);
  return fit;
}

}  // namespace descant::stats
