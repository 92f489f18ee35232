// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/anderson_rubin.h"

#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

double quadratic_form(const VectorXd& x, const MatrixXd& covariance, const VectorXd& y) {
  const Eigen::LDLT<MatrixXd> factor(covariance);
  if (factor.info() != Eigen::Success || !(factor.vectorD().minCoeff() > 0)) return kUndefined;
  return x.dot(factor.solve(y));
}

// All covariances are multiples of the outcome's.
std::vector<RegionPiece> closed_region(const ReducedForm& form, double critical) {
  const double outcome = form.outcome_covariance(0, 0);
  const MatrixXd shape = form.outcome_covariance / outcome;
  const double a = quadratic_form(form.treatment, shape, form.treatment) -
                   critical * form.treatment_covariance(0, 0);
  const double b =
      quadratic_form(form.outcome, shape, form.treatment) - critical * form.cross_covariance(0, 0);
  const double c = quadratic_form(form.outcome, shape, form.outcome) - critical * outcome;
  return quadratic_region(a, b, c);
}

// The end between an effect inside and one outside.
double bisect(const ReducedForm& form, double critical, double inside, double outside) {
  for (int step = 0; step < 200; ++step) {
    const double middle = inside + (outside - inside) / 2;
    if (middle == inside || middle == outside) break;
    (anderson_rubin_statistic(form, middle) <= critical ? inside : outside) = middle;
  }
  return inside;
}

std::vector<RegionPiece> searched_region(const ReducedForm& form, double critical, double centre,
                                         double scale) {
  constexpr int kSteps = 4001;
  std::vector<RegionPiece> pieces;
  double before = kUndefined;
  bool was_inside = false;
  for (int step = 1; step < kSteps; ++step) {
    const double angle = std::numbers::pi * (static_cast<double>(step) / kSteps - 0.5);
    const double effect = centre + scale * std::tan(angle);
    const bool inside = anderson_rubin_statistic(form, effect) <= critical;
    if (inside && !was_inside)
      pieces.push_back(
          {step == 1 ? kUndefined : bisect(form, critical, effect, before), kUndefined});
    if (!inside && was_inside) pieces.back().upper = bisect(form, critical, before, effect);
    before = effect;
    was_inside = inside;
  }
  return pieces;
}

}  // namespace

double small_sample_factor(ErrorKind kind, double n, double parameters,
                           const std::optional<CodedLabels>& clusters) {
  if (kind == ErrorKind::kRobust) return n / (n - parameters);
  if (kind == ErrorKind::kClassical) return 1.0;
  const double count = independent_count(0, clusters);
  return count / (count - 1) * (n - 1) / (n - parameters);
}

double anderson_rubin_statistic(const ReducedForm& form, double effect) {
  const VectorXd coefficients = form.outcome - effect * form.treatment;
  const MatrixXd covariance = form.outcome_covariance -
                              effect * (form.cross_covariance + form.cross_covariance.transpose()) +
                              effect * effect * form.treatment_covariance;
  return quadratic_form(coefficients, covariance, coefficients) /
         static_cast<double>(coefficients.size());
}

std::vector<RegionPiece> anderson_rubin_region(const ReducedForm& form, double confidence_level,
                                               double centre, double scale) {
  const double instruments = static_cast<double>(form.outcome.size());
  const double quantile = f_quantile(confidence_level, instruments, form.denominator_degrees);
  if (instruments == 0 || std::isnan(quantile) || !(form.outcome_covariance(0, 0) > 0)) return {};
  if (form.proportional || instruments == 1) return closed_region(form, quantile * instruments);
  if (!std::isfinite(centre) || !(scale > 0)) return {};
  return searched_region(form, quantile, centre, scale);
}

}  // namespace descant::stats
