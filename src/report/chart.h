// SPDX-License-Identifier: Apache-2.0
#pragma once

// Charts of an experiment as Vega-Lite specifications, complete with data, so that any Vega-Lite
// renderer draws them. Effects are shares (0.01 is 1%), of control when relative. Colours are the
// page's CSS variables (`var(--passed)`), so that light, dark and print follow the page. An effect
// that is undefined is left out of a chart; a specification without anything to draw is null.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "experiment/result.h"

namespace descant::report {

// Position of a margin on the axis of relative effects, on the side where harm lies. An absolute
// margin is placed by the control estimate.
std::optional<double> margin_position(const experiment::MetricResult& metric);

// One row per metric: interval, estimate, and the margin of a guardrail.
Json effects_chart(const std::vector<const experiment::MetricResult*>& metrics);

// Effect of one metric by day, with its interval band.
Json days_chart(const experiment::MetricResult& metric);

// Effect of one metric in every value of one segment dimension, beside the overall effect.
// By days since each unit's own exposure.
Json since_exposure_chart(const experiment::MetricResult& metric);
Json segments_chart(const experiment::MetricResult& metric, const std::string& dimension);

}  // namespace descant::report
