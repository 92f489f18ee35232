// SPDX-License-Identifier: Apache-2.0
#pragma once

// The unit columns behind a metric's moments, and what each of them means: the outcome, covariates
// with a column that says who has one, take-up, and the number of units of a cluster. A covariate
// that some counted unit lacks is measured from its smallest value, 0 stands for missing, and
// whether it is present becomes a covariate too; which origin is taken changes no adjusted
// estimate, as the same space of columns is spanned. Limits (caps and floors of unit totals) are
// those of each column's metric, percentiles pooled over the counted units of all arms, once per
// day.

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "experiment/counted_units.h"
#include "folds/unit_table.h"
#include "stats/comparison/linearise.h"

namespace descant::experiment {

struct CovariateColumns {
  std::string name;  // of its metric
  stats::RatioColumns columns;
  std::optional<std::size_t> present;  // 1 where the unit has one; none: all have
};

// Positions among the columns of a metric's moments.
struct ColumnRoles {
  stats::RatioColumns outcome;
  std::vector<CovariateColumns> covariates;  // the metric's own before the shared ones
  bool has_own_covariate = false;
  std::optional<stats::RatioColumns> earlier;  // before the covariate's period
  std::optional<stats::RatioColumns> take_up;
  std::optional<std::size_t> size;  // units of a cluster, which a mean is divided by

  const CovariateColumns* own_covariate() const {
    return has_own_covariate ? &covariates.front() : nullptr;
  }
};

// Caps and floors by day and column; infinite where there is none.
struct Limits {
  std::vector<std::vector<double>> caps;    // [day][column]
  std::vector<std::vector<double>> floors;  // likewise

  bool same_every_day() const;
  double lowest_cap(std::size_t column) const;  // over days
  double highest_floor(std::size_t column) const;
};

struct MetricColumns {
  struct Column {
    std::function<const std::vector<double>&(std::size_t day)> raw;
    bool by_day = false;
    const definitions::Cap* limits = nullptr;  // none: taken as it is
  };
  std::vector<Column> columns;
  ColumnRoles roles;
  Limits limits;                         // of the columns as they are here
  std::deque<std::vector<double>> made;  // what the table does not hold as such
};

// Views into `units`, `values` and `cap`, which must outlive the columns.
Result<MetricColumns> metric_columns(const folds::UnitTable& units,
                                     const folds::MetricValues& values, const definitions::Cap& cap,
                                     const CountedUnits& counted, bool use_covariates,
                                     std::size_t threads);

}  // namespace descant::experiment
