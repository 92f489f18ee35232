// SPDX-License-Identifier: Apache-2.0
#pragma once

// Does the effect differ between segments? From one effect and standard error for each value of
// each dimension: Cochran's Q and I^2 by dimension (its values are disjoint, so their effects are
// independent); Benjamini-Hochberg over the segments' p-values, and over those of Q; and each
// effect shrunk towards its dimension's mean by the normal empirical Bayes of Efron and Morris
// (1975, JASA 70), whose prior variance is DerSimonian and Laird's (1986) and whose intervals carry
// the mean's uncertainty (Morris 1983, JASA 78, without its correction for few segments). Effects
// without a positive standard error take no part and get NaN; a dimension with fewer than two
// effects has no Q.

#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct SegmentEffect {
  std::string dimension;
  std::string value;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double p_value = kUndefined;
};

struct SegmentFinding {
  double adjusted_p_value = kUndefined;
  bool rejected = false;
  EffectInterval shrunk;
};

struct DimensionFinding {
  std::string dimension;
  std::int64_t segments = 0;  // that took part
  double q = kUndefined;
  double degrees_of_freedom = kUndefined;
  double p_value = kUndefined;
  double adjusted_p_value = kUndefined;
  bool rejected = false;
  double i_squared = kUndefined;
  double tau_squared = kUndefined;  // variance of the true effects
  double mean_effect = kUndefined;  // that effects are shrunk to
};

struct SegmentFindings {
  std::vector<SegmentFinding> segments;      // in the order given
  std::vector<DimensionFinding> dimensions;  // in the order of first appearance
};

struct SegmentFindingOptions {
  double alpha = 0.05;  // false discovery rate
  double confidence_level = 0.95;
};

Result<SegmentFindings> segment_findings(const std::vector<SegmentEffect>& effects,
                                         const SegmentFindingOptions& options);

void describe(Describer& d, DimensionFinding& finding);

}  // namespace descant::stats
