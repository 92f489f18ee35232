// SPDX-License-Identifier: Apache-2.0
#pragma once

// Difference in differences from panel rows. `two_by_two` when all treated units start at one time
// and others never do, `group_time` (staggered adoption) otherwise; `auto` chooses. The headline of
// group_time is the overall effect of `aggregate`; all aggregates and cells are listed with
// pointwise intervals, and with simultaneous ones by a seeded multiplier bootstrap on request
// (Callaway and Sant'Anna 2021, section 4). The pre-trend test asks whether all cells before
// treatment are 0 together. Control and treatment are the treated units' mean outcome without
// treatment, as the controls tell it, and as observed.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/causal/group_time_effects.h"
#include "stats/causal/instrumental_variables.h"
#include "stats/causal/panel.h"
#include "stats/comparison.h"

namespace descant::stats {

struct DifferenceInDifferencesRequest {
  PanelColumns panel;
  std::string method = "auto";  // auto | two_by_two | group_time
  GroupTimeOptions group_time;
  std::string aggregate = "group";  // simple | group | event_time | calendar
  bool simultaneous = false;
  std::int64_t replicates = 1000;
  std::uint64_t seed = 0;
  ComparisonOptions options;
};

struct CellEffect {
  double group = 0;
  double time = 0;
  std::int64_t n_treated = 0;
  std::int64_t n_control = 0;
  EffectInterval effect;
  std::optional<double> simultaneous_lower;
  std::optional<double> simultaneous_upper;
};

struct PartEffect {
  double at = 0;
  EffectInterval effect;
  std::optional<double> simultaneous_lower;
  std::optional<double> simultaneous_upper;
};

struct AggregateEffects {
  EffectInterval overall;
  std::vector<PartEffect> effects;
};

struct Aggregates {
  EffectInterval simple;
  AggregateEffects group;
  AggregateEffects event_time;
  AggregateEffects calendar;
};

struct DifferenceInDifferences {
  Comparison comparison;
  std::vector<CellEffect> effects;
  std::optional<Aggregates> aggregates;
  ChiSquaredTest pre_trend;
  std::int64_t n_units = 0;
  std::int64_t n_clusters = 0;
};

Result<DifferenceInDifferences> difference_in_differences(
    const DifferenceInDifferencesRequest& request);

void describe(Describer& d, DifferenceInDifferencesRequest& request);
void describe(Describer& d, CellEffect& effect);
void describe(Describer& d, PartEffect& effect);
void describe(Describer& d, AggregateEffects& effects);
void describe(Describer& d, Aggregates& aggregates);
void describe(Describer& d, DifferenceInDifferences& result);

}  // namespace descant::stats
