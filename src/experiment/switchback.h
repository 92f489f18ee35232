// SPDX-License-Identifier: Apache-2.0
#pragma once

// A switchback over timelines: the whole of an entity, such as a market, changes variant over time.
// Its assignment rows say which variant holds from when on. The units are the entity's buckets of
// time; a bucket counts when one variant holds from `carryover` before its start to its end. The
// clusters are the stretches between switches, because buckets that follow one another are alike:
// the analysis is that of a cluster-randomised experiment (stats/causal/switchback.h says more).

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "folds/exposure.h"
#include "timelines/store.h"

namespace descant::experiment {

struct SwitchbackUnits {
  folds::Exposures buckets;            // `at` is a bucket's start
  std::vector<std::uint32_t> stretch;  // by bucket, numbered from 0
  std::uint64_t carryover = 0;         // buckets left out within carry-over of a switch
  std::uint64_t switched = 0;          // buckets left out because the variant changed within them
};

// Buckets from `begin` on that end by `end`. Rows of undeclared variants are counted; the time they
// hold belongs to no bucket.
Result<SwitchbackUnits> switchback_units(const timelines::TableView& assignments,
                                         const folds::ExposureRequest& request,
                                         const definitions::Design& design);

}  // namespace descant::experiment
