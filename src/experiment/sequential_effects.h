// SPDX-License-Identifier: Apache-2.0
#pragma once

// The experiment's sequential method over the effect by day: looks are the ends of complete local
// days (or weeks), so that a partial last day changes nothing and a day's row is the same today and
// later. Group-sequential alpha is spent by planned days or planned units, while the correlation of
// the looks comes from the observed information: sqrt(I_j / I_k) for windowed metrics. The units of
// an open-ended metric go on contributing, so its correlation is estimated from each unit's values
// at all looks. Tests are one-sided at the decision rule's alpha of the metric; deterioration is
// watched the same way at its own. Replaces the p-values that the decision rests on.

#include <span>

#include "base/result.h"
#include "experiment/effects.h"

namespace descant::experiment {

bool is_sequential(const AnalysisPlan& plan);

// `effects`: one for each metric, all of `treatment`. Adds warnings of methods that cannot run.
Result<void> watch_effects(const AnalysisPlan& plan, const folds::UnitTable& units,
                           std::size_t treatment, std::size_t threads,
                           std::vector<MetricEffect>& effects, Warnings& warnings);

}  // namespace descant::experiment
