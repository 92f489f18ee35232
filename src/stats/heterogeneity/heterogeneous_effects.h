// SPDX-License-Identifier: Apache-2.0
#pragma once

// Effects by segment from unit rows: the comparison in every value of every dimension (Welch, the
// delta method for a ratio, CUPED with a covariate), what segment_findings and causal_tree say of
// them, and the comparison of all units. The tree reads a ratio linearised at each arm's own value
// and an adjusted outcome less theta times the covariate. Columns of different lengths, a null
// outcome and more than 65,535 values of a dimension are errors; a missing covariate is replaced by
// the mean of those present and counted in a warning.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/heterogeneity/causal_tree.h"
#include "stats/heterogeneity/segment_effects.h"

namespace descant::stats {

struct HeterogeneousEffectsRequest {
  std::vector<Json> arm;
  std::vector<double> outcome;
  std::optional<std::vector<double>> denominator;
  std::optional<std::vector<std::optional<double>>> covariate;
  std::map<std::string, std::vector<Json>> segments;
  std::optional<Json> control;
  double confidence_level = 0.95;
  double alpha = 0.05;
  CausalTreeOptions tree;
};

struct SegmentResult {
  std::string dimension;
  std::string value;
  Comparison comparison;
  SegmentFinding finding;
};

struct HeterogeneousEffects {
  Comparison overall;
  std::vector<SegmentResult> segments;
  std::vector<DimensionFinding> dimensions;
  CausalTree tree;
};

Result<HeterogeneousEffects> heterogeneous_effects(const HeterogeneousEffectsRequest& request);

void describe(Describer& d, HeterogeneousEffectsRequest& request);
void describe(Describer& d, SegmentResult& segment);
void describe(Describer& d, HeterogeneousEffects& result);

}  // namespace descant::stats
