// SPDX-License-Identifier: Apache-2.0
#include "experiment/complier_effect.h"

#include <cmath>

#include "stats/comparison/post_stratify.h"

namespace descant::experiment {
namespace {

// The outcome less its prediction, and the take-up, as two columns of an arm.
stats::Moments residual_and_take_up(const stats::LinearisedArm& arm, const Eigen::VectorXd& slope,
                                    double shift) {
  const Eigen::Index last = arm.estimate.size() - 1;
  Eigen::MatrixXd weights = Eigen::MatrixXd::Zero(2, last + 1);
  weights(0, 0) = 1;
  weights.row(0).segment(1, slope.size()) = -slope.transpose();
  weights(1, last) = 1;
  const Eigen::VectorXd mean = weights * arm.estimate;
  const Eigen::MatrixXd covariance = weights * arm.covariance * weights.transpose();
  stats::Moments out(2);
  out.n = arm.n;
  out.mean = {mean(0) + shift, mean(1)};
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j)
      out.cross[i * 2 + j] =
          covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) *
          static_cast<double>(arm.n - 1);
  return out;
}

}  // namespace

Result<std::optional<ComplierEffect>> complier_effect(const StratumMoments& strata,
                                                      std::size_t treatment,
                                                      const ColumnRoles& roles,
                                                      const stats::AdjustmentPlan& adjustment,
                                                      std::span<const double> slopes,
                                                      const stats::ComparisonOptions& options) {
  if (!roles.take_up) return std::optional<ComplierEffect>{};
  std::vector<stats::RatioColumns> columns = {adjustment.outcome};
  columns.insert(columns.end(), adjustment.covariates.begin(), adjustment.covariates.end());
  columns.push_back(*roles.take_up);
  std::vector<stats::Moments> controls;
  std::vector<stats::Moments> treated;
  for (const auto& arms : strata) {
    controls.push_back(arms.front());
    treated.push_back(arms[treatment]);
  }
  stats::PostStratified arms{controls.front(), treated.front(), {}, 0};
  if (!stats::can_post_stratify(controls, treated)) {
    for (std::size_t s = 1; s < strata.size(); ++s) {
      arms.control.merge(controls[s]);
      arms.treatment.merge(treated[s]);
    }
  } else {
    DESCANT_ASSIGN(arms, stats::post_stratify(controls, treated, columns));
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = {i, std::nullopt};
  }
  DESCANT_ASSIGN(const auto control, stats::linearise(arms.control, columns, "control"));
  DESCANT_ASSIGN(const auto treatment_arm, stats::linearise(arms.treatment, columns, "treatment"));
  Eigen::VectorXd slope = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(slopes.size()));
  for (std::size_t i = 0; i < slopes.size(); ++i)
    if (!std::isnan(slopes[i])) slope(static_cast<Eigen::Index>(i)) = slopes[i];
  // The covariates' mean over both arms cancels in the difference; adding it back keeps the arms'
  // means on the outcome's scale.
  double shift = 0;
  for (Eigen::Index i = 0; i < slope.size(); ++i) {
    const double c = control.total(i + 1);
    const double t = treatment_arm.total(i + 1);
    if (c + t != 0)
      shift +=
          slope(i) * (c * control.estimate(i + 1) + t * treatment_arm.estimate(i + 1)) / (c + t);
  }
  stats::ComparisonOptions plain = options;  // a margin is about encouraging, not about taking up
  plain.non_inferiority_margin.reset();
  DESCANT_ASSIGN(auto found, stats::encouragement(residual_and_take_up(control, slope, shift),
                                                  residual_and_take_up(treatment_arm, slope, shift),
                                                  {0, std::nullopt}, {1, std::nullopt}, plain));
  return std::optional<ComplierEffect>({std::move(found.effect), std::move(found.anderson_rubin),
                                        found.take_up.control.estimate,
                                        found.take_up.treatment.estimate, found.first_stage_f});
}

}  // namespace descant::experiment
