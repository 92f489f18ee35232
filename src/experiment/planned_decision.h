// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the decision rule would do, by simulation: the tests of one treatment's metrics are drawn
// together from the normal distribution that their estimates have, with the correlation of the
// metrics' own unit values, and each draw is decided as a real analysis would be. Checks that hold
// have independent uniform p-values. A test without a planned effect is drawn without one. Depends
// on the seed alone.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "experiment/aa.h"
#include "experiment/unit_columns.h"
#include "stats/decision.h"

namespace descant::experiment {

struct PlannedTest {
  std::string name;
  definitions::Role role = definitions::Role::kSuccess;
  bool increase_is_good = true;
  double effect = 0;  // in the good direction, in standard errors
  double margin = 0;  // of a guardrail, in standard errors
};

struct PlannedDecision {
  Rate ship, stop, invalid;
};

// `correlation` is that of the estimates, row by row; `checks` how many quality tests besides the
// metrics' own.
Result<PlannedDecision> simulate_decision(const std::vector<PlannedTest>& tests,
                                          const std::vector<double>& correlation,
                                          std::size_t checks, const stats::DecisionPlan& rule,
                                          std::size_t replicates, std::uint64_t seed);

// Less their mean; 0 for units that are not included.
Result<std::vector<double>> centred_unit_values(const UnitColumns& columns);
// Of estimates that are means of such values: the correlation of the values' totals.
std::vector<double> correlation_of_totals(const std::vector<std::vector<double>>& centred);

// Of metrics' estimates, from the adjusted values of the units that each includes.
Result<std::vector<double>> estimate_correlation(const std::vector<UnitColumns>& metrics);

}  // namespace descant::experiment
