// SPDX-License-Identifier: Apache-2.0
#pragma once

// The typed form of a project's YAML: what is counted, where the events come from, which metrics
// and experiments exist. Plain values; load.h makes them from files and checks every reference, so
// code that holds a Project may rely on: names resolve, exactly one of `from`/`sql` is set, variant
// shares sum to 1, windows are ordered. Durations are microseconds, dates local to `timezone`.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"

namespace descant::definitions {

// Where rows come from: a file, glob or table name in `from`, or a query in `sql`. Relative paths
// are relative to the project's folder.
struct Source {
  std::string from;
  std::string sql;
};

struct Entity {
  std::string name;
  std::string key;  // column that holds it, in every table of this entity
};

struct Measure {
  std::string name;
  std::string expression;  // SQL
};

struct FactTable {
  std::string name;
  Source source;
  std::string entity;
  std::string timestamp;
  std::string timezone;  // of timestamps without a zone; empty: UTC
  std::string order_by;  // column that breaks timestamp ties; may be empty
  std::vector<std::string> dimensions;
  std::vector<Measure> measures;
  std::int64_t completeness_lag = 0;
};

struct AssignmentTable {
  std::string name;
  Source source;
  std::string entity;
  std::string experiment;  // columns
  std::string variant;
  std::string timestamp;
  std::string timezone;
};

struct DimensionTable {
  std::string name;
  Source source;
  std::string entity;
  std::vector<std::string> dimensions;
};

enum class MetricType { kMean, kProportion, kRatio, kRetention, kQuantile, kCountDistinct };
enum class Aggregate { kSum, kCount, kAny, kDistinct, kMean, kMin, kMax };
// Sums and means add, minimum and maximum order: of a measure that is text there is none.
inline bool needs_numbers(Aggregate aggregate) {
  return aggregate == Aggregate::kSum || aggregate == Aggregate::kMean ||
         aggregate == Aggregate::kMin || aggregate == Aggregate::kMax;
}
// What a quantile is taken of: the units' totals, or all their events (units are then clusters).
enum class QuantileOf { kUnits, kEvents };
enum class Direction { kIncrease, kDecrease };

// One number per unit: `aggregate` of `measure` over the events that satisfy `where`.
struct Aggregation {
  Aggregate aggregate = Aggregate::kCount;
  std::string measure;  // empty for count of events (and for any/count without a measure)
  std::string where;    // SQL over the source's columns; empty: every event
};

// Winsorisation of unit totals: larger ones count as the cap, smaller ones as the floor.
struct Cap {
  std::optional<double> value = std::nullopt;       // in the metric's unit
  std::optional<double> percentile = std::nullopt;  // in (0, 100)
  std::optional<double> lower_value = std::nullopt;
  std::optional<double> lower_percentile = std::nullopt;
};

struct Metric {
  std::string name;
  MetricType type = MetricType::kMean;
  std::string description;
  std::string unit;
  std::string fact_table;
  Direction direction = Direction::kIncrease;
  Aggregation numerator;                   // the only one unless type is ratio
  std::optional<Aggregation> denominator;  // ratio only
  // Events in [exposure + from, exposure + to). Without `to` the metric is open-ended.
  std::int64_t from = 0;
  std::optional<std::int64_t> to;
  double quantile = 0.5;  // of a quantile only, in (0, 1)
  QuantileOf quantile_of = QuantileOf::kUnits;
  Cap cap;
};

enum class Role { kSuccess, kGuardrail, kDeterioration, kQuality, kExploratory };

// 1% is relative to control, 1pp is 0.01 absolute, a bare number is absolute in the metric's unit.
struct EffectSize {
  double value = 0;
  bool relative = false;
};

struct ExperimentMetric {
  std::string metric;
  Role role = Role::kSuccess;
  std::optional<EffectSize> minimum_detectable_effect;
  std::optional<EffectSize> non_inferiority_margin;  // guardrails have one
};

struct Variant {
  std::string name;
  double share = 0;
};

struct VarianceReduction {
  bool cuped = true;
  std::int64_t lookback = 14 * kMicrosecondsPerDay;
  std::vector<std::string> covariates;   // further metrics, whose lookback values adjust as well
  std::vector<std::string> stratify_by;  // dimensions, as segments: post-stratification
};

enum class SequentialMethod {
  kNone,
  kGroupSequential,
  kAsymptotic,
  kGavi,
  kMsprt,
  kYeast,
  kFixedPower
};
enum class Spending { kLanDeMetsObrienFleming, kLanDeMetsPocock, kPower, kHwangShihDeCani };
enum class Looks { kDaily, kWeekly };

// How a test may be read before its planned end. A look is the end of a local day.
struct Sequential {
  SequentialMethod method = SequentialMethod::kNone;
  Looks looks = Looks::kDaily;
  // group_sequential: what share of alpha is spent by which share of the plan.
  Spending spending = Spending::kLanDeMetsObrienFleming;
  std::optional<double> spending_parameter;  // of power and hwang_shih_decani
  // Units by the planned end, in all variants; none: alpha is spent by days.
  std::optional<double> planned_units;
  std::optional<double> optimal_units;  // asymptotic, gavi: where the interval is tightest
  std::optional<double> tau_squared;    // msprt: variance of the true relative effect
};

enum class SeveralTreatments { kBonferroni, kHolm, kDunnett };

// How units came to their variants, and so what a comparison of them means.
enum class DesignType {
  kRandomised,
  kEncouragement,            // variants only encourage to take up
  kSwitchback,               // all of an entity changes variant over time: units are its buckets
  kInterleaving,             // every unit sees both; what it picked is credited to one
  kDifferenceInDifferences,  // not randomised: change since before is compared
};
struct Design {
  DesignType type = DesignType::kRandomised;
  std::string take_up;                        // encouragement: metric, above 0 for takers
  std::int64_t bucket = kMicrosecondsPerDay;  // switchback
  std::int64_t carryover = 0;                 // switchback: left out after each switch
  std::string control_wins, treatment_wins;   // interleaving: metrics
};

struct Experiment {
  std::string name;
  std::string hypothesis;
  std::string assignment_table;
  std::string control;
  std::vector<Variant> variants;  // in the order written; control among them
  Date start = 0;                 // local dates, both included
  Date end = 0;
  std::vector<ExperimentMetric> metrics;
  double alpha = 0.05;
  double power = 0.8;
  double deterioration_alpha = 0.01;
  VarianceReduction variance_reduction;
  Sequential sequential;
  SeveralTreatments several_treatments = SeveralTreatments::kBonferroni;
  std::string cluster;  // dimension that was randomised as a whole; empty: the entity
  Design design;
  std::vector<std::string> launches;  // experiments that a holdback holds back
  std::vector<std::string>
      segments;  // dimensions of the entity's dimension tables or of the metrics' fact tables
};

struct Project {
  std::string name;
  std::string folder;  // absolute
  std::string timezone = "UTC";
  int week_start = 1;  // ISO weekday, 1 = Monday
  std::string duckdb = ":memory:";
  std::map<std::string, Entity> entities;
  std::map<std::string, FactTable> fact_tables;
  std::map<std::string, AssignmentTable> assignment_tables;
  std::map<std::string, DimensionTable> dimension_tables;
  std::map<std::string, Metric> metrics;
  std::map<std::string, Experiment> experiments;
};

}  // namespace descant::definitions
