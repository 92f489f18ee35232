// SPDX-License-Identifier: Apache-2.0
#include "experiment/interactions.h"

#include <cmath>

#include <fmt/format.h>

#include "base/parallel.h"
#include "experiment/metric_moments.h"
#include "stats/distributions.h"
#include "stats/multiplicity.h"

namespace descant::experiment {
namespace {

constexpr std::size_t kCellsLimit = 256;  // arm codes are 8 bits wide
constexpr double kIndependenceLevel = 0.001;

std::string entity_of(const definitions::Project& project, const UnitReadout& readout) {
  const auto& experiment = project.experiments.at(readout.plan.name);
  return project.assignment_tables.at(experiment.assignment_table).entity;
}

// Arms become cells (arm, other arm); units that are not in both experiments are not exposed.
void cross(UnitReadout& readout, const UnitReadout& other) {
  folds::UnitTable& units = readout.units;
  const auto& theirs = other.exposures;
  const std::size_t others = other.units.variants.size();
  units.exposed_from.assign(units.unit_count, 1);
  std::size_t at = 0;
  for (std::size_t unit = 0; unit < units.unit_count; ++unit) {
    const std::uint32_t entity = readout.exposures.entity[unit];
    while (at < theirs.size() && theirs.entity[at] < entity) ++at;
    if (at == theirs.size() || theirs.entity[at] != entity) continue;
    units.arm[unit] = static_cast<std::uint8_t>(units.arm[unit] * others + theirs.arm[at]);
    units.exposed_from[unit] = 0;
  }
  for (std::size_t unit = 0; unit < units.unit_count; ++unit)
    if (units.exposed_from[unit] != 0) units.arm[unit] = 0;
  std::vector<std::string> cells;
  for (const auto& variant : units.variants)
    for (const auto& their : other.units.variants) cells.push_back(variant + " x " + their);
  units.variants = std::move(cells);
}

void count_cells(const UnitReadout& readout, const std::vector<std::string>& variants,
                 const std::vector<std::string>& others, Interactions& result) {
  std::vector<std::int64_t> counts(variants.size() * others.size(), 0);
  for (std::size_t unit = 0; unit < readout.units.unit_count; ++unit)
    if (readout.units.exposed_from[unit] == 0) ++counts[readout.units.arm[unit]];
  std::vector<double> rows(variants.size(), 0);
  std::vector<double> columns(others.size(), 0);
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    result.cells.push_back(
        {variants[cell / others.size()], others[cell % others.size()], counts[cell]});
    result.units += counts[cell];
    rows[cell / others.size()] += static_cast<double>(counts[cell]);
    columns[cell % others.size()] += static_cast<double>(counts[cell]);
  }
  double statistic = 0;
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    const double expected = rows[cell / others.size()] * columns[cell % others.size()] /
                            static_cast<double>(result.units);
    statistic += std::pow(static_cast<double>(counts[cell]) - expected, 2) / expected;
  }
  result.independence_p_value = stats::chi_squared_upper_tail(
      statistic, static_cast<double>((variants.size() - 1) * (others.size() - 1)));
  if (std::isnan(result.independence_p_value))
    result.warnings.push_back({"empty_variant", "cells",
                               "A variant has no unit in both experiments, so nothing can be said "
                               "of the independence of the assignments."});
  if (result.independence_p_value <= kIndependenceLevel)
    result.warnings.push_back(
        {"dependent_assignments", "cells",
         fmt::format("The variant of {} depends on that of {} (p = {:.2g}): the assignments were "
                     "not drawn independently, and no comparison of their cells can be trusted.",
                     result.experiment, result.other, result.independence_p_value)});
}

Result<void> add_metric(const MetricPlan& metric, const MetricMoments& moments,
                        const std::vector<std::string>& variants,
                        const std::vector<std::string>& others, double confidence_level,
                        Interactions& result) {
  const auto& cells = moments.by_day.back().front();
  const auto cell = [&](std::size_t arm, std::size_t other) {
    return stats::ArmOutcome{
        moments.roles.outcome.denominator ? stats::OutcomeKind::kRatio : stats::OutcomeKind::kMean,
        cells[arm * others.size() + other], moments.roles.outcome};
  };
  stats::ComparisonOptions options;
  options.confidence_level = confidence_level;
  for (std::size_t arm = 1; arm < variants.size(); ++arm)
    for (std::size_t other = 1; other < others.size(); ++other) {
      DESCANT_ASSIGN(auto found,
                     stats::interaction(
                         {cell(0, 0), cell(0, other), cell(arm, 0), cell(arm, other)}, options));
      result.metrics.push_back({metric.name, variants[arm], others[other],
                                std::move(found.comparison), found.cells, stats::kUndefined});
    }
  return {};
}

Result<void> adjust(Interactions& result) {
  stats::AdjustPValuesRequest request;
  request.method = "benjamini_hochberg";
  for (const auto& metric : result.metrics)
    if (!std::isnan(metric.comparison.p_value))
      request.p_values.push_back(metric.comparison.p_value);
  if (request.p_values.empty()) return {};
  DESCANT_ASSIGN(const auto adjusted, stats::adjust_p_values(request));
  std::size_t next = 0;
  for (auto& metric : result.metrics)
    if (!std::isnan(metric.comparison.p_value)) metric.adjusted_p_value = adjusted.adjusted[next++];
  return {};
}

Result<void> check_crossing(const definitions::Project& project, const UnitReadout& first,
                            const UnitReadout& second) {
  const auto is_plain = [](const UnitReadout& readout) {
    using D = definitions::DesignType;
    return readout.plan.design == D::kRandomised || readout.plan.design == D::kEncouragement;
  };
  if (first.plan.name == second.plan.name)
    return invalid_request("an experiment does not interact with itself", "other",
                           "Name another experiment.");
  if (!is_plain(first) || !is_plain(second))
    return invalid_request("an interaction needs two experiments that randomise units", "design");
  if (!first.units.cluster.empty() || !second.units.cluster.empty())
    return invalid_request("an interaction needs experiments that randomise single units",
                           "experiments", "Of clusters, compare the arms by `segments` instead.");
  if (entity_of(project, first) != entity_of(project, second))
    return invalid_request(
        fmt::format("'{}' assigns the entity '{}', '{}' the entity '{}'", first.plan.name,
                    entity_of(project, first), second.plan.name, entity_of(project, second)),
        "other", "An interaction needs experiments on the same units.");
  if (first.units.variants.size() * second.units.variants.size() > kCellsLimit)
    return invalid_request("the experiments have more than 256 pairs of variants", "other");
  return {};
}

}  // namespace

Result<Interactions> interactions(const definitions::Project& project,
                                  const timelines::Store& store, const std::string& name,
                                  const std::string& other, const ReadoutOptions& options) {
  ReadoutOptions whole = options;
  whole.by_day = whole.by_segment = whole.since_exposure = false;
  DESCANT_ASSIGN(UnitReadout first, read_units(project, store, name, whole));
  DESCANT_ASSIGN(const UnitReadout second, read_units(project, store, other, whole));
  DESCANT_CHECK(check_crossing(project, first, second));
  Interactions result;
  result.experiment = name;
  result.other = other;
  const auto variants = first.units.variants;
  const auto& others = second.units.variants;
  cross(first, second);
  count_cells(first, variants, others, result);
  if (result.units == 0)
    return invalid_data(fmt::format("no unit was exposed to both '{}' and '{}'", name, other),
                        "other", "Experiments that exclude each other cannot interact.");
  const ShownStrata everyone;
  for (std::size_t i = 0; i < first.plan.metrics.size(); ++i) {
    const MetricPlan& metric = first.plan.metrics[i];
    if (metric.type == "quantile") {
      result.warnings.push_back({"quantile_left_out", "metrics." + metric.name,
                                 metric.name + " is a quantile and has no interaction."});
      continue;
    }
    DESCANT_ASSIGN(const auto moments, metric_moments({first.units,
                                                       first.units.metrics[i],
                                                       metric.cap,
                                                       {},
                                                       everyone,
                                                       false,
                                                       thread_count(options.threads)}));
    DESCANT_CHECK(
        add_metric(metric, moments, variants, others, first.plan.confidence_level, result));
  }
  DESCANT_CHECK(adjust(result));
  return result;
}

void describe(Describer& d, MetricInteraction& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.treatment, {.name = "treatment", .doc = "variant of the experiment"});
  d.field(metric.other_treatment,
          {.name = "other_treatment", .doc = "variant of the other experiment"});
  d.field(metric.comparison,
          {.name = "comparison",
           .doc = "control: the other's effect among this one's control; treatment: its effect "
                  "among this one's treated; absolute: how much they differ"});
  d.field(metric.cells, {.name = "cells", .doc = "the four cells"});
  d.field(metric.adjusted_p_value,
          {.name = "adjusted_p_value", .doc = "by Benjamini and Hochberg over all of them"});
}

void describe(Describer& d, CellCount& cell) {
  d.field(cell.variant, {.name = "variant", .doc = "of the experiment"});
  d.field(cell.other_variant, {.name = "other_variant", .doc = "of the other"});
  d.field(cell.units, {.name = "units", .doc = "exposed to both", .unit = "units"});
}

void describe(Describer& d, Interactions& result) {
  d.field(result.experiment, {.name = "experiment", .doc = "whose metrics are read"});
  d.field(result.other, {.name = "other", .doc = "the experiment crossed with it"});
  d.field(result.units, {.name = "units", .doc = "exposed to both", .unit = "units"});
  d.field(result.cells, {.name = "cells", .doc = "units by pair of variants"});
  d.field(result.independence_p_value,
          {.name = "independence_p_value", .doc = "of independent assignments"});
  d.field(result.metrics, {.name = "metrics", .doc = "one for each metric and pair of treatments"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
