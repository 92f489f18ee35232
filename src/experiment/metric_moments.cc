// SPDX-License-Identifier: Apache-2.0
#include "experiment/metric_moments.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "experiment/counted_units.h"

namespace descant::experiment {

namespace {

// The units as the moments see them on one day.
UnitBlock block_of(const folds::UnitTable& units, const MetricColumns& columns,
                   const CountedUnits& counted, std::size_t day) {
  UnitBlock block;
  for (const auto& column : columns.columns) block.columns.emplace_back(column.raw(day));
  block.caps = columns.limits.caps[day];
  block.floors = columns.limits.floors[day];
  block.arm = units.arm;
  block.first_day = counted.first_day;
  block.last_day = static_cast<std::uint16_t>(day);
  block.cluster = units.cluster;
  return block;
}

void merge_arms(std::vector<stats::Moments>& into, const std::vector<stats::Moments>& from) {
  for (std::size_t arm = 0; arm < into.size(); ++arm) into[arm].merge(from[arm]);
}

// Rows of the units that some day's limits cut and another day's do not, or not at the same value.
struct CutUnits {
  std::vector<std::vector<double>> columns;
  std::vector<std::uint8_t> arm;
  std::vector<std::uint16_t> first_day;
  std::vector<std::uint16_t> stratum;
};

CutUnits take_cut_units(const UnitBlock& block, const ShownStrata& strata, const Limits& limits,
                        std::vector<std::uint16_t>& first_day) {
  const std::size_t count = block.columns.size();
  std::vector<double> caps(count);
  std::vector<double> floors(count);
  for (std::size_t i = 0; i < count; ++i) {
    caps[i] = limits.lowest_cap(i);
    floors[i] = limits.highest_floor(i);
  }
  CutUnits cut;
  cut.columns.resize(count);
  for (std::size_t unit = 0; unit < first_day.size(); ++unit) {
    if (first_day[unit] > block.last_day) continue;
    bool is_cut = false;
    for (std::size_t i = 0; i < count; ++i)
      is_cut |= block.columns[i][unit] > caps[i] || block.columns[i][unit] < floors[i];
    if (!is_cut) continue;
    for (std::size_t i = 0; i < count; ++i) cut.columns[i].push_back(block.columns[i][unit]);
    cut.arm.push_back(block.arm[unit]);
    cut.first_day.push_back(first_day[unit]);
    cut.stratum.push_back(strata.code(unit));
    first_day[unit] = kNotExposed;
  }
  return cut;
}

class MomentsPass {
 public:
  MomentsPass(const MomentsRequest& request, const MetricColumns& columns,
              const CountedUnits& counted)
      : request_(request), columns_(columns), counted_(counted) {}

  Result<void> run(MetricMoments& out) {
    const bool by_day = std::any_of(columns_.columns.begin(), columns_.columns.end(),
                                    [](const auto& column) { return column.by_day; });
    if (by_day || !request_.units.cluster.empty()) return each_day(out);
    return columns_.limits.same_every_day() ? one_pass(out) : one_pass_and_cut_units(out);
  }

 private:
  std::size_t days() const { return request_.units.days.size(); }
  std::size_t strata() const { return request_.strata.count; }
  UnitBlock block(std::size_t day) const {
    return block_of(request_.units, columns_, counted_, day);
  }

  // Codes of groups within strata. `made` keeps those that have to be made.
  Grouping within_strata(std::span<const std::uint16_t> codes, std::size_t values,
                         std::vector<std::vector<std::uint16_t>>& made) const {
    if (strata() == 1) return {codes, values};
    auto& combined = made.emplace_back(codes.size(), std::uint16_t{0});
    for (std::size_t unit = 0; unit < codes.size(); ++unit)
      if (codes[unit] < values)  // of units that count
        combined[unit] =
            static_cast<std::uint16_t>(codes[unit] * strata() + request_.strata.codes[unit]);
    return {combined, values * strata()};
  }

  // By group, then by stratum and arm.
  Result<std::vector<std::vector<StratumMoments>>> moments(
      const UnitBlock& block, const std::vector<Grouping>& groupings) const {
    std::vector<std::vector<std::uint16_t>> made;
    made.reserve(groupings.size());
    std::vector<Grouping> within;
    for (const auto& grouping : groupings)
      within.push_back(within_strata(grouping.codes, grouping.values, made));
    DESCANT_ASSIGN(auto flat,
                   cell_moments(block, within, request_.units.variants.size(), request_.threads));
    std::vector<std::vector<StratumMoments>> found(groupings.size());
    for (std::size_t g = 0; g < groupings.size(); ++g)
      for (std::size_t value = 0; value < groupings[g].values; ++value) {
        const auto first = flat[g].begin() + static_cast<std::ptrdiff_t>(value * strata());
        found[g].emplace_back(
            std::make_move_iterator(first),
            std::make_move_iterator(first + static_cast<std::ptrdiff_t>(strata())));
      }
    return found;
  }

  std::vector<Grouping> segments() const {
    std::vector<Grouping> groupings;
    for (const auto& segment : request_.segments)
      groupings.push_back({segment.codes, segment.labels.size()});
    return groupings;
  }

  // Row d counts everyone who joined by day d.
  static std::vector<StratumMoments> accumulate(std::vector<StratumMoments> by_day) {
    for (std::size_t day = 1; day < by_day.size(); ++day)
      for (std::size_t s = 0; s < by_day[day].size(); ++s) {
        auto row = by_day[day - 1][s];
        merge_arms(row, by_day[day][s]);
        by_day[day][s] = std::move(row);
      }
    return by_day;
  }

  static void keep_segments(std::vector<std::vector<StratumMoments>>& found, std::size_t first,
                            MetricMoments& out) {
    for (std::size_t i = first; i < found.size(); ++i)
      out.by_segment.push_back(std::move(found[i]));
  }

  Result<void> one_pass(MetricMoments& out) const {
    auto groupings = segments();
    groupings.insert(groupings.begin(), {counted_.first_day, days()});
    DESCANT_ASSIGN(auto found, moments(block(days() - 1), groupings));
    out.by_day = accumulate(std::move(found.front()));
    keep_segments(found, 1, out);
    return {};
  }

  Result<void> one_pass_and_cut_units(MetricMoments& out) const {
    UnitBlock last = block(days() - 1);
    DESCANT_ASSIGN(auto by_segment, moments(last, segments()));
    keep_segments(by_segment, 0, out);
    std::vector<std::uint16_t> first_day = counted_.first_day;
    const CutUnits cut = take_cut_units(last, request_.strata, columns_.limits, first_day);
    last.first_day = first_day;
    DESCANT_ASSIGN(auto uncut, moments(last, {{first_day, days()}}));
    out.by_day = accumulate(std::move(uncut.front()));
    return add_cut_units(cut, out);
  }

  Result<void> add_cut_units(const CutUnits& cut, MetricMoments& out) const {
    for (std::size_t day = 0; day < days(); ++day) {
      UnitBlock part = block(day);
      part.columns.assign(cut.columns.begin(), cut.columns.end());
      part.arm = cut.arm;
      part.first_day = cut.first_day;
      const Grouping by_stratum{cut.stratum, strata()};
      DESCANT_ASSIGN(auto found, cell_moments(part, {&by_stratum, 1},
                                              request_.units.variants.size(), request_.threads));
      for (std::size_t s = 0; s < strata(); ++s) merge_arms(out.by_day[day][s], found.front()[s]);
    }
    return {};
  }

  Result<void> each_day(MetricMoments& out) const {
    const std::vector<std::uint16_t> together(request_.units.unit_count, 0);
    for (std::size_t day = 0; day < days(); ++day) {
      auto groupings = day + 1 == days() ? segments() : std::vector<Grouping>{};
      groupings.insert(groupings.begin(), {together, 1});
      DESCANT_ASSIGN(auto found, moments(block(day), groupings));
      out.by_day.push_back(std::move(found.front().front()));
      keep_segments(found, 1, out);
    }
    return {};
  }

  const MomentsRequest& request_;
  const MetricColumns& columns_;
  const CountedUnits& counted_;
};

double cap_or_undefined(double cap) { return std::isfinite(cap) ? cap : stats::kUndefined; }

}  // namespace

Result<MetricMoments> metric_moments(const MomentsRequest& request) {
  DESCANT_ASSIGN(const auto counted, counted_units(request.units, request.values, request.threads));
  MetricMoments out;
  out.immature = counted.immature;
  out.missing = counted.missing;
  if (request.quantile) {
    DESCANT_ASSIGN(out.quantiles,
                   metric_quantiles({request.units, request.values, counted, request.segments,
                                     *request.quantile, request.threads}));
    return out;
  }
  DESCANT_ASSIGN(const MetricColumns columns,
                 metric_columns(request.units, request.values, request.cap, counted,
                                request.use_covariates, request.threads));
  out.roles = columns.roles;
  const auto& caps = columns.limits.caps.back();
  out.cap_numerator = cap_or_undefined(caps[out.roles.outcome.numerator]);
  if (out.roles.outcome.denominator)
    out.cap_denominator = cap_or_undefined(caps[*out.roles.outcome.denominator]);
  DESCANT_CHECK(MomentsPass(request, columns, counted).run(out));
  return out;
}

}  // namespace descant::experiment
