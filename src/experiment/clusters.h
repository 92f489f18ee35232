// SPDX-License-Identifier: Apache-2.0
#pragma once

// Clusters that were randomised as a whole, such as households: their numbers, and what becomes of
// those whose units were given several variants. A unit without a cluster is one by itself.

#include <cstdint>
#include <span>
#include <vector>

#include "folds/unit_table.h"

namespace descant::experiment {

// Consecutive numbers from codes of labels, where code 0 stands for unknown.
std::vector<std::uint32_t> cluster_numbers(std::span<const std::uint32_t> codes);

// Units of clusters in several variants are never exposed, and are counted. Without clusters
// nothing changes.
void leave_out_mixed_clusters(folds::UnitTable& units, folds::ExposureCounts& counts);

// Clusters with an exposed unit, by arm; empty without clusters.
std::vector<std::int64_t> count_clusters(const folds::UnitTable& units);

}  // namespace descant::experiment
