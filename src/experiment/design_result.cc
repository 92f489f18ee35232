// SPDX-License-Identifier: Apache-2.0
#include "experiment/design.h"

namespace descant::experiment {

void describe(Describer& d, DesignDay& day) {
  d.field(day.days, {.name = "days", .doc = "days of exposure"});
  d.field(day.units, {.name = "units", .doc = "units that have arrived by then"});
  d.field(day.mean, {.name = "mean", .doc = "of the metric then"});
  d.field(day.standard_deviation,
          {.name = "standard_deviation", .doc = "of a unit then, after adjustment"});
  d.field(day.detectable_effect,
          {.name = "detectable_effect", .doc = "relative effect found with the planned power"});
}

void describe(Describer& d, DesignMetric& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.role, {.name = "role", .doc = "what it does in the decision"});
  d.field(metric.type, {.name = "type", .doc = "of the metric"});
  d.field(metric.unit, {.name = "unit", .doc = "of its values"});
  d.field(metric.units, {.name = "units", .doc = "units behind the baseline"});
  d.field(metric.mean, {.name = "mean", .doc = "baseline"});
  d.field(metric.standard_deviation,
          {.name = "standard_deviation", .doc = "of a unit, before adjustment"});
  d.field(metric.covariate_correlation,
          {.name = "covariate_correlation",
           .doc = "of a unit's value with its covariates; its square is the variance removed"});
  d.field(metric.effect, {.name = "effect",
                          .doc = "absolute effect to be found, or margin to be kept",
                          .omit_when_empty = true});
  d.field(metric.alpha, {.name = "alpha", .doc = "one-sided level by the decision rule"});
  d.field(metric.power, {.name = "power", .doc = "power to plan the test at"});
  d.field(metric.units_needed,
          {.name = "units_needed", .doc = "in all variants together", .omit_when_empty = true});
  d.field(metric.days_of_exposure, {.name = "days_of_exposure",
                                    .doc = "until that many units have arrived",
                                    .omit_when_empty = true});
  d.field(metric.runtime_days, {.name = "runtime_days",
                                .doc = "until the last of them has completed its window",
                                .omit_when_empty = true});
  d.field(metric.power_at_plan, {.name = "power_at_plan",
                                 .doc = "power with the units of the planned days",
                                 .omit_when_empty = true});
  d.field(metric.detectable_effect, {.name = "detectable_effect",
                                     .doc = "absolute effect found with those at that power",
                                     .omit_when_empty = true});
  d.field(metric.detectable_effect_relative, {.name = "detectable_effect_relative",
                                              .doc = "the same relative to the baseline",
                                              .omit_when_empty = true});
  d.field(metric.by_duration, {.name = "by_duration", .doc = "the same by days of exposure"});
}

void describe(Describer& d, DesignArrival& arrival) {
  d.field(arrival.day, {.name = "day", .doc = "local date"});
  d.field(arrival.new_units, {.name = "new_units", .doc = "units first seen on it"});
  d.field(arrival.units, {.name = "units", .doc = "units seen by its end"});
}

void describe(Describer& d, DesignScenario& scenario) {
  d.field(scenario.name, {.name = "name", .doc = "no_effect, planned_effects or only:METRIC"});
  d.field(scenario.ship, {.name = "ship", .doc = "share of simulated experiments that ship"});
  d.field(scenario.stop, {.name = "stop", .doc = "share that stop"});
  d.field(scenario.invalid, {.name = "invalid", .doc = "share found invalid"});
}

void describe(Describer& d, DesignResult& result) {
  d.field(result.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(result.entity, {.name = "entity", .doc = "what is randomised, in the singular"});
  d.field(result.from, {.name = "from", .doc = "first day of the historic period"});
  d.field(result.to, {.name = "to", .doc = "last day of exposure in it"});
  d.field(result.planned_days, {.name = "planned_days", .doc = "days of exposure as defined"});
  d.field(result.planned_units, {.name = "planned_units", .doc = "units that arrive in them"});
  d.field(result.binding_metric, {.name = "binding_metric",
                                  .doc = "the metric that needs the longest",
                                  .omit_when_empty = true});
  d.field(result.units_needed, {.name = "units_needed",
                                .doc = "by the binding metric, in all variants",
                                .omit_when_empty = true});
  d.field(result.runtime_days, {.name = "runtime_days",
                                .doc = "by the binding metric, with its window",
                                .omit_when_empty = true});
  d.field(result.arrival, {.name = "arrival", .doc = "of units in the historic period"});
  d.field(result.metrics, {.name = "metrics", .doc = "one for each metric"});
  d.field(result.scenarios, {.name = "scenarios", .doc = "what the decision rule would do"});
  d.field(result.seed, {.name = "seed", .doc = "of the simulated experiments"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
