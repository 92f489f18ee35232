// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a segment of an experiment refers to: a dimension of a dimension table of the randomised
// entity, or of a fact table that the experiment's metrics use. `platform` finds the one table that
// has it; `plays.platform` names the table. Of a checked project every segment has exactly one
// source.

#include <string>
#include <string_view>
#include <vector>

#include "definitions/project.h"

namespace descant::definitions {

struct SegmentSource {
  std::string table;
  std::string dimension;
  bool is_fact_table = false;
  bool operator==(const SegmentSource&) const = default;
};

// Every dimension that the experiment may be segmented by; dimension tables first. Names that do
// not resolve contribute nothing.
std::vector<SegmentSource> possible_segments(const Project& project, const Experiment& experiment);

// Those that `segment` may mean: one in a checked project.
std::vector<SegmentSource> segment_sources(const Project& project, const Experiment& experiment,
                                           std::string_view segment);

}  // namespace descant::definitions
