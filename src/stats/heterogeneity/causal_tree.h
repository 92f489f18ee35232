// SPDX-License-Identifier: Apache-2.0
#pragma once

// An honest causal tree over segment columns (Athey and Imbens 2016, PNAS 113): a seeded half of
// the units grows the tree, the other half estimates its leaves, so that their intervals hold as if
// the tree had been given. A node's values of a dimension are ordered by their effect and cut where
// the honest criterion (their section 3.3: squared effects less the variance of estimating them in
// both halves) gains most. Where the paper prunes by cross-validation, a node is cut only along
// dimensions whose effects differ there by Cochran's Q, Bonferroni over dimensions, at `alpha`:
// without heterogeneity all but a share alpha of trees are a single node. Each child keeps at least
// `minimum_leaf` units of each arm in each half. The result depends on the seed and the order of
// the rows only. Time is rows x dimensions x depth. Codes outside the labels are an error.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/heterogeneity/segment_effects.h"

namespace descant::stats {

struct TreeDimension {
  std::string name;
  std::span<const std::uint16_t> codes;  // by unit, below labels.size()
  std::vector<std::string> labels;
};

struct CausalTreeOptions {
  std::int64_t maximum_depth = 3;
  std::int64_t minimum_leaf = 100;
  double alpha = 0.05;
  double confidence_level = 0.95;
  std::uint64_t seed = 0;
};

struct TreeCondition {
  std::string dimension;
  std::vector<std::string> values;
};

// Counts and estimates are those of the estimating half.
struct TreeNode {
  std::optional<std::int64_t> parent;  // none: the root
  std::int64_t depth = 0;
  bool leaf = true;
  std::vector<TreeCondition> conditions;  // one for each dimension cut on the way to the node
  std::int64_t n_control = 0;
  std::int64_t n_treatment = 0;
  EffectInterval effect;
  double p_value = kUndefined;
};

struct CausalTree {
  std::vector<TreeNode> nodes;  // level by level
  DimensionFinding leaves;      // do the leaves' effects differ?
};

// `arms` holds 0 for control, 1 for treatment; `outcome` may be linearised or adjusted before.
Result<CausalTree> causal_tree(std::span<const TreeDimension> dimensions,
                               std::span<const std::uint8_t> arms, std::span<const double> outcome,
                               const CausalTreeOptions& options, std::size_t threads = 0);

void describe(Describer& d, CausalTreeOptions& options);
void describe(Describer& d, TreeCondition& condition);
void describe(Describer& d, TreeNode& node);
void describe(Describer& d, CausalTree& tree);

}  // namespace descant::stats
