// SPDX-License-Identifier: Apache-2.0
#include "experiment/complier_effect.h"

#include <cmath>

#include "stats/comparison/post_stratify.h"

namespace descant::experiment {
namespace {

// Moments of the outcome less its prediction, in the outcome's column; the other columns stay.
stats::Moments residuals(const stats::Moments& arm, std::size_t outcome,
                         const stats::AdjustmentPlan& adjustment, std::span<const double> slopes) {
  const std::size_t k = arm.columns();
  std::vector<double> weights(k, 0.0);
  weights[outcome] = 1;
  for (std::size_t i = 0; i < slopes.size(); ++i)
    if (!std::isnan(slopes[i])) weights[adjustment.covariates[i].numerator] -= slopes[i];
  stats::Moments out = arm;
  std::vector<double> with(k, 0.0);  // of the residual with each column
  out.mean[outcome] = 0;
  for (std::size_t i = 0; i < k; ++i) {
    out.mean[outcome] += weights[i] * arm.mean[i];
    for (std::size_t j = 0; j < k; ++j) with[j] += weights[i] * arm.cross[i * k + j];
  }
  double own = 0;
  for (std::size_t j = 0; j < k; ++j) {
    own += weights[j] * with[j];
    out.cross[outcome * k + j] = out.cross[j * k + outcome] = with[j];
  }
  out.cross[outcome * k + outcome] = own;
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
  std::vector<stats::Moments> control;
  std::vector<stats::Moments> treated;
  for (const auto& arms : strata) {
    control.push_back(arms.front());
    treated.push_back(arms[treatment]);
  }
  DESCANT_ASSIGN(auto arms, stats::post_stratify(control, treated));
  if (!roles.outcome.denominator && !slopes.empty()) {
    // The covariates' own mean over both arms is what the slopes leave in: it cancels in every
    // difference, and adding it back keeps the arms' means on the outcome's scale.
    const double n = static_cast<double>(arms.control.n + arms.treatment.n);
    double shift = 0;
    for (std::size_t i = 0; i < slopes.size(); ++i) {
      const std::size_t column = adjustment.covariates[i].numerator;
      if (!std::isnan(slopes[i]))
        shift += slopes[i] *
                 (static_cast<double>(arms.control.n) * arms.control.mean[column] +
                  static_cast<double>(arms.treatment.n) * arms.treatment.mean[column]) /
                 n;
    }
    for (auto* arm : {&arms.control, &arms.treatment}) {
      *arm = residuals(*arm, roles.outcome.numerator, adjustment, slopes);
      arm->mean[roles.outcome.numerator] += shift;
    }
  }
  DESCANT_ASSIGN(auto found, stats::encouragement(arms.control, arms.treatment, roles.outcome,
                                                  *roles.take_up, options));
  return std::optional<ComplierEffect>({std::move(found.effect), std::move(found.anderson_rubin),
                                        found.take_up.control.estimate,
                                        found.take_up.treatment.estimate, found.first_stage_f});
}

}  // namespace descant::experiment
