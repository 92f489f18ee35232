// SPDX-License-Identifier: Apache-2.0
#pragma once

// Effects by day since exposure of an experiment read from its timelines, and their trend. Taken
// are metrics whose days add up to something on their own: sums, counts, distinct counts, whether
// there was an event, and ratios of these; others are left as they are. Rows are whole days inside
// the metric's window that a tenth of the units have completed by the as-of, at most 56; the trend
// spans those that half of the units have completed. One scan over the events, a second for ratios.

#include "base/result.h"
#include "experiment/readout.h"

namespace descant::experiment {

Result<void> add_days_since_exposure(const definitions::Project& project,
                                     const timelines::Store& store, const UnitReadout& readout,
                                     std::size_t threads, ExperimentResult& result);

}  // namespace descant::experiment
