// SPDX-License-Identifier: Apache-2.0
#pragma once

// An A/A test of a comparison on given rows: the rows (or whole clusters, where they have one) are
// re-randomised into two arms again and again, which makes the null hypothesis true, and the
// method's p-values are held against alpha; with planted effects the same gives power. Methods on
// moments take the fast way of rerandomise.h; those on rows (ranks, quantiles) split them each
// time. The interval of a rate says how far chance goes in so many replicates; it knows nothing of
// other populations than these rows. Missing covariates are filled as adjusted_difference does.
// Wrong options, and row methods on more than 2e9 rows in all replicates, are errors naming the
// field; too few rows give NaN and a warning.

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/parallel.h"
#include "base/result.h"
#include "stats/resampling/calibration.h"
#include "stats/sample.h"

namespace descant::stats {

struct FalsePositiveRateRequest {
  Sample units;
  std::string method = "welch";
  double quantile = 0.5;
  std::int64_t replicates = 1000;
  std::uint64_t seed = 1;
  double alpha = 0.05;
  std::string alternative = "two_sided";
  double treatment_share = 0.5;
  std::vector<double> effects;
  std::string effect_scale = "relative";  // relative | absolute
  double confidence_level = 0.95;
};

struct PowerAtEffect {
  double effect = kUndefined;
  RejectionRate power;
};

struct FalsePositiveRateResult {
  std::string method;
  std::int64_t replicates = 0;  // with a defined p-value
  double alpha = kUndefined;
  RejectionRate rate;
  bool calibrated = false;
  Uniformity uniformity;
  std::vector<std::int64_t> histogram;
  std::vector<PowerAtEffect> effects;
  Warnings warnings;
};

Result<FalsePositiveRateResult> false_positive_rate(const FalsePositiveRateRequest& request,
                                                    const Watch& watch);
Result<FalsePositiveRateResult> false_positive_rate(const FalsePositiveRateRequest& request);

void describe(Describer& d, FalsePositiveRateRequest& request);
void describe(Describer& d, PowerAtEffect& power);
void describe(Describer& d, FalsePositiveRateResult& result);

}  // namespace descant::stats
