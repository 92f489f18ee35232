// SPDX-License-Identifier: Apache-2.0
#include "operations/define.h"
#include "stats/causal/average_treatment_effect.h"
#include "stats/causal/difference_in_differences.h"
#include "stats/causal/instrumental_variables.h"
#include "stats/causal/interleaving.h"
#include "stats/causal/switchback.h"
#include "stats/heterogeneity/heterogeneous_effects.h"

namespace descant::operations {

std::vector<Operation> causal_operations() {
  constexpr std::string_view kGroup = "causal";
  return {
      define<stats::DifferenceInDifferencesRequest, stats::DifferenceInDifferences,
             stats::difference_in_differences>(
          "difference_in_differences", kGroup,
          "Compares changes of treated units with changes of others, at one date or many."),
      define<stats::AverageTreatmentEffectRequest, stats::AverageTreatmentEffect,
             stats::average_treatment_effect>(
          "average_treatment_effect", kGroup,
          "Estimates an effect from rows that were not randomised, by weights and regression."),
      define<stats::InstrumentalVariablesRequest, stats::InstrumentalVariables,
             stats::instrumental_variables>(
          "instrumental_variables", kGroup,
          "Estimates the effect of what was taken up by what only moved the take-up."),
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
