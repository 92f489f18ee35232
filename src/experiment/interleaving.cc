// SPDX-License-Identifier: Apache-2.0
#include "experiment/interleaving.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/version.h"
#include "experiment/counted_units.h"
#include "experiment/effects.h"
#include "experiment/segments.h"
#include "experiment/summary.h"
#include "experiment/verdict.h"

namespace descant::experiment {
namespace {

// The first day on which a unit's picks of both kinds are complete.
Result<CountedUnits> counted_picks(const folds::UnitTable& units, std::size_t threads) {
  DESCANT_ASSIGN(auto counted, counted_units(units, units.metrics[0], threads));
  DESCANT_ASSIGN(const auto other, counted_units(units, units.metrics[1], threads));
  for (std::size_t unit = 0; unit < units.unit_count; ++unit)
    counted.first_day[unit] = std::max(counted.first_day[unit], other.first_day[unit]);
  return counted;
}

class Picks {
 public:
  Picks(const AnalysisPlan& plan, const folds::UnitTable& units, const CountedUnits& counted)
      : units_(units), counted_(counted) {
    options_.comparison.confidence_level = plan.confidence_level;
    options_.seed = 0;
  }

  template <class Holds>
  Result<stats::InterleavingResult> of(std::size_t day, std::int64_t replicates,
                                       const Holds& holds) const {
    const auto column = [&](std::size_t metric) -> const std::vector<double>& {
      const auto& columns = units_.metrics[metric].numerator;
      return columns[columns.size() > 1 ? day : 0];
    };
    const auto& control = column(0);
    const auto& treatment = column(1);
    std::vector<stats::InterleavingUnit> picks;
    for (std::size_t unit = 0; unit < units_.unit_count; ++unit)
      if (counted_.first_day[unit] <= day && holds(unit))
        picks.push_back({control[unit], treatment[unit], 0});
    stats::InterleavingOptions options = options_;
    options.replicates = replicates;
    return stats::interleaving(picks, options);
  }

 private:
  const folds::UnitTable& units_;
  const CountedUnits& counted_;
  stats::InterleavingOptions options_;
};

void hide_p_value(stats::Comparison& comparison, bool shown) {
  if (!shown) comparison.p_value = stats::kUndefined;
}

Result<void> add_splits(const AnalysisPlan& plan, const folds::UnitTable& units,
                        const std::vector<ShownSegments>& segments, const Picks& picks,
                        MetricResult& metric) {
  const std::size_t last = units.days.size() - 1;
  constexpr std::int64_t kNoBootstrap = 0;
  for (const auto& segment : segments)
    for (std::size_t value = 0; value < segment.labels.size(); ++value) {
      DESCANT_ASSIGN(auto effect, picks.of(last, kNoBootstrap, [&](std::size_t unit) {
        return segment.codes[unit] == value;
      }));
      hide_p_value(effect.comparison, plan.planned_end_reached);
      metric.segments.push_back(
          {segment.dimension, segment.labels[value], std::move(effect.comparison)});
    }
  for (std::size_t day = 0; units.days.size() > 1 && day < units.days.size(); ++day) {
    DESCANT_ASSIGN(auto effect, picks.of(day, kNoBootstrap, [](std::size_t) { return true; }));
    const bool ended = planned_end_reached_on(plan, day);
    hide_p_value(effect.comparison, ended);
    metric.days.push_back(
        {format_date(units.days[day].date), ended, std::move(effect.comparison), {}});
  }
  return {};
}

MetricEffect preference(const AnalysisPlan& plan, const folds::UnitTable& units,
                        stats::InterleavingResult found) {
  MetricEffect effect;
  MetricResult& metric = effect.result;
  metric.name = kPreference;
  metric.role = "success";
  metric.treatment = units.variants[1];
  metric.type = "interleaving";
  metric.description = "Share of a unit's picks credited to the treatment less that to control";
  metric.direction = "increase";
  metric.comparison = found.comparison;
  metric.unadjusted = found.comparison;
  metric.mature_units = found.comparison.control.n;
  metric.missing_units = found.empty_units;
  effect.tests = stats::tests_of(metric.comparison, metric.name, metric.role, metric.direction);
  metric.deterioration_p_value = effect.tests.deterioration_p_value;
  if (plan.planned_end_reached) {
    metric.p_value_one_sided = effect.tests.p_value;
  } else {
    found.sign_test.p_value = stats::kUndefined;
    hide_p_value(metric.comparison, false);
    hide_p_value(metric.unadjusted, false);
  }
  metric.picks = InterleavingPicks{found.preference, found.sign_test, found.empty_units};
  return effect;
}

}  // namespace

Result<ExperimentResult> analyze_interleaving(const AnalysisPlan& plan,
                                              const folds::UnitTable& units,
                                              const std::optional<folds::ExposureCounts>& exposure,
                                              std::size_t threads) {
  if (units.metrics.size() != 2 || units.variants.size() != 2 || units.days.empty())
    return internal_error("an interleaving has two variants and the picks of each", "design");
  threads = thread_count(threads);
  DESCANT_ASSIGN(const auto counted, counted_picks(units, threads));
  DESCANT_ASSIGN(const auto segments, choose_segments(units, plan.segments_shown_max, threads));
  ExperimentResult result;
  // All units saw both variants, so no variant has units of its own.
  result.experiment = summarise(plan, units, {}, exposure);
  result.experiment.complete = plan.planned_end_reached;
  result.record = {.descant_version = std::string(kVersion),
                   .definition_hash = plan.definition_hash,
                   .data_fingerprint = plan.data_fingerprint,
                   .alpha = plan.alpha,
                   .power = plan.power,
                   .deterioration_alpha = plan.deterioration_alpha,
                   .confidence_level = plan.confidence_level};
  const Picks picks(plan, units, counted);
  constexpr std::int64_t kReplicates = 1000;
  DESCANT_ASSIGN(auto found,
                 picks.of(units.days.size() - 1, kReplicates, [](std::size_t) { return true; }));
  std::vector<MetricEffect> effects = {preference(plan, units, std::move(found))};
  for (const auto& arm : counted.immature) effects[0].result.immature_units += arm;
  DESCANT_CHECK(add_splits(plan, units, segments, picks, effects[0].result));
  DESCANT_ASSIGN(auto verdict, decide_treatment(plan, units.variants[1], 1,
                                                result.experiment.complete, effects, {}));
  result.decisions.push_back(std::move(verdict.decision));
  result.record.power_planned = verdict.power_planned;
  result.metrics.push_back(std::move(effects[0].result));
  return result;
}

}  // namespace descant::experiment
