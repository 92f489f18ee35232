// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything the comparisons of one metric need, in one pass over its units where that is possible:
// moments by day and arm, and by segment and arm at the last day, within limits, each by stratum.
// Units count from the day on which they are exposed and mature, so a windowed metric's row of day
// d is the merge of the units of days up to d; units beyond a limit that changes by day are few and
// are added again for each day; an open-ended metric, and one of clusters, whose totals grow, is
// passed over once for each day. A missing outcome leaves the unit out and is counted; for a
// missing covariate see metric_columns.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "experiment/cell_moments.h"
#include "experiment/metric_columns.h"
#include "experiment/metric_quantiles.h"
#include "experiment/segments.h"
#include "folds/unit_table.h"

namespace descant::experiment {

// By stratum, then by arm; without strata one stratum holds everyone.
using StratumMoments = GroupedMoments;

struct MetricMoments {
  ColumnRoles roles;  // of the columns of every Moments below

  std::vector<StratumMoments> by_day;                   // [day]
  std::vector<std::vector<StratumMoments>> by_segment;  // [dimension][shown value]

  // A metric of type quantile has these instead of moments.
  std::optional<MetricQuantiles> quantiles;

  std::vector<std::int64_t> immature, missing;  // by arm, at the last day
  double cap_numerator = stats::kUndefined;     // at the last day; NaN: none
  double cap_denominator = stats::kUndefined;
};

struct MomentsRequest {
  const folds::UnitTable& units;
  const folds::MetricValues& values;
  const definitions::Cap& cap;
  const std::vector<ShownSegments>& segments;
  const ShownStrata& strata;
  bool use_covariates = true;
  std::size_t threads = 1;
  std::optional<stats::QuantileTarget> quantile = std::nullopt;  // of type quantile only
};

Result<MetricMoments> metric_moments(const MomentsRequest& request);

}  // namespace descant::experiment
