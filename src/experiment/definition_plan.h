// SPDX-License-Identifier: Apache-2.0
#pragma once

// From an experiment's definition to what the analysis needs: the plan (roles, margins, caps,
// shares), the arms with control first, and where each segment's values come from. The definitions
// are taken as checked; see definitions/load.h.

#include <string>
#include <vector>

#include "definitions/project.h"
#include "experiment/analyze.h"

namespace descant::experiment {

AnalysisPlan plan_of(const definitions::Project& project,
                     const definitions::Experiment& experiment);

std::vector<std::string> variants_control_first(const definitions::Experiment& experiment);

// A segment is a dimension of a dimension table of the entity, or else of a fact table of the
// experiment's metrics; `table.dimension` says which.
struct SegmentSource {
  std::string table;
  std::string dimension;
  bool from_dimension_table = false;
};
SegmentSource find_segment(const definitions::Project& project,
                           const definitions::Experiment& experiment, const std::string& segment);

}  // namespace descant::experiment
