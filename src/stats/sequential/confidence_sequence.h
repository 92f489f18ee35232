// SPDX-License-Identifier: Apache-2.0
#pragma once

// Intervals and p-values of one comparison that stay valid over looks nobody planned, by the
// methods of stats/sequential/monitoring.h: asymptotic confidence sequence, GAVI, mSPRT, YEAST and
// fixed-power stopping. Looks are samples or estimates (stats/sequential/look_input.h); one pair of
// arms is one look. A missing parameter of the method, or one it does not use, is an error.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/sequential/look_input.h"

namespace descant::stats {

struct ConfidenceSequenceRequest {
  LookInput pair;  // instead of looks
  std::vector<LookInput> looks;
  std::string method = "asymptotic";
  std::optional<double> confidence_level;
  std::optional<double> alpha;
  std::string alternative = "auto";  // two_sided, but greater for yeast
  double null_value = 0;
  std::string effect_scale = "absolute";
  MonitoringMethod parameters;  // those of the methods
};

struct SequenceLook {
  double n = kUndefined;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  MonitoredResult result;
};

struct ConfidenceSequenceResult {
  std::string method;
  std::string alternative;
  double alpha = kUndefined;
  std::vector<SequenceLook> looks;
  std::optional<std::int64_t> first_crossed_look;  // from 1
  Warnings warnings;
};

Result<ConfidenceSequenceResult> confidence_sequence(const ConfidenceSequenceRequest& request);

void describe(Describer& d, ConfidenceSequenceRequest& request);
void describe(Describer& d, SequenceLook& look);
void describe(Describer& d, ConfidenceSequenceResult& result);

}  // namespace descant::stats
