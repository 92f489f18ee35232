// SPDX-License-Identifier: Apache-2.0
#pragma once

// One metric's values by unit as the analysis of the last day sees them: the columns of
// metric_columns.h within their limits, and how they are compared. For what works on units rather
// than moments: A/A runs, correlations between metrics, simulation. Where units come in clusters, a
// row is a cluster's totals. Rows that do not count are 0 and not included.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/analyze.h"
#include "stats/comparison/adjusted_difference.h"

namespace descant::experiment {

struct UnitColumns {
  std::vector<std::vector<double>> columns;
  std::vector<std::uint8_t> included;  // by row
  std::int64_t units = 0;              // included
  stats::AdjustmentPlan adjustment;
};

Result<UnitColumns> unit_columns(const AnalysisPlan& plan, const folds::UnitTable& table,
                                 std::size_t metric, std::size_t threads);
// The same as of an earlier day of the table.
Result<UnitColumns> unit_columns(const AnalysisPlan& plan, const folds::UnitTable& table,
                                 std::size_t metric, std::size_t threads, std::size_t day);

// One number per included unit whose mean is the metric's estimate and whose variance is that of
// the adjusted comparison: linearised at the ratio of all, less theta times the covariate's. 0 for
// units that are not included.
Result<std::vector<double>> adjusted_unit_values(const UnitColumns& columns);

}  // namespace descant::experiment
