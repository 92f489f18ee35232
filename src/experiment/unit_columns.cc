// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_columns.h"

#include <algorithm>
#include <cmath>

#include <Eigen/QR>
#include <fmt/format.h>

#include "experiment/counted_units.h"
#include "experiment/effects.h"
#include "experiment/metric_columns.h"

namespace descant::experiment {

namespace {

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
  return unit_columns(plan, table, metric, threads, table.days.size() - 1);
}

Result<UnitColumns> unit_columns(const AnalysisPlan& plan, const folds::UnitTable& table,
                                 std::size_t metric, std::size_t threads, std::size_t day) {
  const folds::MetricValues& values = table.metrics[metric];
  if (plan.metrics[metric].type == "quantile")
    return invalid_request(fmt::format("the quantile '{}' is not a mean over units", values.name),
                           "metrics." + values.name, "Leave it out.");
  DESCANT_ASSIGN(const auto counted, counted_units(table, values, threads));
  DESCANT_ASSIGN(const auto found, metric_columns(table, values, plan.metrics[metric].cap, counted,
                                                  plan.cuped, threads));
  const bool clustered = !table.cluster.empty();
  std::size_t rows = table.unit_count;
  if (clustered)
    rows = std::size_t{*std::max_element(table.cluster.begin(), table.cluster.end())} + 1;
  UnitColumns out;
  out.adjustment = adjustment_of(plan, found.roles);
  out.included.resize(rows, 0);
  for (std::size_t u = 0; u < table.unit_count; ++u)
    if (counted.first_day[u] <= day) out.included[clustered ? table.cluster[u] : u] = 1;
  out.units = std::count(out.included.begin(), out.included.end(), std::uint8_t{1});
  for (std::size_t i = 0; i < found.columns.size(); ++i) {
    const auto& raw = found.columns[i].raw(day);
    const double cap = found.limits.caps[day][i];
    const double floor = found.limits.floors[day][i];
    auto& kept = out.columns.emplace_back(rows, 0.0);
    for (std::size_t u = 0; u < table.unit_count; ++u)
      if (counted.first_day[u] <= day)
        kept[clustered ? table.cluster[u] : u] += std::max(std::min(raw[u], cap), floor);
  }
  return out;
}

Result<std::vector<double>> adjusted_unit_values(const UnitColumns& columns) {
  double estimate = 0;
  std::vector<double> values = deviations(columns, columns.adjustment.outcome, estimate);
  const auto k = static_cast<Eigen::Index>(columns.adjustment.covariates.size());
  std::vector<std::vector<double>> others;
  double unused = 0;
  for (const auto& covariate : columns.adjustment.covariates)
    others.push_back(deviations(columns, covariate, unused));
  Eigen::MatrixXd square = Eigen::MatrixXd::Zero(k, k);
  Eigen::VectorXd cross = Eigen::VectorXd::Zero(k);
  for (Eigen::Index i = 0; i < k; ++i) {
    const auto& a = others[static_cast<std::size_t>(i)];
    for (std::size_t u = 0; u < values.size(); ++u) cross(i) += values[u] * a[u];
    for (Eigen::Index j = i; j < k; ++j) {
      const auto& b = others[static_cast<std::size_t>(j)];
      for (std::size_t u = 0; u < values.size(); ++u) square(i, j) += a[u] * b[u];
      square(j, i) = square(i, j);
    }
  }
  // Covariates that determine one another share their slope.
  Eigen::VectorXd theta;
  if (k > 0) theta = square.completeOrthogonalDecomposition().solve(cross);
  for (std::size_t u = 0; u < values.size(); ++u) {
    for (Eigen::Index i = 0; i < k; ++i)
      values[u] -= theta(i) * others[static_cast<std::size_t>(i)][u];
    if (columns.included[u] != 0) values[u] += estimate;
  }
  return values;
}

}  // namespace descant::experiment
