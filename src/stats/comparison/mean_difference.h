// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference of two means or ratios from moments, unadjusted. `welch`: each arm's own variance and
// Welch-Satterthwaite degrees of freedom (Welch 1947); `student`: pooled variance with n_T + n_C -
// 2; `z`: the normal distribution. A ratio goes by the delta method (Deng, Knoblich, Lu 2018) with
// the Welch reference; `fieller` is the same test with Fieller's relative interval. Too few units
// or no variance: NaN and a warning.

#include <string>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/comparison/linearise.h"
#include "stats/moments.h"

namespace descant::stats {

// method: welch | student | z. The first column is the outcome.
Result<Comparison> mean_difference(const Moments& control, const Moments& treatment,
                                   const std::string& method, const ComparisonOptions& options);

// method: delta | fieller.
Result<Comparison> ratio_difference(const Moments& control, const Moments& treatment,
                                    const RatioColumns& outcome, const std::string& method,
                                    const ComparisonOptions& options);

}  // namespace descant::stats
