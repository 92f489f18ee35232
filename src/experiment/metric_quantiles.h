// SPDX-License-Identifier: Apache-2.0
#pragma once

// The quantile of one metric by day and arm, and by segment and arm at the last day, with what its
// standard error rests on (stats/comparison/quantile_difference.h). A quantile of unit totals is
// selected, for every day from one pass where the values do not depend on the day; it is widened by
// the clusters of the table, if there are any. A quantile of events has its units (or clusters) as
// clusters, `n` counts those that have events, and only the last day is there: each day would be
// further passes over the events. Strata and covariates are not used. An arm of nothing is NaN.

#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/counted_units.h"
#include "experiment/segments.h"
#include "folds/unit_table.h"
#include "stats/comparison/quantile_difference.h"

namespace descant::experiment {

using ArmQuantiles = std::vector<stats::ArmQuantile>;  // by arm

struct MetricQuantiles {
  std::string method;  // order_statistic | cluster
  bool of_events = false;
  std::vector<ArmQuantiles> by_day;                   // [day]; of events the last one alone
  std::vector<std::vector<ArmQuantiles>> by_segment;  // [dimension][shown value]
};

struct QuantilesRequest {
  const folds::UnitTable& units;
  const folds::MetricValues& values;
  const CountedUnits& counted;
  const std::vector<ShownSegments>& segments;
  stats::QuantileTarget target;
  std::size_t threads = 1;
};

Result<MetricQuantiles> metric_quantiles(const QuantilesRequest& request);

}  // namespace descant::experiment
