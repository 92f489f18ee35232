// SPDX-License-Identifier: Apache-2.0
#pragma once

// From an experiment's definition to what the analysis needs: the plan (roles, margins, caps,
// shares) and the arms with control first. The definitions are taken as checked; see
// definitions/load.h.

#include <string>
#include <vector>

#include "definitions/project.h"
#include "experiment/analyze.h"

namespace descant::experiment {

AnalysisPlan plan_of(const definitions::Project& project,
                     const definitions::Experiment& experiment);

// Whether metrics are adjusted by their own values before exposure. The buckets of a switchback are
// not: before them another variant held; nor are picks.
bool has_own_covariates(const definitions::Experiment& experiment);

std::vector<std::string> variants_control_first(const definitions::Experiment& experiment);

}  // namespace descant::experiment
