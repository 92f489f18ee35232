// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/causal/interleaving.h"
#include "stats/causal/switchback.h"
#include "stats/heterogeneity/heterogeneous_effects.h"

namespace descant::operations {

std::vector<Operation> causal_operations() {
  constexpr std::string_view kGroup = "causal";
  return {
      define<stats::SwitchbackRequest, stats::SwitchbackResult, stats::switchback_of_rows>(
          "switchback", kGroup, "Compares arms that take turns in time, by bucket."),
      define<stats::InterleavingRequest, stats::InterleavingResult, stats::interleaving_of_rows>(
          "interleaving", kGroup, "Compares two rankers shown in one list, by credited wins."),
      define<stats::HeterogeneousEffectsRequest, stats::HeterogeneousEffects,
             stats::heterogeneous_effects>(
          "heterogeneous_effects", kGroup,
          "Finds segments whose effects differ: Q, false discovery rate, shrinkage, a tree."),
  };
}

}  // namespace descant::operations
