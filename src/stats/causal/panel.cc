// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/panel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

namespace descant::stats {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

Result<void> check_lengths(const PanelColumns& columns) {
  const std::size_t rows = columns.outcome.size();
  DESCANT_CHECK(check_same_length(columns.unit.size(), "unit", rows, "outcome"));
  DESCANT_CHECK(check_same_length(columns.time.size(), "time", rows, "outcome"));
  return check_same_length(columns.treated_from.size(), "treated_from", rows, "outcome");
}

Result<void> read_first_treated(const PanelColumns& columns, Panel& panel) {
  std::vector<bool> seen(panel.units.names.size(), false);
  panel.first_treated.assign(seen.size(), kNever);
  for (std::size_t i = 0; i < columns.unit.size(); ++i) {
    const std::uint32_t unit = panel.units.codes[i];
    const double from = columns.treated_from[i].value_or(kNever);
    if (seen[unit] && panel.first_treated[unit] != from)
      return invalid_request(
          fmt::format("unit {} has two values of treated_from", panel.units.names[unit]),
          fmt::format("treated_from[{}]", i),
          "It is the time of the unit's first treatment, the same in all its rows.");
    seen[unit] = true;
    panel.first_treated[unit] = from;
  }
  for (const double from : panel.first_treated)
    if (from != kNever) panel.groups.push_back(from);
  std::sort(panel.groups.begin(), panel.groups.end());
  panel.groups.erase(std::unique(panel.groups.begin(), panel.groups.end()), panel.groups.end());
  return {};
}

void read_periods(const PanelColumns& columns, Panel& panel) {
  panel.times = columns.time;
  std::sort(panel.times.begin(), panel.times.end());
  panel.times.erase(std::unique(panel.times.begin(), panel.times.end()), panel.times.end());
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t i = 0; i < columns.time.size(); ++i) {
    const auto at = std::lower_bound(panel.times.begin(), panel.times.end(), columns.time[i]);
    panel.period.push_back(static_cast<std::size_t>(at - panel.times.begin()));
    const std::uint64_t key = panel.units.codes[i] * panel.times.size() + panel.period[i];
    if (!seen.insert(key).second) panel.repeated_rows = true;
  }
}

Result<void> read_clusters(const PanelColumns& columns, Panel& panel) {
  DESCANT_ASSIGN(const auto by_row, clusters_of(columns.cluster, columns.outcome.size()));
  if (!by_row) return {};
  constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();
  CodedLabels by_unit{std::vector<std::uint32_t>(panel.unit_count(), kUnseen), by_row->names};
  for (std::size_t i = 0; i < by_row->codes.size(); ++i) {
    std::uint32_t& cluster = by_unit.codes[panel.units.codes[i]];
    if (cluster != kUnseen && cluster != by_row->codes[i])
      return invalid_request(
          fmt::format("unit {} is in two clusters", panel.units.names[panel.units.codes[i]]),
          fmt::format("cluster[{}]", i), "A cluster holds whole units.");
    cluster = by_row->codes[i];
  }
  panel.clusters = std::move(by_unit);
  return {};
}

}  // namespace

Result<Panel> read_panel(const PanelColumns& columns) {
  DESCANT_CHECK(check_lengths(columns));
  Panel panel;
  DESCANT_ASSIGN(panel.units, code_labels(columns.unit, "unit"));
  DESCANT_CHECK(read_first_treated(columns, panel));
  read_periods(columns, panel);
  DESCANT_CHECK(read_clusters(columns, panel));
  DESCANT_ASSIGN(panel.covariates, covariate_table(columns.covariates, columns.outcome.size()));
  return panel;
}

}  // namespace descant::stats
