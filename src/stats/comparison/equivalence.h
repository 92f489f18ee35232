// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two one-sided tests (TOST; Schuirmann 1987): the difference is shown to lie strictly between
// -lower_margin and upper_margin when both H0: difference <= -lower_margin and H0: difference >=
// upper_margin are rejected, so the p-value is the larger of the two. Margins are positive numbers,
// absolute or shares of the control; a relative margin is tested exactly on m_T - (1 - lower) m_C
// and m_T - (1 + upper) m_C with both variances. Too few units or no variance: NaN and a warning. A
// margin that is not positive, or that is 1 or more of a share, is an error naming it.

#include <string>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/compare.h"

namespace descant::stats {

struct EquivalenceMargins {
  double lower = kUndefined;
  double upper = kUndefined;
};

struct OneSidedTest {
  double statistic = kUndefined;
  double degrees_of_freedom = kUndefined;
  double p_value = kUndefined;
};

struct EquivalenceResult {
  Comparison comparison;  // statistic and p_value: of the test with the larger p-value
  OneSidedTest lower_test;
  OneSidedTest upper_test;
  EffectInterval equivalence_interval;  // of level 1 - 2 alpha, on the margins' scale
  bool equivalent = false;              // p <= alpha = 1 - confidence_level
};

// Takes confidence_level, margin_scale and relative_method of the options.
Result<EquivalenceResult> equivalence_test(const EstimatePair& pair,
                                           const EquivalenceMargins& margins,
                                           const ComparisonOptions& options);

void describe(Describer& d, OneSidedTest& test);

}  // namespace descant::stats
