// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything the comparisons of one metric need, in one pass over its units where that is possible:
// moments by day and arm, and by segment and arm at the last day, after caps. Units count from the
// day on which they are exposed and mature, so a windowed metric's row of day d is the merge of the
// units of days up to d; units above a cap that changes by day are few and are added again for each
// day; an open-ended metric is passed over once for each day. A missing outcome leaves the unit out
// and is counted. A missing covariate keeps it: the covariate is then measured from its smallest
// value, 0 stands for missing, and whether it is present becomes a second covariate.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "experiment/cell_moments.h"
#include "experiment/segments.h"
#include "folds/unit_table.h"
#include "stats/comparison/adjusted_difference.h"

namespace descant::experiment {

struct MetricMoments {
  stats::RatioColumns outcome;  // columns of every Moments below
  std::optional<stats::RatioColumns> covariate;
  std::optional<std::size_t> covariate_present;  // 1 where the unit has one; none: all have

  std::vector<std::vector<stats::Moments>> by_day;  // [day][arm]
  std::vector<GroupedMoments> by_segment;           // [dimension][shown value][arm]

  std::vector<std::int64_t> immature, missing;  // by arm, at the last day
  double cap_numerator = stats::kUndefined;     // at the last day; NaN: none
  double cap_denominator = stats::kUndefined;
};

Result<MetricMoments> metric_moments(const folds::UnitTable& units,
                                     const folds::MetricValues& values, const definitions::Cap& cap,
                                     const std::vector<ShownSegments>& segments, bool use_covariate,
                                     std::size_t threads);

}  // namespace descant::experiment
