// SPDX-License-Identifier: Apache-2.0
#pragma once

// An adjusted comparison of two samples whose columns are addressed by name: the outcome and each
// covariate is a column, or {numerator, denominator}. Raw samples call their outcome `values`, or
// `numerator` and `denominator`, and need not name it. A missing covariate is replaced by the mean
// of those present in both arms, gets an indicator as a further covariate, and is counted in a
// warning. Unknown columns are errors naming the nearest one.

#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/adjusted_difference.h"
#include "stats/sample.h"

namespace descant::stats {

struct SampleAdjustment {
  Json outcome;
  std::vector<Json> covariates;
  std::string method = "cuped";  // cuped | cuped_per_arm | lin
  bool robust = false;           // lin: HC2 errors from raw rows
};

struct AdjustedSamples {
  AdjustedComparison adjusted;
  std::vector<std::string> covariates;  // as used, in the order of the coefficients
};

Result<AdjustedSamples> adjusted_samples(const Sample& control, const Sample& treatment,
                                         const SampleAdjustment& adjustment,
                                         const ComparisonOptions& options);

void describe(Describer& d, SampleAdjustment& adjustment);

}  // namespace descant::stats
