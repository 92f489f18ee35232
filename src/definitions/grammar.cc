// SPDX-License-Identifier: Apache-2.0
#include "definitions/grammar.h"

#include "definitions/formats.h"

// Each function binds every member of its struct, so that a new member does not compile until its
// keys are described.

namespace descant::definitions {
namespace {

void describe_source(Describer& d, Source& source) {
  auto& [from, sql] = source;
  d.field(from, {.name = "from",
                 .doc = "file, glob or table that holds the rows; paths are relative to the "
                        "project's folder. Either `from` or `sql`"});
  d.field<Sql>(sql, {.name = "sql", .doc = "query that gives the rows"});
}

void describe_entity(Describer& d, std::string& entity) {
  d.field(entity, {.name = "entity", .doc = "entity that the rows belong to", .required = true});
}

void describe_timezone(Describer& d, std::string& timezone) {
  d.field<ZoneName>(timezone,
                    {.name = "timezone", .doc = "zone of timestamps without one; UTC if left out"});
}

// A list of named values that YAML writes as a mapping `name: value`, in its order.
template <class T, auto kValue, class Format>
MapRef named_values(std::vector<T>& list) {
  using List = std::vector<T>;
  return {&list,
          [](void* p, const std::function<void(const std::string&, ValueRef)>& f) {
            for (auto& element : *static_cast<List*>(p))
              f(element.name, value_ref<Format>(element.*kValue));
          },
          [](void* p, const std::string& key, const std::function<void(ValueRef)>& f) {
            auto& element = static_cast<List*>(p)->emplace_back();
            element.name = key;
            f(value_ref<Format>(element.*kValue));
          },
          [](const std::function<void(ValueRef)>& f) {
            T element{};
            f(value_ref<Format>(element.*kValue));
          }};
}

void describe_aggregation(Describer& d, Aggregation& aggregation) {
  auto& [aggregate, measure, where] = aggregation;
  d.field<NameOf<Aggregate>>(
      aggregate, {.name = "aggregate",
                  .doc = "how the events of one unit become a number. Left out: any for a "
                         "proportion or retention, else sum of `measure`",
                  .choices = NameOf<Aggregate>::choices(),
                  .default_depends = true});
  d.field(measure, {.name = "measure",
                    .doc = "measure of the fact table. Left out: count counts events, and any asks "
                           "whether there is one"});
  d.field<Sql>(where,
               {.name = "where",
                .doc = "condition over the source's columns; only events that meet it count. "
                       "Every event if left out"});
}

void describe_warehouse(Describer& d, void* project) {
  d.field(
      static_cast<Project*>(project)->duckdb,
      {.name = "duckdb", .doc = "`:memory:`, or a DuckDB file relative to the project's folder"});
}

}  // namespace

void describe(Describer& d, Entity& entity) {
  auto& [name, key] = entity;
  d.field<Column>(key, {.name = "key",
                        .doc = "column that holds the entity, in each of its tables",
                        .required = true});
}

void describe(Describer& d, FactTable& table) {
  auto& [name, source, entity, timestamp, timezone, order_by, dimensions, measures, lag] = table;
  describe_source(d, source);
  describe_entity(d, entity);
  d.field<Column>(timestamp,
                  {.name = "timestamp", .doc = "column that holds the time", .required = true});
  describe_timezone(d, timezone);
  d.field<Column>(order_by, {.name = "order_by", .doc = "column that breaks ties of timestamps"});
  d.field<Column>(dimensions,
                  {.name = "dimensions", .doc = "columns to filter, split and segment by"});
  d.visit({.name = "measures", .doc = "numeric columns that metrics aggregate, each by name"},
          named_values<Measure, &Measure::expression, Sql>(measures));
  d.field<Duration>(lag, {.name = "completeness_lag",
                          .doc = "how long after the newest event earlier ones still arrive"});
}

void describe(Describer& d, AssignmentTable& table) {
  auto& [name, source, entity, experiment, variant, timestamp, timezone] = table;
  describe_source(d, source);
  describe_entity(d, entity);
  d.field<Column>(
      experiment,
      {.name = "experiment", .doc = "column that holds the experiment's name", .required = true});
  d.field<Column>(variant, {.name = "variant", .doc = "column of the variant", .required = true});
  d.field<Column>(
      timestamp,
      {.name = "timestamp", .doc = "column that holds the time of exposure", .required = true});
  describe_timezone(d, timezone);
}

void describe(Describer& d, DimensionTable& table) {
  auto& [name, source, entity, dimensions] = table;
  describe_source(d, source);
  describe_entity(d, entity);
  d.field<Column>(
      dimensions,
      {.name = "dimensions", .doc = "columns to filter, split and segment by", .required = true});
}

void describe(Describer& d, Aggregation& aggregation) { describe_aggregation(d, aggregation); }

void describe(Describer& d, Cap& cap) {
  auto& [value, percentile, lower_value, lower_percentile] = cap;
  const auto of_totals = [&](const char* name, const char* doc) {
    return Field{.name = name, .doc = doc, .minimum = 0, .maximum = 100, .open_interval = true};
  };
  d.field(value, {.name = "value", .doc = "largest total of a unit, in the metric's unit"});
  d.field(percentile, of_totals("percentile", "the same as a percentile of all units' totals"));
  d.field(lower_value,
          {.name = "lower_value", .doc = "smallest total of a unit: smaller ones count as this"});
  d.field(lower_percentile,
          of_totals("lower_percentile", "the same as a percentile of all units' totals"));
}

void describe(Describer& d, Metric& metric) {
  auto& [name, type, description, unit, fact_table, direction, numerator, denominator, from, to,
         quantile, quantile_of, cap] = metric;
  d.field<NameOf<MetricType>>(type, {.name = "type",
                                     .doc = "what is compared between variants",
                                     .required = true,
                                     .choices = NameOf<MetricType>::choices()});
  d.field(description, {.name = "description", .doc = "what it means, for readers of a report"});
  d.field(unit, {.name = "unit", .doc = "unit of its values, such as min"});
  d.field(fact_table,
          {.name = "fact_table", .doc = "fact table that it is made from", .required = true});
  d.field<NameOf<Direction>>(
      direction,
      {.name = "direction", .doc = "which way is good", .choices = NameOf<Direction>::choices()});
  describe_aggregation(d, numerator);
  d.field(numerator, {.name = "numerator",
                      .doc = "of a ratio only, in place of `aggregate`, `measure` and `where`"});
  d.field(denominator, {.name = "denominator", .doc = "of a ratio only"});
  d.field<Duration>(to, {.name = "window",
                         .doc = "covers [exposure, exposure + window); a day is 24 hours. Without "
                                "`window` and `to` it covers all time after exposure"});
  d.field<Duration>(from, {.name = "from", .doc = "covers [exposure + from, exposure + to)"});
  d.field<Duration>(to, {.name = "to", .doc = "see `from`"});
  d.field(quantile, {.name = "quantile",
                     .doc = "of a quantile, which needs it: which one, 0.5 for the median",
                     .minimum = 0,
                     .maximum = 1,
                     .open_interval = true,
                     .default_depends = true});
  d.field<NameOf<QuantileOf>>(
      quantile_of, {.name = "quantile_of",
                    .doc = "of a quantile only: of the units' totals, or of the measure of all "
                           "their events, where units are clusters",
                    .choices = NameOf<QuantileOf>::choices()});
  d.field(cap, {.name = "cap", .doc = "limits a unit's total, against outliers"});
}

void describe(Describer& d, ExperimentMetric& metric) {
  auto& [name, role, minimum_detectable_effect, non_inferiority_margin] = metric;
  d.field(name, {.name = "metric", .doc = "metric that is compared", .required = true});
  d.field<NameOf<Role>>(role, {.name = "role",
                               .doc = "what it does in the decision",
                               .required = true,
                               .choices = NameOf<Role>::choices()});
  d.field<EffectSizeText>(minimum_detectable_effect,
                          {.name = "minimum_detectable_effect",
                           .doc = "of a success metric: the smallest effect worth finding"});
  d.field<EffectSizeText>(
      non_inferiority_margin,
      {.name = "non_inferiority_margin",
       .doc = "of a guardrail, which needs one: the harm that would still be accepted"});
}

void describe(Describer& d, VarianceReduction& reduction) {
  auto& [cuped, lookback, covariates, stratify_by] = reduction;
  d.field<NameOf<Method>>(cuped, {.name = "method",
                                  .doc = "cuped adjusts for the metric before exposure",
                                  .choices = NameOf<Method>::choices()});
  d.field<Duration>(lookback, {.name = "lookback", .doc = "how far before exposure it looks"});
  d.field(covariates, {.name = "covariates",
                       .doc = "further metrics whose values before exposure adjust every metric"});
  d.field(stratify_by, {.name = "stratify_by",
                        .doc = "dimensions, as `segments`, in whose values' strata arms are "
                               "compared: post-stratification"});
}

void describe(Describer& d, Sequential& sequential) {
  auto& [method, looks, spending, spending_parameter, planned_units, optimal_units, tau_squared] =
      sequential;
  d.field<NameOf<SequentialMethod>>(
      method, {.name = "method",
               .doc = "how the test may be read before its planned end; none: not at all",
               .required = true,
               .choices = NameOf<SequentialMethod>::choices()});
  d.field<NameOf<Looks>>(looks, {.name = "looks",
                                 .doc = "at the end of each day, or of each seventh day",
                                 .choices = NameOf<Looks>::choices()});
  d.field<NameOf<Spending>>(spending, {.name = "spending",
                                       .doc = "of group_sequential: how alpha is spent over the "
                                              "looks",
                                       .choices = NameOf<Spending>::choices()});
  d.field(spending_parameter, {.name = "spending_parameter",
                               .doc = "of the spending functions power (its exponent, 2 "
                                      "if left out) and hwang_shih_decani (-4)"});
  d.field(planned_units, {.name = "planned_units",
                          .doc = "units in all variants at the planned end. Left out: alpha is "
                                 "spent by days; yeast needs it",
                          .minimum = 1});
  d.field(optimal_units, {.name = "optimal_units",
                          .doc = "of asymptotic and gavi: the number of units at which the "
                                 "interval is tightest. Left out: planned_units, else 10000",
                          .minimum = 1});
  d.field(tau_squared,
          {.name = "tau_squared",
           .doc = "of msprt, which needs it: variance of the true relative effect; 0.0001 where "
                  "effects of 1% are usual",
           .minimum = 0,
           .open_interval = true});
}

void describe(Describer& d, Design& design) {
  auto& [type, take_up, bucket, carryover, control_wins, treatment_wins] = design;
  d.field<NameOf<DesignType>>(type, {.name = "type",
                                     .doc = "how units came to their variants",
                                     .choices = NameOf<DesignType>::choices()});
  d.field(take_up, {.name = "take_up",
                    .doc = "of an encouragement: metric that is above 0 for those who took it up"});
  d.field<Duration>(bucket, {.name = "bucket",
                             .doc = "of a switchback: length of the periods that are compared"});
  d.field<Duration>(carryover, {.name = "carryover",
                                .doc = "of a switchback: time after each switch that is left out"});
  d.field(control_wins,
          {.name = "control_wins",
           .doc = "of an interleaving: metric that counts picks credited to control"});
  d.field(treatment_wins, {.name = "treatment_wins",
                           .doc = "of an interleaving: metric that counts picks credited to the "
                                  "treatment"});
}

void describe(Describer& d, Experiment& experiment) {
  auto& [name, hypothesis, assignment_table, control, variants, start, end, metrics, alpha, power,
         deterioration_alpha, variance_reduction, sequential, several_treatments, cluster, design,
         launches, segments] = experiment;
  d.field(hypothesis, {.name = "hypothesis", .doc = "what is expected to happen, and why"});
  d.field(assignment_table, {.name = "assignment_table",
                             .doc = "assignment table that says who saw which variant",
                             .required = true});
  d.field(
      control,
      {.name = "control", .doc = "variant that the others are compared with", .required = true});
  d.visit({.name = "variants",
           .doc = "expected share of units of each variant; together 1",
           .required = true,
           .minimum = 0,
           .maximum = 1,
           .open_interval = true},
          named_values<Variant, &Variant::share, void>(variants));
  d.field<CalendarDate>(
      start,
      {.name = "start", .doc = "first local date on which exposures count", .required = true});
  d.field<CalendarDate>(
      end, {.name = "end", .doc = "last local date on which exposures count", .required = true});
  d.field(metrics, {.name = "metrics", .doc = "what is compared; an interleaving has none"});
  d.field(alpha, {.name = "alpha",
                  .doc = "false-positive rate of the decision",
                  .minimum = 0,
                  .maximum = 1,
                  .open_interval = true});
  d.field(power, {.name = "power",
                  .doc = "chance to find the minimum detectable effect",
                  .minimum = 0,
                  .maximum = 1,
                  .open_interval = true});
  d.field(deterioration_alpha,
          {.name = "deterioration_alpha",
           .doc = "false-positive rate of the tests for harm and for quality, less than 1 - "
                  "power; 0 leaves them out of the decision",
           .minimum = 0,
           .maximum = 1});
  d.field(variance_reduction,
          {.name = "variance_reduction", .doc = "how noise known before exposure is taken out"});
  d.field(sequential,
          {.name = "sequential", .doc = "how the result may be read before the planned end"});
  d.field<NameOf<SeveralTreatments>>(
      several_treatments,
      {.name = "several_treatments",
       .doc = "how comparisons of several treatments with one control share alpha",
       .choices = NameOf<SeveralTreatments>::choices()});
  d.field(cluster, {.name = "cluster",
                    .doc = "dimension of a dimension table, such as household, whose values were "
                           "randomised as a whole; its values are then what is counted"});
  d.field(design, {.name = "design", .doc = "how units came to their variants"});
  d.field(launches,
          {.name = "launches",
           .doc = "of a holdback: the experiments whose launches its control is without"});
  d.field(segments, {.name = "segments",
                     .doc = "dimensions to split the result by, of the entity's dimension tables "
                            "or the metrics' fact tables; `table.dimension` where two have it"});
}

void describe(Describer& d, Project& project) {
  auto& [name, folder, timezone, week_start, duckdb, entities, fact_tables, assignment_tables,
         dimension_tables, metrics, experiments] = project;
  d.field(name, {.name = "name", .doc = "name of the project", .required = true});
  d.field<ZoneName>(timezone, {.name = "timezone", .doc = "zone whose dates are used"});
  d.field<NameOf<Weekday>>(
      week_start,
      {.name = "week_start", .doc = "first day of a week", .choices = NameOf<Weekday>::choices()});
  d.visit({.name = "warehouse", .doc = "the SQL engine that reads the sources"},
          ObjectRef{&project, describe_warehouse});
  d.field(entities, {.name = "entities", .doc = "what is counted or randomised", .required = true});
  d.field(fact_tables, {.name = "fact_tables", .doc = "events"});
  d.field(assignment_tables,
          {.name = "assignment_tables", .doc = "who was given which variant, and when"});
  d.field(dimension_tables, {.name = "dimension_tables", .doc = "attributes of an entity"});
  d.field(metrics, {.name = "metrics", .doc = "one number per unit, and how to compare it"});
  d.field(experiments, {.name = "experiments", .doc = "comparisons that end in a decision"});
}

}  // namespace descant::definitions
