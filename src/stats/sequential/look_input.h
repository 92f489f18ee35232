// SPDX-License-Identifier: Apache-2.0
#pragma once

// One look of a request: the two arms' samples so far, or the estimate with its standard error and
// the units it rests on. Samples give the difference of means or ratios, treatment minus control,
// absolute or relative, with each arm's own variance, and n of both arms. Half a pair, both forms,
// or neither is an error naming the field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/sample.h"
#include "stats/sequential/monitoring.h"

namespace descant::stats {

struct LookInput {
  std::optional<Sample> control;
  std::optional<Sample> treatment;
  std::optional<double> n;
  std::optional<double> estimate;
  std::optional<double> standard_error;
};

// effect_scale: absolute | relative; relative needs samples.
Result<std::vector<MonitoredLook>> looks_of(const std::vector<LookInput>& inputs,
                                            const std::string& effect_scale);

void describe(Describer& d, LookInput& look);
void describe_effect_scale(Describer& d, std::string& effect_scale);

}  // namespace descant::stats
