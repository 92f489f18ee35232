// SPDX-License-Identifier: Apache-2.0
#include "experiment/heterogeneity_result.h"

namespace descant::experiment {

void describe(Describer& d, EffectTree& tree) {
  d.field(tree.seed, {.name = "seed", .doc = "of the halves that grow and estimate the tree"});
  d.field(tree.nodes,
          {.name = "nodes",
           .doc = "level by level, the root first; effects are absolute, of the estimating half"});
}

void describe(Describer& d, Heterogeneity& heterogeneity) {
  d.field(heterogeneity.scale, {.name = "scale",
                                .doc = "of the dimensions' numbers and of the shrunk effects",
                                .choices = {"relative", "absolute"}});
  d.field(heterogeneity.dimensions,
          {.name = "dimensions", .doc = "whether the effect differs by each of them"});
  d.field(heterogeneity.tree,
          {.name = "tree",
           .doc = "groups of segments whose effects differ, found and estimated on separate halves",
           .omit_when_empty = true});
  d.field(heterogeneity.tree_left_out,
          {.name = "tree_left_out", .doc = "why there is no tree", .omit_when_empty = true});
  d.field(heterogeneity.message, {.name = "message", .doc = "what it means, in sentences"});
  d.field(heterogeneity.warnings,
          {.name = "warnings", .doc = "what is undefined and why", .omit_when_empty = true});
}

}  // namespace descant::experiment
