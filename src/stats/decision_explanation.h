// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sentence that explains a decision to people: the verdict first, then the metrics that decide
// it with their p-values and what was needed. Pure text; it never changes the verdict.

#include <string>

#include "stats/decision.h"
#include "stats/decision_rule.h"

namespace descant::stats {

std::string explain(const Decision& decision, const RuleNode& rule);

}  // namespace descant::stats
