// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/average_treatment_effect.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/causal/potential_mean.h"
#include "stats/comparison/compare.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kFewRows = 50;  // in an arm
constexpr double kPoorPropensity = 0.01;
constexpr double kImbalance = 0.1;  // standardised, after weighting (Austin 2009)

Result<MatrixXd> design_of(const CovariateTable& table,
                           const std::optional<std::vector<std::string>>& names,
                           std::string_view where, Warnings& warnings) {
  if (!names) return design_with_intercept(table.values, table.names, warnings);
  DESCANT_ASSIGN(const MatrixXd columns, chosen_columns(table, *names, where));
  std::vector<std::string> labels(static_cast<std::size_t>(columns.cols()), std::string(where));
  return design_with_intercept(columns, labels, warnings);
}

Result<ObservedRows> observed_rows(const AverageTreatmentEffectRequest& request,
                                   const CovariateTable& table, VectorXd treated,
                                   Warnings& warnings) {
  ObservedRows rows;
  rows.outcome = column_of(request.outcome);
  rows.treated = std::move(treated);
  DESCANT_ASSIGN(rows.outcome_design,
                 design_of(table, request.outcome_covariates, "outcome_covariates", warnings));
  Warnings same;  // as of the outcome's design when both use all covariates
  DESCANT_ASSIGN(rows.propensity_design,
                 design_of(table, request.propensity_covariates, "propensity_covariates",
                           request.propensity_covariates ? warnings : same));
  rows.propensity =
      fit_binary_regression(rows.propensity_design, rows.treated, request.propensity_model);
  return rows;
}

EstimatePair pair_of(const AverageTreatmentEffectRequest& request, const ObservedRows& rows,
                     const std::optional<CodedLabels>& clusters) {
  const bool of_treated = request.estimand == "att";
  const auto control = potential_mean(rows, 0, request.method, of_treated);
  const auto treatment = potential_mean(rows, 1, request.method, of_treated);
  const auto treated = static_cast<std::int64_t>(rows.treated.sum());
  EstimatePair pair;
  pair.method = request.method;
  pair.control = {rows.treated.size() - treated, control.estimate, kUndefined};
  pair.treatment = {treated, treatment.estimate, kUndefined};
  if (control.influence.size() == 0 || treatment.influence.size() == 0) return pair;
  MatrixXd influence(rows.treated.size(), 2);
  influence.col(0) = control.influence;
  influence.col(1) = treatment.influence;
  const MatrixXd sums = cluster_sums(influence, clusters);
  const double n = static_cast<double>(rows.treated.size());
  const MatrixXd covariance = sums.transpose() * sums / (n * n);
  pair.control_variance = covariance(0, 0);
  pair.treatment_variance = covariance(1, 1);
  pair.covariance = covariance(0, 1);
  pair.control.standard_error = std::sqrt(pair.control_variance);
  pair.treatment.standard_error = std::sqrt(pair.treatment_variance);
  return pair;
}

PropensityRange range_of(const ObservedRows& rows, int arm, const VectorXd& weight) {
  PropensityRange range{1.0, 0.0, 0.0};
  double n = 0;
  for (Index i = 0; i < weight.size(); ++i) {
    if (rows.treated(i) != arm) continue;
    const double p = rows.propensity.probability(i);
    range.minimum = std::min(range.minimum, p);
    range.maximum = std::max(range.maximum, p);
    range.mean += p;
    n += 1;
  }
  range.mean /= n;
  range.effective_sample_size = weight.sum() * weight.sum() / weight.squaredNorm();
  return range;
}

double weighted_mean(const VectorXd& x, const VectorXd& weight) {
  return x.dot(weight) / weight.sum();
}

double weighted_variance(const VectorXd& x, const VectorXd& member) {
  const double mean = weighted_mean(x, member);
  return (x.array() - mean).square().matrix().dot(member) / (member.sum() - 1);
}

Overlap overlap_of(const ObservedRows& rows, const CovariateTable& table, bool of_treated) {
  Overlap out;
  if (!rows.propensity.converged) return out;
  const VectorXd control = arm_weights(rows, 0, of_treated).weight;
  const VectorXd treatment = arm_weights(rows, 1, of_treated).weight;
  out.control = range_of(rows, 0, control);
  out.treatment = range_of(rows, 1, treatment);
  double outside = 0;
  for (Index i = 0; i < rows.treated.size(); ++i) {
    const auto& other = rows.treated(i) == 1 ? out.control : out.treatment;
    const double p = rows.propensity.probability(i);
    outside += p < other.minimum || p > other.maximum ? 1 : 0;
  }
  out.outside_support = outside / static_cast<double>(rows.treated.size());
  const VectorXd untreated = 1 - rows.treated.array();
  for (std::size_t j = 0; j < table.names.size(); ++j) {
    const VectorXd x = table.values.col(static_cast<Index>(j));
    const double spread =
        std::sqrt((weighted_variance(x, rows.treated) + weighted_variance(x, untreated)) / 2);
    CovariateBalance balance{table.names[j]};
    if (spread > 0) {
      balance.before = (weighted_mean(x, rows.treated) - weighted_mean(x, untreated)) / spread;
      balance.after = (weighted_mean(x, treatment) - weighted_mean(x, control)) / spread;
    }
    out.balance.push_back(balance);
  }
  return out;
}

// docs/calibration.md: with 20 rows an arm and two covariates, 8 to 11 % instead of 5 % are false
// positives.
void warn_of_few_rows(const VectorXd& treated, Warnings& warnings) {
  const auto fewest = std::min(treated.sum(), static_cast<double>(treated.size()) - treated.sum());
  if (fewest < kFewRows)
    warnings.push_back(
        {"few_rows", "treated",
         fmt::format("An arm has {} rows: below {} the errors are too small.", fewest, kFewRows)});
}

void warn_of_overlap(const AverageTreatmentEffectRequest& request, const ObservedRows& rows,
                     const Overlap& overlap, Warnings& warnings) {
  if (!rows.propensity.converged) {
    warnings.push_back({"no_propensity", "propensity_covariates",
                        "The propensity could not be fitted: the covariates tell the arms apart "
                        "without error, or an arm is empty."});
    return;
  }
  const double lowest = std::min(overlap.control.minimum, overlap.treatment.minimum);
  const double highest = std::max(overlap.control.maximum, overlap.treatment.maximum);
  if (highest > 1 - kPoorPropensity || (request.estimand == "ate" && lowest < kPoorPropensity))
    warnings.push_back({"poor_overlap", "treated",
                        fmt::format("Propensities run from {} to {}: some rows have no like in the "
                                    "other arm, and the estimate leans on the models.",
                                    format_number(lowest), format_number(highest))});
  if (request.method == "regression_adjustment") return;
  for (const auto& balance : overlap.balance)
    if (std::abs(balance.after) > kImbalance)
      warnings.push_back({"imbalance", "covariates." + balance.covariate,
                          fmt::format("{} still differs between the weighted arms by {} standard "
                                      "deviations.",
                                      balance.covariate, format_number(balance.after, 2))});
}

double e_value_of(double risk_ratio) {
  const double above = risk_ratio < 1 ? 1 / risk_ratio : risk_ratio;
  return above + std::sqrt(above * (above - 1));
}

// 0.91 and 1.78 turn a standardised difference and its error into a risk ratio and its interval.
EValue e_value(const Comparison& comparison, const VectorXd& outcome) {
  EValue out;
  const double n = static_cast<double>(outcome.size());
  const bool binary = (outcome.array() == 0 || outcome.array() == 1).all();
  double lower = kUndefined, upper = kUndefined;
  if (binary) {
    out.scale = "risk_ratio";
    const auto& relative = comparison.relative;
    out.risk_ratio = 1 + relative.estimate;
    const double log_error = relative.standard_error / out.risk_ratio;
    lower = out.risk_ratio * std::exp(-1.959963984540054 * log_error);
    upper = out.risk_ratio * std::exp(1.959963984540054 * log_error);
  } else {
    out.scale = "standardised_mean_difference";
    const double spread = std::sqrt((outcome.array() - outcome.mean()).square().sum() / (n - 1));
    const double effect = comparison.absolute.estimate / spread;
    const double error = comparison.absolute.standard_error / spread;
    out.risk_ratio = std::exp(0.91 * effect);
    lower = std::exp(0.91 * effect - 1.78 * error);
    upper = std::exp(0.91 * effect + 1.78 * error);
  }
  if (!std::isfinite(out.risk_ratio) || !(out.risk_ratio > 0)) return out;
  out.estimate = e_value_of(out.risk_ratio);
  if (std::isnan(lower)) return out;
  const double nearer = out.risk_ratio > 1 ? lower : upper;
  const bool covers_one = lower <= 1 && upper >= 1;
  out.interval = covers_one ? 1.0 : e_value_of(nearer);
  return out;
}

}  // namespace

Result<AverageTreatmentEffect> average_treatment_effect(
    const AverageTreatmentEffectRequest& request) {
  const std::size_t n = request.outcome.size();
  DESCANT_CHECK(check_options(request.options));
  DESCANT_CHECK(check_same_length(request.treated.size(), "treated", n, "outcome"));
  DESCANT_ASSIGN(const auto arms, code_arms(request.treated, std::nullopt, "treated"));
  const VectorXd treated = column_of(std::vector<double>(arms.begin(), arms.end()));
  DESCANT_ASSIGN(auto all, covariate_table(request.covariates, n));
  const CovariateTable table = without_one_sided_indicators(std::move(all), treated);
  DESCANT_ASSIGN(const auto clusters, clusters_of(request.cluster, n));
  Warnings warnings = table.warnings;
  DESCANT_ASSIGN(const auto rows, observed_rows(request, table, treated, warnings));
  EstimatePair pair = pair_of(request, rows, clusters);
  if (n > 0 && (std::isnan(pair.control.estimate) || std::isnan(pair.treatment.estimate)) &&
      rows.propensity.converged)
    warnings.push_back({"too_few_units", "covariates",
                        "An arm has too few rows for its covariates, or they repeat each other "
                        "within it."});
  AverageTreatmentEffect result;
  result.estimand = request.estimand;
  result.overlap = overlap_of(rows, table, request.estimand == "att");
  warn_of_overlap(request, rows, result.overlap, warnings);
  warn_of_few_rows(treated, warnings);
  pair.warnings = std::move(warnings);
  DESCANT_ASSIGN(result.comparison, compare(pair, request.options));
  result.e_value = e_value(result.comparison, rows.outcome);
  return result;
}

}  // namespace descant::stats
