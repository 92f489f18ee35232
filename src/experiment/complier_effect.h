// SPDX-License-Identifier: Apache-2.0
#pragma once

// The effect of taking up in an encouragement experiment, from the same moments as the effect of
// encouraging (stats/causal/encouragement.h), adjusted by the covariates with the slopes of its own
// comparison, and tested against no effect whatever margin the metric has. Empty when the units
// have no take-up.

#include <optional>
#include <span>

#include "base/result.h"
#include "experiment/metric_moments.h"
#include "experiment/result.h"
#include "stats/comparison/adjusted_difference.h"

namespace descant::experiment {

// `slopes`: by covariate of `adjustment`, as the comparison found them.
Result<std::optional<ComplierEffect>> complier_effect(const StratumMoments& strata,
                                                      std::size_t treatment,
                                                      const ColumnRoles& roles,
                                                      const stats::AdjustmentPlan& adjustment,
                                                      std::span<const double> slopes,
                                                      const stats::ComparisonOptions& options);

}  // namespace descant::experiment
