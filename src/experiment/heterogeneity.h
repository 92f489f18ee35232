// SPDX-License-Identifier: Apache-2.0
#pragma once

// Does the effect differ between people? For every metric of every treatment: Cochran's Q by
// segment dimension with Benjamini-Hochberg over dimensions, the same correction over all segments
// of the metric, effects shrunk towards their dimension's mean (stats/heterogeneity), and an honest
// tree over all dimensions. Effects are compared relative to their segment's control where every
// segment has that, as they are shown, else in the metric's unit; the tree, which works on units,
// always in the metric's unit. There is no tree of a quantile, of units in clusters or without
// random assignment. Before the planned end nothing is tested: p-values are NaN, there is no tree,
// and effects are shrunk all the same. Explores only; no decision uses it. Levels are 1 -
// confidence level. The tree's seed is fixed, so the result depends on the units and their order
// alone.

#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/segments.h"

namespace descant::experiment {

// To every result with segments. `metrics` is by metric of the plan, then by treatment.
Result<void> add_heterogeneity(const AnalysisPlan& plan, const folds::UnitTable& units,
                               const std::vector<ShownSegments>& segments, std::size_t threads,
                               std::vector<MetricResult>& metrics);

}  // namespace descant::experiment
