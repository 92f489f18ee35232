// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one aggregation of a metric takes from the timelines of its fact table: the measure's column
// and the condition's, found by name. The window and where the values go are the caller's. A column
// that the timelines lack, or that does not fit the aggregate, is an error that says to refresh.

#include <string>

#include "base/result.h"
#include "definitions/project.h"
#include "folds/unit_values.h"
#include "timelines/store.h"

namespace descant::experiment {

Result<folds::ValuePart> value_part(const timelines::TableView& view,
                                    const definitions::Metric& metric,
                                    const definitions::Aggregation& aggregation);

// The timelines are not what the definitions ask for.
Error stale_timelines(const std::string& what, const std::string& where);

}  // namespace descant::experiment
