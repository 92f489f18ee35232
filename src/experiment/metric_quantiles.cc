// SPDX-License-Identifier: Apache-2.0
#include "experiment/metric_quantiles.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "base/parallel.h"
#include "experiment/cell_moments.h"
#include "experiment/percentiles.h"
#include "folds/event_quantiles.h"
#include "stats/order_statistics.h"

namespace descant::experiment {
namespace {

using FourValues = std::array<double, 4>;  // at stats::ranks_at

// A split of the last day's units, with the quantile of every group and arm.
struct Split {
  Grouping grouping;
  std::vector<std::uint32_t> cell;        // by unit: group and arm
  std::vector<std::size_t> n;             // by cell: units, or events
  std::vector<stats::ArmQuantile> found;  // by cell
};

class QuantilePass {
 public:
  explicit QuantilePass(const QuantilesRequest& request) : request_(request) {}

  Result<MetricQuantiles> run() {
    MetricQuantiles out;
    out.of_events = of_events();
    out.method = of_events() || clustered() ? "cluster" : "order_statistic";
    std::vector<Split> splits;
    for (const auto& segment : request_.segments)
      splits.push_back(split_by({segment.codes, segment.labels.size()}));
    if (of_events()) {
      splits.push_back(split_by({everyone(), 1}));
      DESCANT_CHECK(select_events(splits));
    } else {
      DESCANT_CHECK(add_days(out));
      DESCANT_CHECK(select_units(splits));
    }
    for (auto& split : splits) {
      DESCANT_CHECK(widen(split, last_day()));
      out.by_segment.push_back(by_group(split));
    }
    if (of_events()) {
      out.by_day = std::move(out.by_segment.back());
      out.by_segment.pop_back();
    }
    return out;
  }

 private:
  const folds::UnitTable& units() const { return request_.units; }
  bool of_events() const { return request_.values.events != nullptr; }
  bool clustered() const { return !units().cluster.empty(); }
  std::size_t arms() const { return units().variants.size(); }
  std::size_t last_day() const { return units().days.size() - 1; }
  const std::vector<double>& values(std::size_t day) const {
    const auto& columns = request_.values.numerator;
    return columns[columns.size() > 1 ? day : 0];
  }
  bool counts(std::size_t unit, std::size_t day) const {
    return request_.counted.first_day[unit] <= day;
  }
  std::span<const std::uint16_t> everyone() {
    everyone_.resize(units().unit_count, 0);
    return everyone_;
  }

  Split split_by(const Grouping& grouping) const {
    Split split{grouping, {}, {}, {}};
    split.cell.resize(units().unit_count, folds::kNoCell);
    split.n.resize(grouping.values * arms());
    for (std::size_t unit = 0; unit < units().unit_count; ++unit) {
      if (!counts(unit, last_day())) continue;
      const std::size_t rows =
          of_events() ? static_cast<std::size_t>(values(last_day())[unit]) : std::size_t{1};
      if (rows == 0) continue;
      const std::size_t cell = grouping.codes[unit] * arms() + units().arm[unit];
      split.cell[unit] = static_cast<std::uint32_t>(cell);
      split.n[cell] += rows;
    }
    split.found.resize(split.n.size());
    return split;
  }

  std::vector<ArmQuantiles> by_group(const Split& split) const {
    std::vector<ArmQuantiles> groups;
    for (std::size_t group = 0; group < split.grouping.values; ++group) {
      const auto first = split.found.begin() + static_cast<std::ptrdiff_t>(group * arms());
      groups.emplace_back(first, first + static_cast<std::ptrdiff_t>(arms()));
    }
    return groups;
  }

  Result<void> select_events(std::vector<Split>& splits) const {
    std::vector<folds::EventCells> wanted;
    for (const auto& split : splits) {
      auto& cells = wanted.emplace_back(folds::EventCells{split.cell, {}});
      for (const std::size_t n : split.n) {
        auto& ranks = cells.ranks.emplace_back();
        if (n == 0) continue;
        const auto four = stats::ranks_at(n, request_.target);
        ranks.assign(four.begin(), four.end());
      }
    }
    DESCANT_ASSIGN(const auto found, folds::event_order_statistics(*request_.values.events, wanted,
                                                                   request_.threads));
    for (std::size_t s = 0; s < splits.size(); ++s)
      for (std::size_t cell = 0; cell < splits[s].n.size(); ++cell) {
        FourValues four{};
        std::copy(found[s][cell].begin(), found[s][cell].end(), four.begin());
        splits[s].found[cell] = stats::quantile_at(splits[s].n[cell], request_.target, four);
      }
    return {};
  }

  Result<void> select_units(std::vector<Split>& splits) const {
    for (auto& split : splits) {
      std::vector<std::vector<double>> by_cell(split.n.size());
      for (std::size_t cell = 0; cell < by_cell.size(); ++cell)
        by_cell[cell].reserve(split.n[cell]);
      const auto& column = values(last_day());
      for (std::size_t unit = 0; unit < column.size(); ++unit)
        if (split.cell[unit] != folds::kNoCell) by_cell[split.cell[unit]].push_back(column[unit]);
      DESCANT_CHECK(for_each_morsel(
          by_cell.size(), request_.threads, [&](std::size_t cell, std::size_t) -> Result<void> {
            split.found[cell] = stats::quantile_of_rows(by_cell[cell], request_.target);
            return {};
          }));
    }
    return {};
  }

  Result<void> add_days(MetricQuantiles& out) {
    const std::size_t days = units().days.size();
    std::vector<Split> rows(days);
    for (auto& row : rows) {
      row.grouping = {everyone(), 1};
      row.found.resize(arms());
    }
    DESCANT_CHECK(for_each_morsel(arms(), request_.threads,
                                  [&](std::size_t arm, std::size_t) -> Result<void> {
                                    select_days(arm, rows);
                                    return {};
                                  }));
    for (std::size_t day = 0; day < days; ++day) {
      if (clustered()) {
        rows[day].cell.resize(units().unit_count, folds::kNoCell);
        for (std::size_t unit = 0; unit < units().unit_count; ++unit)
          if (counts(unit, day)) rows[day].cell[unit] = units().arm[unit];
        DESCANT_CHECK(widen(rows[day], day));
      }
      out.by_day.push_back(std::move(rows[day].found));
      rows[day] = {};
    }
    return {};
  }

  // Of one arm, every day.
  void select_days(std::size_t arm, std::vector<Split>& rows) const {
    const std::size_t step = request_.values.numerator.size() > 1 ? 1 : rows.size();
    const auto ranks = [&](std::size_t n) {
      const auto four = stats::ranks_at(n, request_.target);
      return std::vector<std::size_t>(four.begin(), four.end());
    };
    for (std::size_t day = 0; day < rows.size(); day += step) {
      std::vector<double> own;
      std::vector<std::uint16_t> first_day;
      const auto& column = values(day);
      for (std::size_t unit = 0; unit < column.size(); ++unit) {
        if (units().arm[unit] != arm || !counts(unit, day + step - 1)) continue;
        own.push_back(column[unit]);
        first_day.push_back(request_.counted.first_day[unit]);
      }
      const auto sets = nested_order_statistics(own, first_day, day, day + step, ranks);
      for (std::size_t k = 0; k < sets.size(); ++k) {
        FourValues four{};
        std::copy(sets[k].values.begin(), sets[k].values.end(), four.begin());
        rows[day + k].found[arm] = stats::quantile_at(sets[k].n, request_.target, four);
      }
    }
  }

  // Where rows vary together: events by unit, units by cluster. Needs the cells of the split.
  Result<void> widen(Split& split, std::size_t day) const {
    if (!of_events() && !clustered()) return {};
    std::vector<double> below(units().unit_count);
    std::vector<double> size(units().unit_count);
    std::vector<double> thresholds;
    for (const auto& found : split.found) thresholds.push_back(found.arm.estimate);
    const auto& column = values(day);
    if (of_events())
      DESCANT_CHECK(folds::count_at_most(*request_.values.events, split.cell, thresholds, below,
                                         request_.threads));
    std::vector<std::uint16_t> first_day(units().unit_count, kNotExposed);
    for (std::size_t unit = 0; unit < units().unit_count; ++unit) {
      if (split.cell[unit] == folds::kNoCell) continue;
      first_day[unit] = 0;
      size[unit] = of_events() ? column[unit] : 1;
      if (!of_events()) below[unit] = column[unit] <= thresholds[split.cell[unit]] ? 1 : 0;
    }
    constexpr double kNoLimit = std::numeric_limits<double>::infinity();
    UnitBlock block;
    block.columns = {below, size};
    block.caps.assign(2, kNoLimit);
    block.floors.assign(2, -kNoLimit);
    block.arm = units().arm;
    block.first_day = first_day;
    block.cluster = units().cluster;
    DESCANT_ASSIGN(const auto moments,
                   cell_moments(block, {&split.grouping, 1}, arms(), request_.threads));
    for (std::size_t cell = 0; cell < split.found.size(); ++cell) {
      auto& found = split.found[cell];
      if (found.arm.n == 0) continue;
      const auto& clusters = moments.front()[cell / arms()][cell % arms()];
      stats::widen_for_clusters(found, request_.target.quantile, clusters);
      found.arm.n = clusters.n;
    }
    return {};
  }

  const QuantilesRequest& request_;
  std::vector<std::uint16_t> everyone_;
};

}  // namespace

Result<MetricQuantiles> metric_quantiles(const QuantilesRequest& request) {
  return QuantilePass(request).run();
}

}  // namespace descant::experiment
