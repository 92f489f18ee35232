// SPDX-License-Identifier: Apache-2.0
#pragma once

// A panel in long form, one row per unit and time, made rectangular: outcomes by unit and period
// (NaN where a row is missing), each unit's first treated time, covariates and clusters. A unit
// whose treated_from or cluster changes between rows is an error naming the row, as is a null time;
// units seen treated in the first period have no before and are counted.

#include <cstdint>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include "base/result.h"
#include "stats/causal/design_matrix.h"
#include "stats/labels.h"

namespace descant::stats {

struct PanelColumns {
  std::vector<Json> unit;
  std::vector<double> time;
  std::vector<std::optional<double>> treated_from;  // none: never
  std::vector<double> outcome;
  Covariates covariates;
  std::optional<std::vector<Json>> cluster;
};

struct Panel {
  CodedLabels units;                    // by row
  std::vector<double> times;            // periods, ascending
  std::vector<std::size_t> period;      // by row
  std::vector<double> first_treated;    // by unit; infinity: never
  std::vector<double> groups;           // first treated times that occur, ascending
  std::optional<CodedLabels> clusters;  // by unit
  CovariateTable covariates;            // by row
  bool repeated_rows = false;           // a unit has several rows in one period

  std::size_t unit_count() const { return first_treated.size(); }
};

Result<Panel> read_panel(const PanelColumns& columns);

}  // namespace descant::stats
