// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who would have been exposed, and when, had the experiment run over a period of the past: every
// unit at its first event in [begin, end) of any of the fact tables. All are in arm 0; `arms` only
// sizes the counts. Units are in ascending order.

#include <memory>
#include <vector>

#include "base/result.h"
#include "folds/exposure.h"
#include "timelines/store.h"

namespace descant::experiment {

folds::Exposures historic_exposures(
    const std::vector<std::shared_ptr<const timelines::TableView>>& facts, Instant begin,
    Instant end, std::size_t arms);

}  // namespace descant::experiment
