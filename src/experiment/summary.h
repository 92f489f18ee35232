// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who took part in an experiment and who was left out, in words: the head of every result.

#include <cstdint>
#include <optional>
#include <vector>

#include "experiment/analyze.h"
#include "experiment/result.h"
#include "folds/unit_table.h"

namespace descant::experiment {

// `arms`: exposed units (clusters, where those were randomised) by arm. Reasons that left out
// nobody are not listed.
ExperimentSummary summarise(const AnalysisPlan& plan, const folds::UnitTable& units,
                            const std::vector<std::int64_t>& arms,
                            const std::optional<folds::ExposureCounts>& exposure);

}  // namespace descant::experiment
