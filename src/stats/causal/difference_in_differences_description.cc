// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/difference_in_differences.h"

namespace descant::stats {
namespace {

void describe_columns(Describer& d, PanelColumns& panel) {
  d.field(panel.unit, {.name = "unit", .doc = "of each row", .required = true});
  d.field(panel.time, {.name = "time", .doc = "of each row, a number", .required = true});
  d.field(panel.treated_from,
          {.name = "treated_from",
           .doc = "of each row: the time the unit is first treated; null is never",
           .required = true});
  d.field(panel.outcome, {.name = "outcome", .doc = "of each row", .required = true});
  d.field(panel.covariates,
          {.name = "covariates",
           .doc = "by name, of each row; group_time reads those of the base period"});
  d.field(panel.cluster,
          {.name = "cluster", .doc = "of each row, when coarser than units: units of one depend"});
}

template <class Effect>
void describe_intervals(Describer& d, Effect& effect) {
  describe(d, effect.effect);
  d.field(effect.simultaneous_lower, {.name = "simultaneous_lower",
                                      .doc = "of an interval that holds for the whole list at once",
                                      .omit_when_empty = true});
  d.field(effect.simultaneous_upper,
          {.name = "simultaneous_upper", .doc = "of the same", .omit_when_empty = true});
}

}  // namespace

void describe(Describer& d, DifferenceInDifferencesRequest& request) {
  describe_columns(d, request.panel);
  d.field(request.method,
          {.name = "method",
           .doc = "auto: two_by_two with one date of treatment and never treated units, else "
                  "group_time",
           .choices = {"auto", "two_by_two", "group_time"}});
  d.field(request.group_time.control_group,
          {.name = "control_group",
           .doc = "of group_time: units never treated, or those not treated by then",
           .choices = {"never_treated", "not_yet_treated"}});
  d.field(request.group_time.base_period,
          {.name = "base_period",
           .doc = "of effects before treatment: the period before each, or the group's one",
           .choices = {"varying", "universal"}});
  d.field(request.group_time.anticipation,
          {.name = "anticipation",
           .doc = "time before treatment in which units may already react",
           .minimum = 0});
  d.field(request.aggregate, {.name = "aggregate",
                              .doc = "of group_time: whose overall effect is the headline",
                              .choices = {"group", "simple", "event_time", "calendar"}});
  d.field(request.simultaneous,
          {.name = "simultaneous", .doc = "intervals that hold for whole lists, by bootstrap"});
  d.field(request.replicates, {.name = "replicates",
                               .doc = "of the multiplier bootstrap",
                               .minimum = 1,
                               .maximum = 100'000});
  d.field(request.seed, {.name = "seed", .doc = "of the multiplier bootstrap"});
  describe(d, request.options);
}

void describe(Describer& d, CellEffect& effect) {
  d.field(effect.group, {.name = "group", .doc = "time of the group's first treatment"});
  d.field(effect.time, {.name = "time", .doc = "of the effect"});
  d.field(effect.n_treated, {.name = "n_treated", .doc = "units of the group"});
  d.field(effect.n_control, {.name = "n_control", .doc = "units compared with"});
  describe_intervals(d, effect);
}

void describe(Describer& d, PartEffect& effect) {
  d.field(effect.at, {.name = "at", .doc = "group, time since treatment, or calendar time"});
  describe_intervals(d, effect);
}

void describe(Describer& d, AggregateEffects& effects) {
  d.field(effects.overall, {.name = "overall", .doc = "one number from all after treatment"});
  d.field(effects.effects, {.name = "effects", .doc = "in order"});
}

void describe(Describer& d, Aggregates& aggregates) {
  d.field(aggregates.simple, {.name = "simple", .doc = "all cells, by group size"});
  d.field(aggregates.group, {.name = "group", .doc = "by group, averaged over its times"});
  d.field(aggregates.event_time, {.name = "event_time", .doc = "by time since treatment"});
  d.field(aggregates.calendar, {.name = "calendar", .doc = "by calendar time"});
}

void describe(Describer& d, DifferenceInDifferences& result) {
  describe(d, result.comparison);
  d.field(result.effects, {.name = "effects", .doc = "by group and time", .omit_when_empty = true});
  d.field(result.aggregates,
          {.name = "aggregates", .doc = "of the effects", .omit_when_empty = true});
  d.field(result.pre_trend,
          {.name = "pre_trend", .doc = "are all effects before treatment 0? null: none to test"});
  d.field(result.n_units, {.name = "n_units", .doc = "that take part", .unit = "units"});
  d.field(result.n_clusters, {.name = "n_clusters", .doc = "independent groups of units"});
}

}  // namespace descant::stats
