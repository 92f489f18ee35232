// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/two_by_two.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "stats/causal/anderson_rubin.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kProduct = 3;
// MacKinnon and Webb 2017, Journal of Applied Econometrics 32.
constexpr std::size_t kFewOnASide = 10;

bool is_treated(const Panel& panel, std::size_t unit, double treated_from) {
  return panel.first_treated[unit] == treated_from;
}

MatrixXd design_of(const Panel& panel, double treated_from, Warnings& warnings) {
  const MatrixXd covariates =
      design_with_intercept(panel.covariates.values, panel.covariates.names, warnings);
  MatrixXd design(covariates.rows(), covariates.cols() + 3);
  design.col(0).setOnes();
  for (Index i = 0; i < design.rows(); ++i) {
    const auto row = static_cast<std::size_t>(i);
    design(i, 1) = is_treated(panel, panel.units.codes[row], treated_from) ? 1.0 : 0.0;
    design(i, 2) = panel.times[panel.period[row]] >= treated_from ? 1.0 : 0.0;
  }
  design.col(kProduct) = design.col(1).cwiseProduct(design.col(2));
  design.rightCols(covariates.cols() - 1) = covariates.rightCols(covariates.cols() - 1);
  return design;
}

CodedLabels clusters_by_row(const Panel& panel) {
  if (!panel.clusters) return panel.units;
  CodedLabels by_row{{}, panel.clusters->names};
  for (const auto unit : panel.units.codes) by_row.codes.push_back(panel.clusters->codes[unit]);
  return by_row;
}

// Of the side with fewer.
std::size_t fewest_clusters(const Panel& panel, double treated_from) {
  std::set<std::size_t> treated, control;
  for (std::size_t u = 0; u < panel.unit_count(); ++u) {
    const std::size_t cluster = panel.clusters ? panel.clusters->codes[u] : u;
    (is_treated(panel, u, treated_from) ? treated : control).insert(cluster);
  }
  return std::min(treated.size(), control.size());
}

void count_units(const Panel& panel, double treated_from, EstimatePair& pair) {
  for (std::size_t u = 0; u < panel.unit_count(); ++u)
    ++(is_treated(panel, u, treated_from) ? pair.treatment : pair.control).n;
}

}  // namespace

EstimatePair two_by_two(const Panel& panel, const std::vector<double>& outcome,
                        double treated_from) {
  EstimatePair pair;
  pair.method = "two_by_two";
  count_units(panel, treated_from, pair);
  const MatrixXd design = design_of(panel, treated_from, pair.warnings);
  const Index k = design.cols();
  const auto kept = independent_columns(design);
  if (std::find(kept.begin(), kept.end(), kProduct) == kept.end() || kept.size() < 4) {
    pair.warnings.push_back({"empty_cell", "treated_from",
                             "Treated and untreated units are both needed, before and after."});
    return pair;
  }
  const MatrixXd x = design(Eigen::all, kept);
  const Eigen::LDLT<MatrixXd> gram(x.transpose() * x);
  const VectorXd y = column_of(outcome);
  const VectorXd slopes = gram.solve(x.transpose() * y);
  const VectorXd residual = y - x * slopes;

  // Rows of `at`: the treated units after the date, without and with treatment.
  MatrixXd at(2, x.cols());
  at.row(1) = design.col(kProduct).transpose() * x / design.col(kProduct).sum();
  at.row(0) = at.row(1);
  at(0, kProduct) = 0;
  const VectorXd means = at * slopes;
  pair.control.estimate = means(0);
  pair.treatment.estimate = means(1);
  const auto fewest = fewest_clusters(panel, treated_from);
  const std::string field = panel.clusters ? "cluster" : "unit";
  if (fewest < 2) {
    pair.warnings.push_back(
        {"few_clusters", field, "Each side needs two clusters or more for an error."});
    return pair;
  }
  if (fewest < kFewOnASide)
    pair.warnings.push_back(
        {"few_clusters_on_a_side", field,
         fmt::format("One side has {} clusters: with fewer than {} there the errors are too small, "
                     "however many the other side has.",
                     fewest, kFewOnASide)});
  const std::optional<CodedLabels> clusters = clusters_by_row(panel);
  const MatrixXd reach = gram.solve(at.transpose());
  const MatrixXd influence = (x * reach).array().colwise() * residual.array();
  const MatrixXd sums = cluster_sums(influence, clusters);
  const MatrixXd covariance =
      sums.transpose() * sums *
      small_sample_factor(ErrorKind::kCluster, static_cast<double>(x.rows()),
                          static_cast<double>(k), clusters);
  pair.control_variance = covariance(0, 0);
  pair.treatment_variance = covariance(1, 1);
  pair.covariance = covariance(0, 1);
  pair.control.standard_error = std::sqrt(pair.control_variance);
  pair.treatment.standard_error = std::sqrt(pair.treatment_variance);
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
  pair.reference.control_degrees = 0;
  pair.reference.treatment_degrees = independent_count(0, clusters) - 1;
  return pair;
}

}  // namespace descant::stats
