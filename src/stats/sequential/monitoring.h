// SPDX-License-Identifier: Apache-2.0
#pragma once

// One metric watched over several looks by any sequential method: from the estimate and standard
// error of each look to its interval, its sequential p-value and whether a bound is crossed. A look
// depends only on the looks up to it and on what was planned, so that a result by day is the same
// when it is computed again later.
//
// `group_sequential` reads `information` (fraction of the planned end, increasing; only the last
// may be above 1, and spends what is left); `asymptotic`, `gavi`, `yeast` read `n` (units of both
// arms, the estimate being an average of n contributions with variance n standard_error^2);
// `msprt` and `fixed_power` read the standard error alone. An undefined or zero standard error
// leaves that look without numbers and brings a warning.
//
// Two-sided tests have both interval ends; `greater` a lower one, `less` an upper one (the other is
// NaN). `p_value` is the smallest so far and below alpha once `crossed`, which stays true after the
// first crossing. `fixed_power` waits: its looks are without numbers until the standard error
// reaches minimum_detectable_effect / (z_{1 - alpha/2} + z_{power}), and that look's ordinary test
// is the result from then on (Schultzberg and Ankargren 2024, arXiv 2405.03487).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/sequential/spending.h"

namespace descant::stats {

struct MonitoredLook {
  double information = kUndefined;
  double n = kUndefined;
  double estimate = kUndefined;
  double standard_error = kUndefined;
};

struct MonitoringMethod {
  // group_sequential | asymptotic | gavi | msprt | yeast | fixed_power
  std::string method = "group_sequential";
  double alpha = 0.05;                    // of both tails when two-sided
  std::string alternative = "two_sided";  // two_sided | greater | less
  double null_value = 0;
  SpendingFunction spending;                        // group_sequential; not a classical family
  std::optional<double> optimal_n;                  // asymptotic
  std::optional<double> rho;                        // gavi
  std::optional<double> optimal_intrinsic_time;     // gavi
  std::optional<double> tau_squared;                // msprt
  std::optional<double> planned_n;                  // yeast
  std::optional<double> minimum_detectable_effect;  // fixed_power, absolute
  double power = 0.8;                               // fixed_power
};

struct MonitoredResult {
  double statistic = kUndefined;
  double bound = kUndefined;  // of |statistic|, or of the statistic in the tested direction
  double lower = kUndefined;
  double upper = kUndefined;
  double p_value = kUndefined;
  bool crossed = false;  // at this look or before
};

struct Monitored {
  std::vector<MonitoredResult> looks;
  std::optional<std::size_t> first_crossed;  // index of a look
  Warnings warnings;
};

// The method's name and parameters alone, before there are looks.
Result<void> check_method(const MonitoringMethod& method);

Result<Monitored> monitor(std::span<const MonitoredLook> looks, const MonitoringMethod& method);

// As `group_sequential`, for a metric whose increments are not independent (listeners of earlier
// looks keep contributing): `correlation` is the K x K correlation, row by row, of the looks'
// estimates. Bounds come from stats/sequential/correlated_looks.h, and `independent_bounds` beside
// them, so that the caller can say when it mattered.
struct CorrelatedMonitored {
  Monitored monitored;
  std::vector<double> independent_bounds;
};
Result<CorrelatedMonitored> monitor_correlated(std::span<const MonitoredLook> looks,
                                               std::span<const double> correlation,
                                               const MonitoringMethod& method);

// The standard error at which fixed-power stopping ends the experiment.
double fixed_power_standard_error(double minimum_detectable_effect, double alpha, double power,
                                  std::string_view alternative);

}  // namespace descant::stats
