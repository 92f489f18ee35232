// SPDX-License-Identifier: Apache-2.0
#include "experiment/metric_moments.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/parallel.h"
#include "experiment/counted_units.h"
#include "experiment/percentiles.h"

namespace descant::experiment {

namespace {

constexpr double kNoCap = std::numeric_limits<double>::infinity();

// The metric's columns in the order of its moments; outcome columns change by day when the metric
// is open-ended.
struct MetricColumns {
  struct Column {
    std::function<const std::vector<double>&(std::size_t day)> raw;
    bool by_day = false;
    bool capped = true;
    double origin = 0;  // subtracted from the values, and from their caps
  };
  std::vector<Column> columns;
  std::vector<std::vector<double>> rewritten;  // covariates measured from their origin, by column
};

struct Caps {
  std::vector<std::vector<double>> by_day;  // [day][column], before the origin is subtracted
  std::vector<double> lowest;               // by column, over days
};

std::size_t add_column(MetricColumns& columns, const std::vector<std::vector<double>>& values) {
  const bool by_day = values.size() > 1;
  columns.columns.push_back({[&values, by_day](std::size_t day) -> const std::vector<double>& {
                               return values[by_day ? day : 0];
                             },
                             by_day, true, 0});
  return columns.columns.size() - 1;
}

std::size_t add_column(MetricColumns& columns, const std::vector<double>& values) {
  columns.columns.push_back(
      {[&values](std::size_t) -> const std::vector<double>& { return values; }, false, true, 0});
  return columns.columns.size() - 1;
}

MetricColumns list_columns(const folds::MetricValues& values, bool use_covariate,
                           MetricMoments& out) {
  MetricColumns columns;
  out.outcome.numerator = add_column(columns, values.numerator);
  if (!values.denominator.empty())
    out.outcome.denominator = add_column(columns, values.denominator);
  if (!use_covariate) return columns;
  out.covariate.emplace();
  out.covariate->numerator = add_column(columns, values.covariate_numerator);
  if (!values.covariate_denominator.empty())
    out.covariate->denominator = add_column(columns, values.covariate_denominator);
  return columns;
}

Result<Caps> find_caps(const definitions::Cap& cap, const MetricColumns& columns,
                       const CountedUnits& counted, std::size_t days, std::size_t threads) {
  Caps caps{{days, std::vector<double>(columns.columns.size(), cap.value.value_or(kNoCap))}, {}};
  if (cap.percentile) {
    struct Task {
      std::size_t column, begin_day, end_day;
    };
    std::vector<Task> tasks;
    for (std::size_t column = 0; column < columns.columns.size(); ++column)
      if (columns.columns[column].by_day)
        for (std::size_t day = 0; day < days; ++day) tasks.push_back({column, day, day + 1});
      else
        tasks.push_back({column, 0, days});
    auto done =
        for_each_morsel(tasks.size(), threads, [&](std::size_t i, std::size_t) -> Result<void> {
          const Task& task = tasks[i];
          const auto found =
              nested_percentiles(columns.columns[task.column].raw(task.begin_day),
                                 counted.first_day, task.begin_day, task.end_day, *cap.percentile);
          for (std::size_t k = 0; k < found.size(); ++k)
            caps.by_day[task.begin_day + k][task.column] = std::isnan(found[k]) ? kNoCap : found[k];
          return {};
        });
    if (!done) return std::move(done.error());
  }
  caps.lowest = caps.by_day.front();
  for (const auto& day : caps.by_day)
    for (std::size_t i = 0; i < day.size(); ++i) caps.lowest[i] = std::min(caps.lowest[i], day[i]);
  return caps;
}

double smallest_present(const std::vector<double>& covariate, double lowest_cap) {
  double smallest = lowest_cap;
  for (const double value : covariate)
    if (std::isfinite(value)) smallest = std::min(smallest, value);
  return std::isfinite(smallest) ? smallest : 0.0;
}

// A missing value becomes 0, measured from the smallest of those present. With the indicator beside
// it, which origin is taken changes no adjusted estimate: the same space of columns is spanned.
void rewrite_missing_covariate(const folds::MetricValues& values, const Caps& caps,
                               MetricColumns& columns, MetricMoments& out) {
  const std::size_t units = values.covariate_numerator.size();
  const auto* denominator = out.covariate->denominator ? &values.covariate_denominator : nullptr;
  const std::size_t column = out.covariate->numerator;
  // A ratio's parts keep their origin: 0 over 0 already is a unit that says nothing.
  const double origin =
      denominator ? 0.0 : smallest_present(values.covariate_numerator, caps.lowest[column]);
  std::vector<double> numerators(units, 0.0);
  std::vector<double> denominators(denominator ? units : 0, 0.0);
  std::vector<double> present(units, 0.0);
  for (std::size_t unit = 0; unit < units; ++unit) {
    const double value = values.covariate_numerator[unit];
    if (!std::isfinite(value) || (denominator && !std::isfinite((*denominator)[unit]))) continue;
    numerators[unit] = value - origin;
    if (denominator) denominators[unit] = (*denominator)[unit];
    present[unit] = 1.0;
  }
  columns.rewritten.push_back(std::move(numerators));
  if (denominator) columns.rewritten.push_back(std::move(denominators));
  columns.rewritten.push_back(std::move(present));
  columns.columns.resize(column);
  for (const auto& rewritten : columns.rewritten) add_column(columns, rewritten);
  columns.columns[column].origin = origin;
  columns.columns.back().capped = false;
  out.covariate_present = columns.columns.size() - 1;
}

// The units as the moments see them on one day.
UnitBlock block_of(const folds::UnitTable& units, const MetricColumns& columns, const Caps& caps,
                   const CountedUnits& counted, std::size_t day) {
  UnitBlock block;
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    const auto& column = columns.columns[i];
    block.columns.emplace_back(column.raw(day));
    block.caps.push_back(column.capped ? caps.by_day[day][i] - column.origin : kNoCap);
  }
  block.arm = units.arm;
  block.first_day = counted.first_day;
  block.last_day = static_cast<std::uint16_t>(day);
  return block;
}

std::vector<Grouping> groupings_of(const std::vector<ShownSegments>& segments) {
  std::vector<Grouping> groupings;
  for (const auto& segment : segments) groupings.push_back({segment.codes, segment.labels.size()});
  return groupings;
}

void merge_arms(std::vector<stats::Moments>& into, const std::vector<stats::Moments>& from) {
  for (std::size_t arm = 0; arm < into.size(); ++arm) into[arm].merge(from[arm]);
}

// Row d counts everyone who joined by day d.
GroupedMoments accumulate_days(const GroupedMoments& joined) {
  GroupedMoments by_day = joined;
  for (std::size_t day = 1; day < by_day.size(); ++day) {
    auto row = by_day[day - 1];
    merge_arms(row, joined[day]);
    by_day[day] = std::move(row);
  }
  return by_day;
}

// Rows of the units that some day's cap cuts and another day's does not, or not at the same value.
struct CutUnits {
  std::vector<std::vector<double>> columns;
  std::vector<std::uint8_t> arm;
  std::vector<std::uint16_t> first_day;
};

CutUnits take_cut_units(const UnitBlock& block, std::vector<std::uint16_t>& first_day,
                        const std::vector<double>& lowest_caps) {
  CutUnits cut;
  cut.columns.resize(block.columns.size());
  for (std::size_t unit = 0; unit < first_day.size(); ++unit) {
    if (first_day[unit] > block.last_day) continue;
    bool is_cut = false;
    for (std::size_t i = 0; i < block.columns.size(); ++i)
      is_cut |= block.columns[i][unit] > lowest_caps[i];
    if (!is_cut) continue;
    for (std::size_t i = 0; i < block.columns.size(); ++i)
      cut.columns[i].push_back(block.columns[i][unit]);
    cut.arm.push_back(block.arm[unit]);
    cut.first_day.push_back(first_day[unit]);
    first_day[unit] = kNotExposed;
  }
  return cut;
}

class MomentsPass {
 public:
  MomentsPass(const folds::UnitTable& units, const MetricColumns& columns, const Caps& caps,
              const CountedUnits& counted, std::size_t threads)
      : units_(units), columns_(columns), caps_(caps), counted_(counted), threads_(threads) {}

  Result<void> run(const std::vector<ShownSegments>& segments, MetricMoments& out) {
    const bool by_day = std::any_of(columns_.columns.begin(), columns_.columns.end(),
                                    [](const auto& column) { return column.by_day; });
    if (by_day) return each_day(segments, out);
    const bool same_caps = std::all_of(caps_.by_day.begin(), caps_.by_day.end(),
                                       [&](const auto& day) { return day == caps_.by_day.back(); });
    return same_caps ? one_pass(segments, out) : one_pass_and_cut_units(segments, out);
  }

 private:
  std::size_t days() const { return units_.days.size(); }
  UnitBlock block(std::size_t day) const {
    return block_of(units_, columns_, caps_, counted_, day);
  }
  Result<std::vector<GroupedMoments>> moments(const UnitBlock& block,
                                              const std::vector<Grouping>& groupings) const {
    return cell_moments(block, groupings, units_.variants.size(), threads_);
  }

  static void keep_segments(std::vector<GroupedMoments>& found, std::size_t first,
                            MetricMoments& out) {
    for (std::size_t i = first; i < found.size(); ++i)
      out.by_segment.push_back(std::move(found[i]));
  }

  Result<void> one_pass(const std::vector<ShownSegments>& segments, MetricMoments& out) const {
    auto groupings = groupings_of(segments);
    groupings.insert(groupings.begin(), {counted_.first_day, days()});
    DESCANT_ASSIGN(auto found, moments(block(days() - 1), groupings));
    out.by_day = accumulate_days(found.front());
    keep_segments(found, 1, out);
    return {};
  }

  Result<void> one_pass_and_cut_units(const std::vector<ShownSegments>& segments,
                                      MetricMoments& out) const {
    UnitBlock last = block(days() - 1);
    DESCANT_ASSIGN(auto by_segment, moments(last, groupings_of(segments)));
    keep_segments(by_segment, 0, out);

    std::vector<double> lowest_caps = last.caps;
    for (std::size_t i = 0; i < lowest_caps.size(); ++i)
      if (columns_.columns[i].capped) lowest_caps[i] = caps_.lowest[i] - columns_.columns[i].origin;
    std::vector<std::uint16_t> first_day = counted_.first_day;
    const CutUnits cut = take_cut_units(last, first_day, lowest_caps);
    last.first_day = first_day;
    DESCANT_ASSIGN(auto uncut, moments(last, {{first_day, days()}}));
    out.by_day = accumulate_days(uncut.front());
    return add_cut_units(cut, out);
  }

  Result<void> add_cut_units(const CutUnits& cut, MetricMoments& out) const {
    const std::vector<std::uint16_t> together(cut.arm.size(), 0);
    for (std::size_t day = 0; day < days(); ++day) {
      UnitBlock part = block(day);
      part.columns.assign(cut.columns.begin(), cut.columns.end());
      part.arm = cut.arm;
      part.first_day = cut.first_day;
      DESCANT_ASSIGN(auto found, moments(part, {{together, 1}}));
      merge_arms(out.by_day[day], found.front().front());
    }
    return {};
  }

  Result<void> each_day(const std::vector<ShownSegments>& segments, MetricMoments& out) const {
    const std::vector<std::uint16_t> together(units_.unit_count, 0);
    for (std::size_t day = 0; day < days(); ++day) {
      auto groupings = day + 1 == days() ? groupings_of(segments) : std::vector<Grouping>{};
      groupings.insert(groupings.begin(), {together, 1});
      DESCANT_ASSIGN(auto found, moments(block(day), groupings));
      out.by_day.push_back(std::move(found.front().front()));
      keep_segments(found, 1, out);
    }
    return {};
  }

  const folds::UnitTable& units_;
  const MetricColumns& columns_;
  const Caps& caps_;
  const CountedUnits& counted_;
  std::size_t threads_;
};

double cap_or_undefined(double cap) { return std::isfinite(cap) ? cap : stats::kUndefined; }

}  // namespace

Result<MetricMoments> metric_moments(const folds::UnitTable& units,
                                     const folds::MetricValues& values, const definitions::Cap& cap,
                                     const std::vector<ShownSegments>& segments, bool use_covariate,
                                     std::size_t threads) {
  DESCANT_ASSIGN(auto counted, counted_units(units, values, use_covariate, threads));
  MetricMoments out;
  MetricColumns columns = list_columns(values, use_covariate, out);
  DESCANT_ASSIGN(auto caps, find_caps(cap, columns, counted, units.days.size(), threads));
  const auto& last_caps = caps.by_day.back();
  out.cap_numerator = cap_or_undefined(last_caps[out.outcome.numerator]);
  if (out.outcome.denominator)
    out.cap_denominator = cap_or_undefined(last_caps[*out.outcome.denominator]);
  if (counted.covariate_missing) rewrite_missing_covariate(values, caps, columns, out);
  if (columns.columns.size() > last_caps.size())  // the indicator has no cap
    for (auto& day : caps.by_day) day.push_back(kNoCap);
  DESCANT_CHECK(MomentsPass(units, columns, caps, counted, threads).run(segments, out));
  out.immature = std::move(counted.immature);
  out.missing = std::move(counted.missing);
  return out;
}

}  // namespace descant::experiment
