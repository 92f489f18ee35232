// SPDX-License-Identifier: Apache-2.0
#pragma once

// A group-sequential test as its looks come in: the bounds of group_sequential_bounds beside each
// look's statistic, with repeated p-values and intervals that hold at every look (Jennison and
// Turnbull 2000, chapter 9), and at the stop the median-unbiased estimate, interval and p-value of
// stage-wise ordering. `information` may list looks still to come. The last look may overrun
// information 1: it spends what is left. A look without a standard error above 0 tests nothing and
// brings a warning. More estimates than information, or lists of different lengths, are errors.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/look_input.h"

namespace descant::stats {

struct GroupSequentialAnalysisRequest {
  GroupSequentialBoundsRequest bounds;
  std::vector<double> estimates;
  std::vector<double> standard_errors;
  std::vector<LookInput> looks;         // instead of the two lists
  std::string alternative = "greater";  // of a one-sided test: greater | less
  double null_value = 0;
  std::string effect_scale = "absolute";
};

struct IntervalEnds {
  double lower = kUndefined;
  double upper = kUndefined;
};

struct AnalysisLook {
  double information = kUndefined;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double statistic = kUndefined;
  double lower = kUndefined;  // bounds of the statistic
  double upper = kUndefined;
  double alpha_spent = kUndefined;
  double nominal_p = kUndefined;
  bool crossed = false;
  bool futility_crossed = false;
  double repeated_p_value = kUndefined;
  IntervalEnds repeated_interval;
};

struct GroupSequentialAnalysisResult {
  std::string method;
  std::vector<AnalysisLook> looks;
  bool stopped = false;
  std::optional<std::int64_t> stopped_at_look;  // from 1
  std::string stop_reason = "none";             // none | crossed | futility | end
  double median_unbiased_estimate = kUndefined;
  IntervalEnds stage_wise_interval;
  double stage_wise_p_value = kUndefined;
  Warnings warnings;
};

Result<GroupSequentialAnalysisResult> group_sequential_analysis(
    const GroupSequentialAnalysisRequest& request);

void describe(Describer& d, GroupSequentialAnalysisRequest& request);
void describe(Describer& d, IntervalEnds& interval);
void describe(Describer& d, AnalysisLook& look);
void describe(Describer& d, GroupSequentialAnalysisResult& result);

}  // namespace descant::stats
