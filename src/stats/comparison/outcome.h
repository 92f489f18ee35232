// SPDX-License-Identifier: Apache-2.0
#pragma once

// One arm of one outcome in any form of a Sample, ready for a method that needs only its estimate
// and variance: a mean, a share with variance p(1 - p)/n, or a ratio by the delta method. Samples
// of several named columns have no outcome of their own and are an error naming the arm, as are two
// arms of different kinds. Two shares are compared on the normal distribution, everything else on
// t with Welch-Satterthwaite degrees of freedom.

#include <string_view>

#include "base/result.h"
#include "stats/comparison/linearise.h"
#include "stats/sample.h"

namespace descant::stats {

enum class OutcomeKind { kMean, kShare, kRatio };

struct ArmOutcome {
  OutcomeKind kind = OutcomeKind::kMean;
  Moments moments;  // of a share: so that its variance is p(1 - p)
  RatioColumns columns;
};

Result<ArmOutcome> outcome_of(const Sample& sample, std::string_view where);
Result<LinearisedArm> linearised(const ArmOutcome& arm, std::string_view where);

// The unadjusted comparison of two arms; `method` is left for the caller.
Result<EstimatePair> pair_of(const ArmOutcome& control, const ArmOutcome& treatment);
Result<EstimatePair> pair_of(const Sample& control, const Sample& treatment);

}  // namespace descant::stats
