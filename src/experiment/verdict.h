// SPDX-License-Identifier: Apache-2.0
#pragma once

// The decision on one treatment, by the rule of stats/decision.h: the metrics' one-sided tests, and
// the sample-ratio and pre-exposure checks as its quality tests. Fills in what the decision says of
// each metric (level used, verdict) and gives the reasons as sentences. Nothing is tested anew.

#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/effects.h"

namespace descant::experiment {

struct Verdict {
  TreatmentDecision decision;
  double power_planned = stats::kUndefined;  // of the success and guardrail tests
};

// `effects`: one for each metric, all of `treatment`. `checks`: of the whole experiment.
Result<Verdict> decide_treatment(const AnalysisPlan& plan, const std::string& treatment,
                                 std::size_t treatments, bool complete,
                                 std::span<MetricEffect> effects, std::span<const Check> checks);

}  // namespace descant::experiment
