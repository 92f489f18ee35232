// SPDX-License-Identifier: Apache-2.0
#pragma once

// Do two experiments that ran on the same units change each other's effect? The four cells are
// named by the arm of the first and of the second experiment. The interaction is the difference of
// differences (treatment_treatment - treatment_control) - (control_treatment - control_control): as
// a comparison, `control` is the second experiment's effect in the first one's control arm and
// `treatment` that in its treatment arm. Its variance is the sum of the four cells'; the reference
// is t with the Welch-Satterthwaite degrees of freedom of the four, or normal for shares.
// `relative` is the difference of the two relative effects, by the delta method; it is undefined
// with a zero control cell. A cell with too few units gives NaN and a warning.

#include "base/result.h"
#include "stats/comparison/outcome.h"

namespace descant::stats {

struct InteractionCells {
  Sample control_control;
  Sample control_treatment;
  Sample treatment_control;
  Sample treatment_treatment;
};

struct CellEstimates {
  ArmEstimate control_control;
  ArmEstimate control_treatment;
  ArmEstimate treatment_control;
  ArmEstimate treatment_treatment;
};

struct Interaction {
  Comparison comparison;
  CellEstimates cells;
};

// The four moments by the same names, for callers that have no samples.
struct CellOutcomes {
  ArmOutcome control_control;
  ArmOutcome control_treatment;
  ArmOutcome treatment_control;
  ArmOutcome treatment_treatment;
};

Result<Interaction> interaction(const CellOutcomes& cells, const ComparisonOptions& options);
Result<Interaction> interaction(const InteractionCells& cells, const ComparisonOptions& options);

void describe(Describer& d, InteractionCells& cells);
void describe(Describer& d, CellEstimates& cells);

}  // namespace descant::stats
