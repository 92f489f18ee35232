// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a unit table to a decided experiment. Applies caps (to unit totals, percentile pooled over
// all arms' mature units, once per as-of day), takes moments per arm, segment and day in one pass,
// compares each treatment with control, runs the checks, and applies the decision rule. The same
// function serves timelines and a user's own table of units. Nothing here reads files or clocks.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "experiment/result.h"
#include "folds/unit_table.h"

namespace descant::experiment {

struct MetricPlan {
  std::string name;
  std::string type = "mean";  // mean | proportion | ratio | retention | quantile | count_distinct
  double quantile = 0.5;      // of a quantile only; of events where the table has a metric's events
  std::string unit;
  std::string description;
  definitions::Direction direction = definitions::Direction::kIncrease;
  definitions::Role role = definitions::Role::kSuccess;
  std::optional<definitions::EffectSize> minimum_detectable_effect;
  std::optional<definitions::EffectSize> non_inferiority_margin;
  definitions::Cap cap;
};

struct AnalysisPlan {
  std::string name;
  std::string hypothesis;
  std::string entity = "unit";  // what is counted, in the singular
  std::string cluster;          // what was randomised, where units come in clusters
  std::vector<double> shares;   // expected share by arm, in UnitTable::variants order; empty: no
                                // declared allocation, so no sample-ratio test
  std::vector<MetricPlan> metrics;  // as UnitTable::metrics
  double alpha = 0.05;
  double power = 0.8;
  double deterioration_alpha = 0.01;
  double confidence_level = 0.95;
  bool cuped = true;
  bool stratified = true;          // within the table's strata, if it has some
  bool shared_covariates = false;  // the table has covariates of other metrics
  definitions::DesignType design = definitions::DesignType::kRandomised;
  definitions::SeveralTreatments several_treatments = definitions::SeveralTreatments::kBonferroni;
  std::size_t segments_shown_max = 50;  // values per dimension; the others are pooled and counted
  bool heterogeneity = true;            // test whether effects differ between segments
  std::string start, end, timezone;     // as shown; empty for own tables
  bool planned_end_reached = true;      // by the last day of UnitTable::days
  std::vector<bool> planned_end_reached_by_day;  // same length as UnitTable::days
  // How the test may be read before its planned end, and which share of the plan each day of
  // UnitTable::days completes; NaN: no look. Read only by sequential methods.
  definitions::Sequential sequential;
  std::vector<double> plan_share_by_day;
  std::string definition_hash, data_fingerprint;
};

// `threads`: 0 uses all processors; results are the same for any number.
Result<ExperimentResult> analyze(const AnalysisPlan& plan, const folds::UnitTable& units,
                                 const std::optional<folds::ExposureCounts>& exposure,
                                 std::size_t threads = 0);

}  // namespace descant::experiment
