// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/robust_regression.h"

#include <cmath>

#include <Eigen/QR>

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct ArmRegression {
  double intercept = kUndefined;  // at the mean covariates of all units
  double variance = kUndefined;   // HC2, of the intercept
  VectorXd slopes;
};

// Leverages and errors come from the thin orthogonal factor: (X'X)^-1 X' e_1 = R^-1 Q' stays stable
// when covariates are nearly collinear.
ArmRegression regress(const MatrixXd& rows, const VectorXd& centre) {
  const Index n = rows.rows();
  const Index k = rows.cols() - 1;
  MatrixXd design(n, k + 1);
  design.col(0).setOnes();
  design.rightCols(k) = rows.rightCols(k).rowwise() - centre.transpose();
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(design);
  ArmRegression out;
  if (n <= k + 1 || qr.rank() < k + 1) return out;
  const VectorXd beta = qr.solve(rows.col(0));
  const VectorXd residual = rows.col(0) - design * beta;
  const MatrixXd inverse =
      (design.transpose() * design).ldlt().solve(MatrixXd::Identity(k + 1, k + 1));
  const MatrixXd influence = design * inverse;  // column 0: weight of a unit in the intercept
  double variance = 0;
  for (Index i = 0; i < n; ++i) {
    const double leverage = influence.row(i).dot(design.row(i));
    variance += influence(i, 0) * influence(i, 0) * residual(i) * residual(i) /
                std::max(1 - leverage, 1e-12);
  }
  return {beta(0), variance, beta.tail(k)};
}

double sample_variance(const VectorXd& x) {
  return (x.array() - x.mean()).square().sum() / static_cast<double>(x.size() - 1);
}

EstimatePair plain_pair(const VectorXd& control, const VectorXd& treatment) {
  EstimatePair pair;
  pair.method = "welch";
  const auto fill = [](const VectorXd& x, ArmEstimate& arm, double& variance) {
    const auto n = static_cast<double>(x.size());
    if (x.size() > 1) variance = sample_variance(x) / n;
    arm = {x.size(), x.size() > 0 ? x.mean() : kUndefined, std::sqrt(variance)};
  };
  fill(control, pair.control, pair.control_variance);
  fill(treatment, pair.treatment, pair.treatment_variance);
  pair.reference = {ReferenceDistribution::Kind::kWelch, pair.control_variance,
                    pair.treatment_variance, static_cast<double>(control.size() - 1),
                    static_cast<double>(treatment.size() - 1)};
  return pair;
}

}  // namespace

MatrixXd linearised_rows(const MatrixXd& rows, const std::vector<RatioColumns>& metrics) {
  MatrixXd out(rows.rows(), static_cast<Index>(metrics.size()));
  for (std::size_t j = 0; j < metrics.size(); ++j) {
    const auto column = static_cast<Index>(j);
    const VectorXd numerator = rows.col(static_cast<Index>(metrics[j].numerator));
    out.col(column) = numerator;
    if (!metrics[j].denominator || rows.rows() == 0) continue;
    const VectorXd denominator = rows.col(static_cast<Index>(*metrics[j].denominator));
    const double ratio = numerator.mean() / denominator.mean();
    out.col(column) = ((numerator - ratio * denominator) / denominator.mean()).array() + ratio;
  }
  return out;
}

Result<AdjustedComparison> robust_regression_difference(const MatrixXd& control,
                                                        const MatrixXd& treatment,
                                                        const ComparisonOptions& options) {
  AdjustedComparison result;
  const EstimatePair plain = plain_pair(control.col(0), treatment.col(0));
  DESCANT_ASSIGN(result.unadjusted, compare(plain, options));
  const Index k = control.cols() - 1;
  const double nc = static_cast<double>(control.rows());
  const double nt = static_cast<double>(treatment.rows());
  result.coefficients.assign(static_cast<std::size_t>(k), kUndefined);

  ArmRegression c, t;
  if (control.rows() > 0 && treatment.rows() > 0) {
    const VectorXd centre =
        (control.rightCols(k).colwise().sum() + treatment.rightCols(k).colwise().sum())
            .transpose() /
        (nc + nt);
    c = regress(control, centre);
    t = regress(treatment, centre);
  }
  EstimatePair pair;
  pair.method = "lin";
  pair.control = {control.rows(), c.intercept, std::sqrt(c.variance)};
  pair.treatment = {treatment.rows(), t.intercept, std::sqrt(t.variance)};
  pair.control_variance = c.variance;
  pair.treatment_variance = t.variance;
  const double parameters = static_cast<double>(k + 1);
  pair.reference = {ReferenceDistribution::Kind::kWelch, c.variance, t.variance, nc - parameters,
                    nt - parameters};
  if (std::isnan(c.variance) || std::isnan(t.variance))
    pair.warnings.push_back(
        {"too_few_units", "covariates",
         "An arm has too few units for its covariates, or they are collinear."});
  DESCANT_ASSIGN(result.comparison, compare(pair, options));
  if (c.slopes.size() == k && t.slopes.size() == k)
    for (Index j = 0; j < k; ++j)
      result.coefficients[static_cast<std::size_t>(j)] =
          (nt * c.slopes(j) + nc * t.slopes(j)) / (nc + nt);
  const double before = result.unadjusted.absolute.standard_error;
  const double after = result.comparison.absolute.standard_error;
  if (before > 0) result.variance_reduction = 1 - after * after / (before * before);
  return result;
}

}  // namespace descant::stats
