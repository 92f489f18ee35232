// SPDX-License-Identifier: Apache-2.0
#pragma once

// P-values adjusted for being one of many: `rejected` is adjusted <= alpha. Family-wise error:
// bonferroni, sidak, holm (1979), holm_sidak, hochberg (1988), hommel (1988, by Wright 1992).
// False discovery rate: benjamini_hochberg (1995), benjamini_yekutieli (2001), storey (2002; the
// share of true nulls is estimated above `lambda`). Results are in the order given, at most 1, and
// monotone where the method is. A p-value outside [0, 1] is an error naming its position; no
// p-values give empty lists. Hommel's method takes quadratic time and at most kMostHommel values.

#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

inline constexpr std::size_t kMostHommel = 20'000;

struct AdjustPValuesRequest {
  std::vector<double> p_values;
  std::string method = "holm";
  double alpha = 0.05;
  double lambda = 0.5;  // storey
};

struct AdjustPValuesResult {
  std::string method;
  std::vector<double> adjusted;
  std::vector<bool> rejected;
  double true_null_share = kUndefined;  // estimated by storey
  Warnings warnings;
};

Result<AdjustPValuesResult> adjust_p_values(const AdjustPValuesRequest& request);

void describe(Describer& d, AdjustPValuesRequest& request);
void describe(Describer& d, AdjustPValuesResult& result);

}  // namespace descant::stats
