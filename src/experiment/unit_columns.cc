// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "experiment/counted_units.h"
#include "experiment/percentiles.h"

namespace descant::experiment {

namespace {

struct Bounds {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
};

double percentile_of(const std::vector<double>& values, const CountedUnits& counted,
                     std::size_t day, double percentile, double otherwise) {
  const double found = nested_percentiles(values, counted.first_day, day, day + 1, percentile)[0];
  return std::isnan(found) ? otherwise : found;
}

Bounds bounds_of(const definitions::Cap& cap, const std::vector<double>& values,
                 const CountedUnits& counted, std::size_t day) {
  Bounds bounds;
  if (cap.value) bounds.upper = *cap.value;
  if (cap.lower_value) bounds.lower = *cap.lower_value;
  if (cap.percentile)
    bounds.upper = percentile_of(values, counted, day, *cap.percentile, bounds.upper);
  if (cap.lower_percentile)
    bounds.lower = percentile_of(values, counted, day, *cap.lower_percentile, bounds.lower);
  return bounds;
}

stats::RatioColumns take_columns(std::vector<const std::vector<double>*>& taken,
                                 const std::vector<double>& numerator,
                                 const std::vector<double>* denominator) {
  stats::RatioColumns columns;
  columns.numerator = taken.size();
  taken.push_back(&numerator);
  if (denominator != nullptr) {
    columns.denominator = taken.size();
    taken.push_back(denominator);
  }
  return columns;
}

const std::vector<double>* if_any(const std::vector<double>& column) {
  return column.empty() ? nullptr : &column;
}

// Mean of the included units' column.
double mean_of(const UnitColumns& columns, std::size_t column) {
  double total = 0;
  for (const double value : columns.columns[column]) total += value;  // others are 0
  return columns.units > 0 ? total / static_cast<double>(columns.units) : 0.0;
}

// Linearised about 0: numerator - ratio denominator, over the mean denominator.
std::vector<double> deviations(const UnitColumns& columns, const stats::RatioColumns& metric,
                               double& estimate) {
  const double denominator = metric.denominator ? mean_of(columns, *metric.denominator) : 1.0;
  estimate = denominator != 0 ? mean_of(columns, metric.numerator) / denominator : 0.0;
  std::vector<double> out(columns.included.size(), 0.0);
  for (std::size_t u = 0; u < out.size(); ++u) {
    if (columns.included[u] == 0) continue;
    const double unit = metric.denominator ? columns.columns[*metric.denominator][u] : 1.0;
    out[u] = denominator != 0
                 ? (columns.columns[metric.numerator][u] - estimate * unit) / denominator
                 : 0.0;
  }
  return out;
}

}  // namespace

Result<UnitColumns> unit_columns(const AnalysisPlan& plan, const folds::UnitTable& table,
                                 std::size_t metric, std::size_t threads) {
  const folds::MetricValues& values = table.metrics[metric];
  const bool use_covariate = plan.cuped && !values.covariate_numerator.empty();
  DESCANT_ASSIGN(const auto counted, counted_units(table, values, use_covariate, threads));
  const std::size_t day = table.days.size() - 1;
  UnitColumns out;
  std::vector<const std::vector<double>*> taken;
  out.adjustment.outcome =
      take_columns(taken, values.numerator.back(),
                   values.denominator.empty() ? nullptr : &values.denominator.back());
  if (use_covariate && !counted.covariate_missing)
    out.adjustment.covariates.push_back(
        take_columns(taken, values.covariate_numerator, if_any(values.covariate_denominator)));
  out.included.resize(table.unit_count);
  for (std::size_t u = 0; u < table.unit_count; ++u) {
    out.included[u] = counted.first_day[u] <= day ? 1 : 0;
    out.units += out.included[u];
  }
  for (const auto* column : taken) {
    const Bounds bounds = bounds_of(plan.metrics[metric].cap, *column, counted, day);
    auto& kept = out.columns.emplace_back(table.unit_count, 0.0);
    for (std::size_t u = 0; u < table.unit_count; ++u)
      if (out.included[u] != 0)
        kept[u] = std::max(std::min((*column)[u], bounds.upper), bounds.lower);
  }
  return out;
}

Result<std::vector<double>> adjusted_unit_values(const UnitColumns& columns) {
  double estimate = 0, unused = 0;
  std::vector<double> values = deviations(columns, columns.adjustment.outcome, estimate);
  for (const auto& covariate : columns.adjustment.covariates) {
    const std::vector<double> other = deviations(columns, covariate, unused);
    double cross = 0, square = 0;
    for (std::size_t u = 0; u < values.size(); ++u) {
      cross += values[u] * other[u];
      square += other[u] * other[u];
    }
    const double theta = square > 0 ? cross / square : 0.0;
    for (std::size_t u = 0; u < values.size(); ++u) values[u] -= theta * other[u];
  }
  for (std::size_t u = 0; u < values.size(); ++u)
    if (columns.included[u] != 0) values[u] += estimate;
  return values;
}

}  // namespace descant::experiment
