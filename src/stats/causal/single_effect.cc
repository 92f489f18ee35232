// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/single_effect.h"

#include <cmath>

#include "stats/comparison/compare.h"
#include "stats/distributions.h"

namespace descant::stats {

Result<Comparison> compare_single_effect(const SingleEffect& effect,
                                         const ComparisonOptions& options) {
  if (options.non_inferiority_margin && options.margin_scale == "relative")
    return invalid_request("this effect has no control estimate that a margin could be relative to",
                           "margin_scale", "Give the margin in the outcome's unit.");
  constexpr std::int64_t kEnough = 2;  // the caller has judged how many units it has
  EstimatePair pair;
  pair.method = effect.method;
  pair.control = {kEnough, 0.0, 0.0};
  pair.treatment = {kEnough, effect.estimate, effect.standard_error};
  pair.control_variance = 0;
  pair.treatment_variance = effect.standard_error * effect.standard_error;
  if (!std::isnan(effect.degrees_of_freedom)) {
    pair.reference.kind = ReferenceDistribution::Kind::kPooled;
    pair.reference.control_degrees = 0;
    pair.reference.treatment_degrees = effect.degrees_of_freedom;
  }
  DESCANT_ASSIGN(Comparison comparison, compare(pair, options));
  comparison.control = {};
  comparison.treatment = {};
  comparison.relative = {};
  std::erase_if(comparison.warnings, [](const Warning& w) { return w.code == "zero_control"; });
  return comparison;
}

EffectInterval two_sided_interval(double estimate, double standard_error, double degrees_of_freedom,
                                  double confidence_level) {
  const double q = -t_quantile((1 - confidence_level) / 2, degrees_of_freedom);
  if (!(standard_error > 0)) return {estimate, standard_error, kUndefined, kUndefined};
  return {estimate, standard_error, estimate - q * standard_error, estimate + q * standard_error};
}

}  // namespace descant::stats
