// SPDX-License-Identifier: Apache-2.0
#pragma once

// An interleaving experiment: every unit sees both variants mixed, and what it picks is credited to
// the variant that put it there. The units' credit for the treatment less that for control is the
// one metric, `preference`, tested as stats/causal/interleaving.h says, and decided by the rule of
// every experiment. The table holds two metrics, the picks credited to control and to treatment.

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/result.h"
#include "folds/unit_table.h"

namespace descant::experiment {

inline constexpr const char* kPreference = "preference";

Result<ExperimentResult> analyze_interleaving(const AnalysisPlan& plan,
                                              const folds::UnitTable& units,
                                              const std::optional<folds::ExposureCounts>& exposure,
                                              std::size_t threads);

}  // namespace descant::experiment
