// SPDX-License-Identifier: Apache-2.0
#pragma once

// Group-time average treatment effects under staggered adoption (Callaway and Sant'Anna 2021,
// Journal of Econometrics 225): ATT(g, t) is the change of the outcome of the group first treated
// at g, from its base period to t, less that of units not treated by then. With covariates the
// controls' change is predicted by their least squares at the base period (outcome regression;
// Sant'Anna and Zhao 2020, Journal of Econometrics 219, section 2), without it is their mean. The
// base is the last period before g less `anticipation`; before treatment it is the period before t
// (`varying`) or the same (`universal`). Aggregates weigh groups by their size and carry the
// weights' uncertainty. Errors come from influence functions summed by unit or cluster, and have no
// small-sample factor, as in the paper. A cell without two units on a side is left out. A unit
// counts in the cells where both its periods are observed.

#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "base/result.h"
#include "stats/causal/panel.h"
#include "stats/comparison.h"

namespace descant::stats {

struct GroupTimeOptions {
  std::string control_group = "never_treated";  // never_treated | not_yet_treated
  std::string base_period = "varying";          // varying | universal
  double anticipation = 0;
};

// An estimate with each unit's influence on it, times the number of units.
struct Influenced {
  double estimate = kUndefined;
  Eigen::VectorXd influence;
};

struct GroupTimeCell {
  double group = 0;
  double time = 0;
  std::int64_t n_treated = 0;
  std::int64_t n_control = 0;
  Influenced effect;
};

struct GroupTimeEffects {
  std::vector<GroupTimeCell> cells;   // by group and time
  std::vector<double> first_treated;  // by unit that takes part
  std::vector<std::size_t> units;     // their places in the panel
  std::int64_t always_treated = 0;    // units left out: treated from the first period on
  std::size_t omitted_cells = 0;
  bool collinear = false;  // covariates left a cell's regression unidentified
};

// Whether cells x units, or periods x units, are more than fit in memory; then an error.
bool is_too_large(const Panel& panel);

Result<GroupTimeEffects> group_time_effects(const Panel& panel, const Eigen::MatrixXd& outcomes,
                                            const GroupTimeOptions& options);

// One estimate of an aggregate: of a group, an event time or a calendar time.
struct AggregatePart {
  double at = 0;
  Influenced effect;
};

struct Aggregate {
  std::vector<AggregatePart> parts;
  Influenced overall;
};

enum class AggregateKind { kSimple, kGroup, kEventTime, kCalendar };

Aggregate aggregate_effects(const GroupTimeEffects& effects, AggregateKind kind);

// The same cells after treatment with the group's mean outcome at t in the effect's place, so that
// any aggregate of it, less that of the effects, is the mean without treatment.
GroupTimeEffects observed_means(const GroupTimeEffects& effects, const Panel& panel,
                                const Eigen::MatrixXd& outcomes);

// Outcomes by unit and period, NaN where there is no row; empty when the panel is too large.
Eigen::MatrixXd outcome_matrix(const Panel& panel, const std::vector<double>& outcome);

}  // namespace descant::stats
