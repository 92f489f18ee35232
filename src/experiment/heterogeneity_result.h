// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether an effect differs between people: by each segment dimension, and between the groups of an
// honest tree over all of them. What a reader is told about single segments stands beside their
// effects (SegmentEffect in result.h). All of it explores: the decision rests on none of it.
// Undefined numbers are NaN and come with a warning.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stats/heterogeneity/causal_tree.h"
#include "stats/heterogeneity/segment_effects.h"

namespace descant::experiment {

struct EffectTree {
  std::uint64_t seed = 0;  // of the honest halves
  std::vector<stats::TreeNode> nodes;
};

struct Heterogeneity {
  std::string scale;  // relative | absolute: of the dimensions' numbers and the shrunk effects
  std::vector<stats::DimensionFinding> dimensions;
  std::optional<EffectTree> tree;
  std::string tree_left_out;  // why there is none
  std::string message;        // for people
  Warnings warnings;
};

void describe(Describer& d, EffectTree& tree);
void describe(Describer& d, Heterogeneity& heterogeneity);

}  // namespace descant::experiment
