// SPDX-License-Identifier: Apache-2.0
#pragma once

// How several treatments share alpha in a decision. Bonferroni divides it between them. Holm (1979)
// and Dunnett (1955, with the correlation that a shared control brings) adjust each metric's
// one-sided p-values over the treatments instead, and each is then held against the whole alpha.
// Deterioration and quality tests are not shared out: a harm in any arm counts by itself.

#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/effects.h"

namespace descant::experiment {

// `effects`: [treatment][metric]. Replaces the success and guardrail tests' p-values and notes them
// in the results. Returns what alpha is still divided by. NaN p-values stay and count nowhere.
Result<std::size_t> share_alpha(definitions::SeveralTreatments method,
                                std::vector<std::vector<MetricEffect>>& effects);

}  // namespace descant::experiment
