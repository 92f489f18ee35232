// SPDX-License-Identifier: Apache-2.0
#pragma once

// A user's own table, one row per unit (CSV, Parquet, or anything the warehouse reads), analysed as
// an experiment without a project: `descant analyze players.csv --variant version --control gate_30
// --metric retention_7:proportion`. Missing or non-finite values leave a unit out of that metric
// and are counted. Errors: unknown column (the nearest is named), a column that is not numeric,
// fewer than two variants, a control that does not occur.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/result.h"

namespace descant::experiment {

struct UnitMetric {
  std::string name;         // as shown
  std::string type;         // mean | proportion | ratio | quantile
  std::string numerator;    // column (or SQL expression)
  std::string denominator;  // ratio only
  std::string covariate;    // column; empty: none
  std::string role = "success";
  std::string direction = "increase";
  std::string margin;    // non-inferiority margin of a guardrail: 1%, 1pp or a number
  std::string quantile;  // of a quantile: which one, in (0, 1)
  std::string cap;       // a value, or p99.9 for a percentile; empty: none
};

struct UnitFileRequest {
  std::string file;
  std::string variant;  // column
  std::string control;  // value; empty: the first in alphabetical order
  std::string unit;     // column that identifies the unit; empty: each row is one
  std::vector<UnitMetric> metrics;
  std::vector<std::string> segments;  // columns
  std::vector<std::string> shares;    // variant=share; empty: equal shares are expected
  double alpha = 0.05;
  double power = 0.8;
  double deterioration_alpha = 0.01;
  double confidence_level = 0.95;
  std::size_t threads = 0;
};

// "name:type[:option…]" of the command line, with options role=…, direction=…, margin=…, cap=…,
// covariate=COLUMN, q=… of a quantile, and NUMERATOR/DENOMINATOR as the name of a ratio.
Result<UnitMetric> parse_unit_metric(const std::string& text);

Result<ExperimentResult> analyze_unit_file(const UnitFileRequest& request);

}  // namespace descant::experiment
