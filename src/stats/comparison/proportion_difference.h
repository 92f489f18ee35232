// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference of two shares. Every method reports the Wald comparison of `z_unpooled` (variance
// p(1 - p)/n per arm, normal reference) and replaces the part it is about: `z_pooled` the test;
// `newcombe` (1998, method 10) and `agresti_caffo` (2000) the interval; `miettinen_nurminen` (1985)
// both, by inverting the score test; `fisher`, `barnard`, `boschloo`, `chi_squared` and `g_test`
// the p-value, without continuity correction. A null value or a margin needs a method whose test
// can shift: z_unpooled, newcombe, agresti_caffo, miettinen_nurminen (z_pooled: null value only).
// The odds and risk ratio have Wald intervals on the log scale, NaN with an empty cell.

#include <string>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/sample.h"

namespace descant::stats {

struct ProportionComparison {
  Comparison comparison;
  EffectInterval odds_ratio;  // standard_error is that of the logarithm
  EffectInterval risk_ratio;
};

Result<ProportionComparison> proportion_difference(const SuccessCount& control,
                                                   const SuccessCount& treatment,
                                                   const std::string& method,
                                                   const ComparisonOptions& options);

}  // namespace descant::stats
