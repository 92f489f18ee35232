// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/outcome.h"

#include <array>

namespace descant::stats {

Result<ArmOutcome> outcome_of(const Sample& sample, std::string_view where) {
  DESCANT_ASSIGN(auto named, moments_of(sample, where));
  if (named.outcome == NamedMoments::Outcome::kNamed)
    return invalid_request("the sample holds several columns", std::string(where),
                           "Give the outcome alone: n, mean and variance, or the raw rows.");
  ArmOutcome arm{OutcomeKind::kMean, std::move(named.moments), {}};
  if (named.outcome == NamedMoments::Outcome::kRatio) {
    arm.kind = OutcomeKind::kRatio;
    arm.columns = {0, 1};
  } else if (sample.successes) {
    arm.kind = OutcomeKind::kShare;
    const double n = static_cast<double>(arm.moments.n);
    if (n > 0) arm.moments.cross[0] *= (n - 1) / n;
  }
  return arm;
}

Result<LinearisedArm> linearised(const ArmOutcome& arm, std::string_view where) {
  const std::array metrics = {arm.columns};
  return linearise(arm.moments, metrics, where);
}

Result<EstimatePair> pair_of(const ArmOutcome& control, const ArmOutcome& treatment) {
  if ((control.kind == OutcomeKind::kRatio) != (treatment.kind == OutcomeKind::kRatio))
    return invalid_request("one arm is a ratio, the other is not", "treatment",
                           "Give both arms in the same form.");
  DESCANT_ASSIGN(const auto c, linearised(control, "control"));
  DESCANT_ASSIGN(const auto t, linearised(treatment, "treatment"));
  EstimatePair pair = unadjusted_pair(c, t);
  if (control.kind == OutcomeKind::kShare && treatment.kind == OutcomeKind::kShare)
    pair.reference.kind = ReferenceDistribution::Kind::kNormal;
  return pair;
}

Result<EstimatePair> pair_of(const Sample& control, const Sample& treatment) {
  DESCANT_ASSIGN(const auto c, outcome_of(control, "control"));
  DESCANT_ASSIGN(const auto t, outcome_of(treatment, "treatment"));
  return pair_of(c, t);
}

}  // namespace descant::stats
