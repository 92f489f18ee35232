// SPDX-License-Identifier: Apache-2.0
#pragma once

// Do two experiments that ran on the same units change each other's effect? Over the units exposed
// to both: for every metric of the first, the effect of its treatment among the treated of the
// second less that among the second's control (stats/comparison/interaction.h), unadjusted, windows
// from the first one's exposure; p-values adjusted over all of them by Benjamini and Hochberg. And
// whether the two assignments were independent (Pearson's chi-squared over the cells). Experiments
// on different entities, or without a unit in common, are an error.

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "definitions/project.h"
#include "experiment/readout.h"
#include "stats/comparison/interaction.h"
#include "timelines/store.h"

namespace descant::experiment {

struct MetricInteraction {
  std::string name;
  std::string treatment;        // of the first experiment
  std::string other_treatment;  // of the second
  stats::Comparison comparison;
  stats::CellEstimates cells;
  double adjusted_p_value = stats::kUndefined;
};

struct CellCount {
  std::string variant;
  std::string other_variant;
  std::int64_t units = 0;
};

struct Interactions {
  std::string experiment;
  std::string other;
  std::int64_t units = 0;  // exposed to both
  std::vector<CellCount> cells;
  double independence_p_value = stats::kUndefined;
  std::vector<MetricInteraction> metrics;
  Warnings warnings;
};

Result<Interactions> interactions(const definitions::Project& project,
                                  const timelines::Store& store, const std::string& name,
                                  const std::string& other, const ReadoutOptions& options);

void describe(Describer& d, MetricInteraction& metric);
void describe(Describer& d, CellCount& cell);
void describe(Describer& d, Interactions& result);

}  // namespace descant::experiment
