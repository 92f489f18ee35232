// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which adjustment moved which interval: the analysis from the plain difference in means or ratios
// to the one that decides, one adjustment at a time, in the order in which they are applied. Each
// step is the whole analysis with the later adjustments off, so the last one is the result itself.
// Adjustments that the definition does not ask for have no step. Undefined numbers are NaN and come
// with a warning.

#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/readout.h"

namespace descant::experiment {

struct ExplainedStep {
  std::string name;     // difference | cap | covariates
  std::string message;  // what it did, as a sentence
  std::string method;
  stats::EffectInterval absolute;
  stats::EffectInterval relative;
  double p_value = stats::kUndefined;  // of no difference, two-sided; NaN before the planned end
  double width_change = stats::kUndefined;  // of the absolute interval, against the step before
};

struct ExplainedMetric {
  std::string name;
  std::string treatment;
  std::string role;
  std::string unit;
  std::string type;
  std::vector<ExplainedStep> steps;
};

struct Explanation {
  std::string experiment;
  std::string as_of;
  double confidence_level = stats::kUndefined;
  std::vector<ExplainedMetric> metrics;
  Warnings warnings;
};

// `metric`: only this one; empty: all.
Result<Explanation> explain(const UnitReadout& readout, const std::string& metric,
                            std::size_t threads);

void describe(Describer& d, ExplainedStep& step);
void describe(Describer& d, ExplainedMetric& metric);
void describe(Describer& d, Explanation& explanation);

}  // namespace descant::experiment
