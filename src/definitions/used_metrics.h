// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every metric that an experiment needs values of: those it compares, the further covariates, and
// those its design names. In that order, each once.

#include <string>
#include <vector>

#include "definitions/project.h"

namespace descant::definitions {

std::vector<std::string> used_metrics(const Experiment& experiment);

}  // namespace descant::definitions
