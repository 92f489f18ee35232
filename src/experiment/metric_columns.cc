// SPDX-License-Identifier: Apache-2.0
#include "experiment/metric_columns.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/parallel.h"
#include "experiment/cell_moments.h"
#include "experiment/percentiles.h"

namespace descant::experiment {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

class ColumnList {
 public:
  ColumnList(const folds::UnitTable& units, const CountedUnits& counted, std::size_t threads)
      : units_(units), counted_(counted), threads_(threads) {}

  std::size_t add_daily(const std::vector<std::vector<double>>& values,
                        const definitions::Cap* limits) {
    const bool by_day = values.size() > 1;
    return append({[&values, by_day](std::size_t day) -> const std::vector<double>& {
                     return values[by_day ? day : 0];
                   },
                   by_day, limits});
  }
  std::size_t add(const std::vector<double>& values, const definitions::Cap* limits = nullptr) {
    return append(
        {[&values](std::size_t) -> const std::vector<double>& { return values; }, false, limits});
  }

  // What a mean is divided by: units counted in a cluster. Without clusters a mean needs none.
  std::optional<std::size_t> size_column() {
    if (units_.cluster.empty()) return std::nullopt;
    auto& size = out_.roles.size;
    if (!size) size = add(make(std::vector<double>(units_.unit_count, 1.0)));
    return size;
  }

  Result<void> add_covariate(const std::string& name, const std::vector<double>& numerator,
                             const std::vector<double>& denominator,
                             const definitions::Cap* limits) {
    const auto fits = [&](const std::vector<double>& column) {
      return column.size() == units_.unit_count;
    };
    if (!fits(numerator) || (!denominator.empty() && !fits(denominator)))
      return internal_error(fmt::format("the covariate '{}' does not fit the table", name),
                            "covariates." + name);
    CovariateColumns& covariate = out_.roles.covariates.emplace_back();
    covariate.name = name;
    covariate.columns.numerator = add(numerator, limits);
    covariate.columns.denominator = denominator.empty() ? size_column() : add(denominator, limits);
    DESCANT_ASSIGN(const bool missing, any_missing(numerator, denominator));
    if (missing) covariate.present = add(make(presence(numerator, denominator)));
    return {};
  }

  ColumnRoles& roles() { return out_.roles; }
  MetricColumns take() { return std::move(out_); }

 private:
  std::size_t append(MetricColumns::Column column) {
    out_.columns.push_back(std::move(column));
    return out_.columns.size() - 1;
  }
  const std::vector<double>& make(std::vector<double> values) {
    return out_.made.emplace_back(std::move(values));
  }

  bool counts(std::size_t unit) const { return counted_.first_day[unit] < kDaysLimit; }

  Result<bool> any_missing(const std::vector<double>& numerator,
                           const std::vector<double>& denominator) const {
    std::atomic<bool> missing = false;
    DESCANT_CHECK(for_each_unit_morsel(
        units_.unit_count, threads_, [&](std::size_t, std::size_t begin, std::size_t end) {
          double sum = 0;  // a sum of finite values times 0 is 0, unless it overflows
          for (const auto* column : {&numerator, &denominator})
            for (std::size_t unit = begin; unit < end && !column->empty(); ++unit)
              sum += (*column)[unit] * 0.0;
          if (sum == 0) return;
          for (const auto* column : {&numerator, &denominator})
            for (std::size_t unit = begin; unit < end && !column->empty(); ++unit)
              if (!std::isfinite((*column)[unit]) && counts(unit)) missing = true;
        }));
    return missing.load();
  }

  static std::vector<double> presence(const std::vector<double>& numerator,
                                      const std::vector<double>& denominator) {
    std::vector<double> present(numerator.size());
    for (std::size_t unit = 0; unit < present.size(); ++unit)
      present[unit] = std::isfinite(numerator[unit]) &&
                              (denominator.empty() || std::isfinite(denominator[unit]))
                          ? 1.0
                          : 0.0;
    return present;
  }

  const folds::UnitTable& units_;
  const CountedUnits& counted_;
  std::size_t threads_;
  MetricColumns out_;
};

// One end of a column's limits: by value, or by a percentile of every day's counted units.
void fill_end(const MetricColumns::Column& column, const std::optional<double>& value,
              const std::optional<double>& percentile, const CountedUnits& counted,
              std::size_t index, std::vector<std::vector<double>>& by_day) {
  if (value)
    for (auto& day : by_day) day[index] = *value;
  if (!percentile) return;
  const std::size_t step = column.by_day ? 1 : by_day.size();
  for (std::size_t day = 0; day < by_day.size(); day += step) {
    const auto found =
        nested_percentiles(column.raw(day), counted.first_day, day, day + step, *percentile);
    for (std::size_t k = 0; k < found.size(); ++k)
      if (!std::isnan(found[k])) by_day[day + k][index] = found[k];
  }
}

Result<Limits> find_limits(const MetricColumns& columns, const CountedUnits& counted,
                           std::size_t days, std::size_t threads) {
  const std::size_t count = columns.columns.size();
  Limits limits{{days, std::vector<double>(count, kUnlimited)},
                {days, std::vector<double>(count, -kUnlimited)}};
  DESCANT_CHECK(for_each_morsel(count, threads, [&](std::size_t i, std::size_t) -> Result<void> {
    const auto& column = columns.columns[i];
    if (column.limits == nullptr) return {};
    const definitions::Cap& cap = *column.limits;
    fill_end(column, cap.value, cap.percentile, counted, i, limits.caps);
    fill_end(column, cap.lower_value, cap.lower_percentile, counted, i, limits.floors);
    return {};
  }));
  return limits;
}

// Where 0 stands for missing, no limit may move it: the origin is above every floor and below every
// cap.
double origin_of(const std::vector<double>& values, const std::vector<double>& present,
                 const Limits& limits, std::size_t column) {
  if (const double floor = limits.highest_floor(column); std::isfinite(floor)) return floor;
  double smallest = limits.lowest_cap(column);
  for (std::size_t unit = 0; unit < values.size(); ++unit)
    if (present[unit] > 0) smallest = std::min(smallest, values[unit]);
  return std::isfinite(smallest) ? smallest : 0.0;
}

// A ratio's parts keep their origin: 0 over 0 already is a unit that says nothing.
void rewrite_missing(MetricColumns& columns, const CovariateColumns& covariate, bool ratio) {
  const std::vector<double>& present = columns.columns[*covariate.present].raw(0);
  const auto rewrite = [&](std::size_t index, bool shift) {
    auto& column = columns.columns[index];
    const std::vector<double>& values = column.raw(0);
    const double origin = shift ? origin_of(values, present, columns.limits, index) : 0.0;
    std::vector<double>& rewritten = columns.made.emplace_back(values.size(), 0.0);
    for (std::size_t unit = 0; unit < values.size(); ++unit)
      if (present[unit] > 0) rewritten[unit] = values[unit] - origin;
    column.raw = [&rewritten](std::size_t) -> const std::vector<double>& { return rewritten; };
    for (auto& day : columns.limits.caps) day[index] -= origin;
    for (auto& day : columns.limits.floors) day[index] -= origin;
  };
  rewrite(covariate.columns.numerator, !ratio);
  if (ratio) rewrite(*covariate.columns.denominator, false);
}

}  // namespace

Result<MetricColumns> metric_columns(const folds::UnitTable& units,
                                     const folds::MetricValues& values, const definitions::Cap& cap,
                                     const CountedUnits& counted, bool use_covariates,
                                     std::size_t threads) {
  ColumnList list(units, counted, threads);
  ColumnRoles& roles = list.roles();
  roles.outcome.numerator = list.add_daily(values.numerator, &cap);
  roles.outcome.denominator =
      values.denominator.empty() ? list.size_column() : list.add_daily(values.denominator, &cap);
  if (!units.take_up.empty()) {
    if (units.take_up.size() != units.unit_count)
      return internal_error("the take-up does not fit the table", "take_up");
    roles.take_up.emplace();
    roles.take_up->numerator = list.add(units.take_up);
    roles.take_up->denominator = list.size_column();
  }
  if (!values.earlier_numerator.empty()) {
    roles.earlier.emplace();
    roles.earlier->numerator = list.add(values.earlier_numerator, &cap);
    roles.earlier->denominator = values.earlier_denominator.empty()
                                     ? list.size_column()
                                     : list.add(values.earlier_denominator, &cap);
  }
  if (use_covariates) {
    roles.has_own_covariate = !values.covariate_numerator.empty();
    if (roles.has_own_covariate)
      DESCANT_CHECK(list.add_covariate(values.name, values.covariate_numerator,
                                       values.covariate_denominator, &cap));
    for (const auto& shared : units.covariates)
      if (shared.name != values.name || !roles.has_own_covariate)
        DESCANT_CHECK(
            list.add_covariate(shared.name, shared.numerator, shared.denominator, &shared.cap));
  }
  MetricColumns columns = list.take();
  DESCANT_ASSIGN(columns.limits, find_limits(columns, counted, units.days.size(), threads));
  for (const auto& covariate : columns.roles.covariates)
    if (covariate.present)
      rewrite_missing(
          columns, covariate,
          covariate.columns.denominator && covariate.columns.denominator != columns.roles.size);
  return columns;
}

bool Limits::same_every_day() const {
  const auto same = [](const auto& days) {
    return std::all_of(days.begin(), days.end(),
                       [&](const auto& day) { return day == days.back(); });
  };
  return same(caps) && same(floors);
}

double Limits::lowest_cap(std::size_t column) const {
  double lowest = kUnlimited;
  for (const auto& day : caps) lowest = std::min(lowest, day[column]);
  return lowest;
}

double Limits::highest_floor(std::size_t column) const {
  double highest = -kUnlimited;
  for (const auto& day : floors) highest = std::max(highest, day[column]);
  return highest;
}

}  // namespace descant::experiment
