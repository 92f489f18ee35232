// SPDX-License-Identifier: Apache-2.0
#pragma once

// From two arms' estimates and their joint sampling variance to a whole Comparison: absolute and
// relative interval, statistic and p-value, or the margin test. Every comparison that rests on a
// normal or t distribution ends here, so the conventions exist once. The relative interval is by
// the delta method, by Fieller ("Some problems in interval estimation", JRSS B 1954), or on the log
// scale; a relative margin is tested on m_T - (1 -+ margin) m_C with both variances. An undefined
// or zero variance gives NaN and a warning; an unknown option value is an error naming the field.

#include <string>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

// How the scaled sum of the arms' variances is distributed.
struct ReferenceDistribution {
  enum class Kind { kNormal, kPooled, kWelch };
  Kind kind = Kind::kNormal;
  // Welch: the independent parts of the effect's variance, which add up with their own degrees of
  // freedom. Pooled: only the sum of the degrees of freedom counts.
  double control_variance = kUndefined;
  double treatment_variance = kUndefined;
  double control_degrees = kUndefined;
  double treatment_degrees = kUndefined;

  // Degrees of freedom of `treatment - scale * control`; NaN for the normal distribution.
  double degrees_of_freedom(double scale = 1.0) const;
};

struct EstimatePair {
  std::string method;
  ArmEstimate control;
  ArmEstimate treatment;
  // Joint sampling variance of the two estimates; covariance is 0 without adjustment.
  double control_variance = kUndefined;
  double treatment_variance = kUndefined;
  double covariance = 0.0;
  ReferenceDistribution reference;
  Warnings warnings;
};

Result<void> check_options(const ComparisonOptions& options);

// Quantile that an interval at the options' level and alternative needs.
double interval_quantile(const ComparisonOptions& options, double degrees_of_freedom);
// Opens the end of an interval that a one-sided alternative does not bound.
void open_unbounded_end(EffectInterval& interval, const ComparisonOptions& options);
double p_value_of(double statistic, double degrees_of_freedom, const std::string& alternative);

Result<Comparison> compare(const EstimatePair& pair, const ComparisonOptions& options);

}  // namespace descant::stats
