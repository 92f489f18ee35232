// SPDX-License-Identifier: Apache-2.0
#pragma once

// A metric as a person states it for a table of units, turned into the plan's terms: role and
// direction by name, a margin of 1%, 1pp or a number in the metric's unit, a cap of a value or
// p99.9. Everything wrong with it is an error that names the metric and the known values.

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/unit_file.h"

namespace descant::experiment {

Result<MetricPlan> plan_unit_metric(const UnitMetric& metric);

}  // namespace descant::experiment
