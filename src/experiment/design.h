// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an experiment needs before it starts, from what its metrics did over a period of the past:
// every unit counts from its first event of the period, as it would have been exposed, and is
// measured as the experiment would. So the baselines, the variances with caps and covariates, the
// arrival of new units by day (which is no straight line) and, for open-ended metrics, how the
// variance changes with the duration are observed rather than assumed. Sizes follow the decision
// rule's alpha and beta per test (stats/power.h). Beyond the observed days, units are taken to
// arrive as on the last seven. Without history before the start the error says to name a period.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "definitions/project.h"
#include "experiment/aa.h"
#include "timelines/store.h"

namespace descant::experiment {

struct DesignOptions {
  std::optional<Date> from, to;  // first and last day of exposure; none: before the start
  std::size_t replicates = 10'000;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
};

// With all units of the first `days` days of exposure.
struct DesignDay {
  std::int64_t days = 0;
  std::int64_t units = 0;  // arrived
  double mean = stats::kUndefined;
  double standard_deviation = stats::kUndefined;  // of a unit, after adjustment
  double detectable_effect = stats::kUndefined;   // relative, at the planned power
};

struct DesignMetric {
  std::string name, role, type, unit;
  std::int64_t units = 0;  // behind the baseline
  double mean = stats::kUndefined;
  double standard_deviation = stats::kUndefined;  // of a unit, before adjustment
  double covariate_correlation = stats::kUndefined;
  double effect = stats::kUndefined;  // absolute: to be found, or the margin; NaN: none stated
  double alpha = stats::kUndefined;   // one-sided, by the decision rule
  double power = stats::kUndefined;   // planned, by the decision rule
  std::optional<std::int64_t> units_needed;  // in all variants
  std::optional<std::int64_t> days_of_exposure;
  std::optional<std::int64_t> runtime_days;               // with the metric's window
  double power_at_plan = stats::kUndefined;               // with the units of the planned days
  double detectable_effect = stats::kUndefined;           // absolute, with those units
  double detectable_effect_relative = stats::kUndefined;  // to the mean
  std::vector<DesignDay> by_duration;
};

struct DesignArrival {
  std::string day;
  std::int64_t new_units = 0;
  std::int64_t units = 0;
};

struct DesignScenario {
  std::string name;  // no_effect | planned_effects | only:<metric>
  Rate ship, stop, invalid;
};

struct DesignResult {
  std::string experiment;
  std::string entity;
  std::string from, to;  // the period
  std::int64_t planned_days = 0;
  std::int64_t planned_units = 0;  // that would arrive in them
  std::string binding_metric;      // which needs the longest; empty: none states an effect
  std::optional<std::int64_t> units_needed;
  std::optional<std::int64_t> runtime_days;
  std::vector<DesignArrival> arrival;
  std::vector<DesignMetric> metrics;
  std::vector<DesignScenario> scenarios;
  std::uint64_t seed = 0;
  Warnings warnings;
};

Result<DesignResult> design(const definitions::Project& project, const timelines::Store& store,
                            const std::string& name, const DesignOptions& options);

void describe(Describer& d, DesignDay& day);
void describe(Describer& d, DesignMetric& metric);
void describe(Describer& d, DesignArrival& arrival);
void describe(Describer& d, DesignScenario& scenario);
void describe(Describer& d, DesignResult& result);

}  // namespace descant::experiment
