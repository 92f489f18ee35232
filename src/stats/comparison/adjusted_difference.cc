// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/adjusted_difference.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <Eigen/Cholesky>
#include <fmt/format.h>

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// A covariate that the ones before it explain to this share of its variance adds only noise.
constexpr double kCollinear = 1e-10;

// Both arms with the outcome first and the covariates in use after it.
struct Arms {
  LinearisedArm control;
  LinearisedArm treatment;
  Index covariates() const { return control.estimate.size() - 1; }
};

void keep(LinearisedArm& arm, const std::vector<Index>& kept) {
  arm.estimate = VectorXd(arm.estimate(kept));
  arm.total = VectorXd(arm.total(kept));
  arm.covariance = MatrixXd(arm.covariance(kept, kept));
}

MatrixXd pooled_within(const Arms& arms) {
  const double c = static_cast<double>(arms.control.n - 1);
  const double t = static_cast<double>(arms.treatment.n - 1);
  return (c * arms.control.covariance + t * arms.treatment.covariance) / (c + t);
}

VectorXd slopes(const MatrixXd& covariance) {
  const Index k = covariance.rows() - 1;
  if (k == 0) return VectorXd();
  return covariance.bottomRightCorner(k, k).ldlt().solve(covariance.col(0).tail(k));
}

// Positions (0 is the outcome) of the covariates that vary and that the kept ones do not determine.
std::vector<Index> independent_columns(const MatrixXd& covariance) {
  std::vector<Index> kept = {0};
  for (Index j = 1; j < covariance.rows(); ++j) {
    if (!(covariance(j, j) > 0)) continue;
    std::vector<Index> order = {j};
    order.insert(order.end(), kept.begin() + 1, kept.end());
    const MatrixXd block = covariance(order, order);
    const double explained = block.row(0).tail(block.cols() - 1).dot(slopes(block));
    if (covariance(j, j) - explained > kCollinear * covariance(j, j)) kept.push_back(j);
  }
  return kept;
}

constexpr std::string_view kChange = "difference_in_differences";

std::vector<Index> usable_columns(const Arms& arms, const std::string& method) {
  if (method == kChange) {
    std::vector<Index> all(static_cast<std::size_t>(arms.covariates() + 1));
    std::iota(all.begin(), all.end(), Index{0});
    return all;
  }
  if (method == "cuped") return independent_columns(pooled_within(arms));
  const auto control = independent_columns(arms.control.covariance);
  const auto treatment = independent_columns(arms.treatment.covariance);
  std::vector<Index> both;
  std::set_intersection(control.begin(), control.end(), treatment.begin(), treatment.end(),
                        std::back_inserter(both));
  return both;
}

struct Slopes {
  VectorXd control;
  VectorXd treatment;
};

double residual_variance(const LinearisedArm& arm, const VectorXd& slope) {
  VectorXd direction(slope.size() + 1);
  direction << 1.0, -slope;
  const double variance = direction.dot(arm.covariance * direction);
  // A covariate that determines the outcome leaves rounding behind, not variance.
  return variance < 1e-14 * arm.covariance(0, 0) ? 0.0 : variance;
}

// Under `lin` a unit is drawn from one population: the covariates have the covariance of all units
// and the outcome is the arm's line plus a residual with the classical divisor.
void apply_regression_model(Arms& arms, const Slopes& beta) {
  const Index k = arms.covariates();
  const double nc = static_cast<double>(arms.control.n);
  const double nt = static_cast<double>(arms.treatment.n);
  const VectorXd apart = (arms.treatment.estimate - arms.control.estimate).tail(k);
  const MatrixXd everyone = (pooled_within(arms).bottomRightCorner(k, k) * (nc + nt - 2) +
                             nc * nt / (nc + nt) * apart * apart.transpose()) /
                            (nc + nt - 1);
  for (auto [arm, slope] :
       {std::pair(&arms.control, &beta.control), {&arms.treatment, &beta.treatment}}) {
    const double n = static_cast<double>(arm->n);
    const double classical =
        residual_variance(*arm, *slope) * (n - 1) / (n - 1 - static_cast<double>(k));
    const VectorXd shared = everyone * *slope;
    arm->covariance(0, 0) = classical + slope->dot(shared);
    arm->covariance.col(0).tail(k) = shared;
    arm->covariance.row(0).tail(k) = shared.transpose();
    arm->covariance.bottomRightCorner(k, k) = everyone;
  }
}

// Both estimates are linear in the means of both arms, as the pooled covariate mean is a weighted
// mean of theirs: `own` is a unit's weight in its own arm's estimate, `other` in the other arm's.
struct Weights {
  VectorXd own;
  VectorXd other;
};

Weights weights(const VectorXd& own_slope, const VectorXd& other_slope, const VectorXd& own_share) {
  const Index k = own_slope.size();
  Weights w{VectorXd(k + 1), VectorXd(k + 1)};
  w.own << 1.0, -(own_slope.array() * (1 - own_share.array())).matrix();
  w.other << 0.0, (other_slope.array() * own_share.array()).matrix();
  return w;
}

// Variance and Satterthwaite's degrees of freedom of a combination of the columns in `kept`.
std::pair<double, double> stratified_reference(const std::vector<StratumVariance>& strata,
                                               const std::vector<Index>& kept,
                                               const VectorXd& slope) {
  VectorXd direction(slope.size() + 1);
  direction << 1.0, -slope;
  double variance = 0;
  double squares = 0;
  for (const auto& stratum : strata) {
    const MatrixXd block = stratum.covariance(kept, kept);
    const double part = std::max(direction.dot(block * direction), 0.0);
    variance += part;
    squares += part * part / stratum.degrees_of_freedom;
  }
  return {variance, squares > 0 ? variance * variance / squares : kUndefined};
}

void use_strata(const StratifiedParts* strata, const std::vector<Index>& kept, const Slopes& slope,
                EstimatePair& pair) {
  if (strata == nullptr) return;
  const auto [control, control_degrees] =
      stratified_reference(strata->control, kept, slope.control);
  const auto [treatment, treatment_degrees] =
      stratified_reference(strata->treatment, kept, slope.treatment);
  pair.reference = {ReferenceDistribution::Kind::kWelch, control, treatment, control_degrees,
                    treatment_degrees};
}

EstimatePair adjusted_pair(const Arms& arms, const Slopes& slope, double extra_parameters) {
  const Index k = arms.covariates();
  const VectorXd total = arms.control.total.tail(k) + arms.treatment.total.tail(k);
  const VectorXd share = arms.treatment.total.tail(k).cwiseQuotient(total);
  const VectorXd rest = VectorXd::Ones(k) - share;
  const VectorXd everyone = share.cwiseProduct(arms.treatment.estimate.tail(k)) +
                            rest.cwiseProduct(arms.control.estimate.tail(k));
  const Weights c = weights(slope.control, slope.treatment, rest);
  const Weights t = weights(slope.treatment, slope.control, share);
  const double nc = static_cast<double>(arms.control.n);
  const double nt = static_cast<double>(arms.treatment.n);
  const MatrixXd sc = arms.control.covariance / nc;
  const MatrixXd st = arms.treatment.covariance / nt;

  EstimatePair pair;
  const auto estimate = [&](const LinearisedArm& arm, const VectorXd& theta) {
    return arm.estimate(0) - theta.dot(arm.estimate.tail(k) - everyone);
  };
  const double vc = residual_variance(arms.control, slope.control) / nc;
  const double vt = residual_variance(arms.treatment, slope.treatment) / nt;
  pair.control = {arms.control.n, estimate(arms.control, slope.control), std::sqrt(vc)};
  pair.treatment = {arms.treatment.n, estimate(arms.treatment, slope.treatment), std::sqrt(vt)};
  pair.control_variance = c.own.dot(sc * c.own) + t.other.dot(st * t.other);
  pair.treatment_variance = t.own.dot(st * t.own) + c.other.dot(sc * c.other);
  pair.covariance = c.own.dot(sc * c.other) + t.own.dot(st * t.other);
  pair.reference = {ReferenceDistribution::Kind::kWelch, vc, vt, nc - 1 - extra_parameters,
                    nt - 1 - extra_parameters};
  return pair;
}

// With a slope for each arm the pooled covariate mean moves the effect too; `cuped_per_arm` takes
// it as known, `lin` does not.
void use_residuals_alone(EstimatePair& pair) {
  pair.control_variance = pair.reference.control_variance;
  pair.treatment_variance = pair.reference.treatment_variance;
  pair.covariance = 0;
}

Result<void> check_method(const std::string& method) {
  if (method == "cuped" || method == "cuped_per_arm" || method == "lin" || method == kChange)
    return {};
  return invalid_request(fmt::format("unknown method '{}'", method), "method",
                         "Known: cuped, cuped_per_arm, lin.");
}

void warn_of_dropped(Warnings& warnings, const std::vector<Index>& kept, std::size_t covariates) {
  for (std::size_t j = 0; j < covariates; ++j)
    if (std::find(kept.begin(), kept.end(), static_cast<Index>(j + 1)) == kept.end())
      warnings.push_back({"dropped_covariate", fmt::format("covariates[{}]", j),
                          "The covariate does not vary, or the ones before it determine it, so it "
                          "was left out."});
}

bool enough_for(const Arms& arms, const std::string& method, std::size_t covariates) {
  const auto parameters = static_cast<std::int64_t>(method == "lin" ? covariates + 1 : 1);
  return arms.control.n > parameters && arms.treatment.n > parameters;
}

// The adjusted pair and its coefficients in the plan's order.
EstimatePair adjust(Arms arms, const AdjustmentPlan& plan, std::vector<double>& coefficients) {
  const std::string& method = plan.method;
  const std::size_t covariates = coefficients.size();
  const std::vector<Index> kept = usable_columns(arms, method);
  keep(arms.control, kept);
  keep(arms.treatment, kept);
  Slopes slope;
  if (method == kChange) {
    slope.control = slope.treatment = VectorXd::Ones(arms.covariates());
  } else if (method == "cuped") {
    slope.control = slope.treatment = slopes(pooled_within(arms));
  } else {
    slope = {slopes(arms.control.covariance), slopes(arms.treatment.covariance)};
  }
  const bool model = method == "lin";
  if (model) apply_regression_model(arms, slope);
  EstimatePair pair =
      adjusted_pair(arms, slope, model ? static_cast<double>(kept.size() - 1) : 0.0);
  pair.method = method;
  use_strata(plan.strata, kept, slope, pair);
  if (method == "cuped_per_arm") use_residuals_alone(pair);
  warn_of_dropped(pair.warnings, kept, covariates);
  for (std::size_t i = 1; i < kept.size(); ++i) {
    const auto j = static_cast<Index>(i - 1);
    const double share =
        arms.treatment.total(static_cast<Index>(i)) /
        (arms.treatment.total(static_cast<Index>(i)) + arms.control.total(static_cast<Index>(i)));
    coefficients[static_cast<std::size_t>(kept[i] - 1)] =
        share * slope.control(j) + (1 - share) * slope.treatment(j);
  }
  return pair;
}

}  // namespace

Result<AdjustedComparison> adjusted_difference(const Moments& control, const Moments& treatment,
                                               const AdjustmentPlan& plan,
                                               const ComparisonOptions& options) {
  DESCANT_CHECK(check_method(plan.method));
  std::vector<RatioColumns> metrics = {plan.outcome};
  metrics.insert(metrics.end(), plan.covariates.begin(), plan.covariates.end());
  Arms arms;
  DESCANT_ASSIGN(arms.control, linearise(control, metrics, "control"));
  DESCANT_ASSIGN(arms.treatment, linearise(treatment, metrics, "treatment"));

  if (plan.strata != nullptr) {
    arms.control.total = plan.strata->control_total;
    arms.treatment.total = plan.strata->treatment_total;
  }
  AdjustedComparison result;
  EstimatePair unadjusted = unadjusted_pair(arms.control, arms.treatment);
  unadjusted.method = "welch";
  use_strata(plan.strata, {0}, {VectorXd(), VectorXd()}, unadjusted);
  if (plan.outcome.denominator) unadjusted.method = "delta";
  DESCANT_ASSIGN(result.unadjusted, compare(unadjusted, options));
  if (plan.covariates.empty()) {
    result.comparison = result.unadjusted;
    return result;
  }
  result.coefficients.assign(plan.covariates.size(), kUndefined);
  const bool enough = enough_for(arms, plan.method, plan.covariates.size());
  if (!enough || !std::isfinite(arms.control.covariance(0, 0) + arms.treatment.covariance(0, 0))) {
    // Nothing to adjust with: the estimates stand, their uncertainty is undefined.
    EstimatePair undefined = unadjusted;
    undefined.method = plan.method;
    if (!enough)
      undefined.warnings.push_back(
          {"too_few_units", "covariates", "There are too few units in an arm for its covariates."});
    undefined.control.standard_error = undefined.treatment.standard_error = kUndefined;
    undefined.control_variance = undefined.treatment_variance = kUndefined;
    DESCANT_ASSIGN(result.comparison, compare(undefined, options));
    return result;
  }
  const EstimatePair adjusted = adjust(arms, plan, result.coefficients);
  DESCANT_ASSIGN(result.comparison, compare(adjusted, options));
  const double before = result.unadjusted.absolute.standard_error;
  const double after = result.comparison.absolute.standard_error;
  result.variance_reduction = before > 0 ? 1 - after * after / (before * before) : kUndefined;
  return result;
}

}  // namespace descant::stats
