// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an analysed experiment says, in the shape of its JSON: who took part and who was left out,
// the checks, a decision per treatment, and per metric and treatment the comparison with its
// unadjusted twin, the effect by segment and the effect by day. Every interface (text, HTML, JSON,
// Python) shows this and computes nothing. Undefined numbers are NaN and come with a warning.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "experiment/heterogeneity_result.h"
#include "experiment/novelty_result.h"
#include "experiment/sequential_result.h"
#include "stats/causal/encouragement.h"
#include "stats/causal/interleaving.h"
#include "stats/comparison.h"

namespace descant::experiment {

struct ArmCount {
  std::string variant;
  double expected_share = 0;
  std::int64_t units = 0;  // exposed
};

// Everything left out is counted here with its reason in words.
struct LeftOut {
  std::string reason;  // stable: undeclared_variant, outside_dates, null_key, several_variants, ...
  std::string what;    // rows | units
  std::int64_t count = 0;
  std::string message;  // for people
};

struct ExperimentSummary {
  std::string name;
  std::string hypothesis;
  std::string control;
  std::string start;  // local dates; empty for a table of units
  std::string end;
  std::string as_of;  // instant; empty for a table of units
  std::string timezone;
  std::string entity = "unit";  // what was randomised, in the singular: listener
  bool complete = true;         // the planned end is reached
  std::vector<ArmCount> arms;
  std::vector<LeftOut> left_out;
};

struct Check {
  std::string name;       // sample_ratio, several_variants, pre_exposure:<metric>, ...
  std::string treatment;  // empty when it concerns the whole experiment
  std::string metric;     // empty unless it concerns one
  double statistic = stats::kUndefined;
  double p_value = stats::kUndefined;
  double threshold = stats::kUndefined;
  bool passed = true;
  bool quality_test = false;  // a rejection makes the decision `invalid`
  std::string message;        // one sentence for people
};

struct SegmentEffect {
  std::string dimension;
  std::string value;
  stats::Comparison comparison;
  double p_value_adjusted = stats::kUndefined;  // Benjamini-Hochberg over the metric's segments
  bool rejected = false;                        // that there is no effect, by that
  std::optional<stats::EffectInterval> shrunk = std::nullopt;  // towards the dimension's mean
};

struct DayEffect {
  std::string day;           // local date
  bool planned_end = false;  // a fixed-horizon p-value is shown only from the planned end on
  stats::Comparison comparison;
  std::optional<SequentialLook> look;  // sequential experiments, at the end of a complete day
};

// Of an encouragement: the effect on those who take it up because they were encouraged.
struct ComplierEffect {
  stats::Comparison comparison;
  std::vector<stats::RegionPiece> anderson_rubin;  // confidence region that weakness cannot spoil
  double take_up_control = stats::kUndefined;      // shares
  double take_up_treatment = stats::kUndefined;
  double first_stage_f = stats::kUndefined;
};

// Of an interleaving: the treatment's share of all picks, and how many units prefer which variant.
struct InterleavingPicks {
  stats::EffectInterval preference;
  stats::SignTest sign_test;
  std::int64_t units_without_picks = 0;
};

struct MetricResult {
  std::string name;
  std::string role;
  std::string treatment;
  std::string type;
  double quantile = stats::kUndefined;  // of type quantile only
  std::string quantile_of;              // units | events; likewise
  std::string unit;
  std::string description;
  std::string direction;         // increase | decrease
  std::optional<double> margin;  // as written, in margin_scale
  std::string margin_scale;      // relative | absolute
  std::int64_t mature_units = 0;
  std::int64_t immature_units = 0;           // left out
  std::int64_t missing_units = 0;            // left out: no value (own tables)
  double cap_numerator = stats::kUndefined;  // value applied to unit totals, if any
  double cap_denominator = stats::kUndefined;
  double variance_reduction = stats::kUndefined;
  double alpha_used = stats::kUndefined;         // one-sided, by the decision rule
  double p_value_one_sided = stats::kUndefined;  // superiority or non-inferiority
  double p_value_adjusted = stats::kUndefined;   // over treatments, by Holm or Dunnett
  double deterioration_p_value = stats::kUndefined;
  std::string verdict;           // passed | not_passed | deteriorated | undecided
  stats::Comparison comparison;  // the one that decides (adjusted when CUPED is on)
  stats::Comparison unadjusted;
  std::optional<ComplierEffect> complier_effect;
  std::optional<InterleavingPicks> picks;
  std::vector<SegmentEffect> segments;
  std::optional<Heterogeneity> heterogeneity;  // none without segments
  std::vector<DayEffect> days;
  std::optional<SequentialOutcome> sequential;
  std::vector<TenureEffect> days_since_exposure;  // experiments over timelines only
  std::optional<Novelty> novelty;                 // its trend; none: too few days yet
};

struct TreatmentDecision {
  std::string treatment;
  std::string action;                // ship | stop | continue | invalid
  std::string explanation;           // the sentence that explains it
  std::vector<std::string> reasons;  // the metrics and checks it rests on, a sentence each
};

// Enough to run the analysis again and get the same numbers.
struct Record {
  std::string descant_version;
  std::string definition_hash;
  std::string data_fingerprint;
  double alpha = stats::kUndefined;
  double power = stats::kUndefined;
  double deterioration_alpha = stats::kUndefined;
  double power_planned = stats::kUndefined;     // 1 - beta* of the decision rule
  double confidence_level = stats::kUndefined;  // of every interval shown
};

struct ExperimentResult {
  ExperimentSummary experiment;
  std::vector<TreatmentDecision> decisions;
  std::vector<Check> checks;
  std::vector<MetricResult> metrics;
  Record record;
  Warnings warnings;
};

void describe(Describer& d, ExperimentResult& result);

}  // namespace descant::experiment
