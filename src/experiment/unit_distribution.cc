// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_distribution.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace descant::experiment {

namespace {

constexpr double kLastBorder = 0.995;

// Type 7 of sorted values; NaN when there are none.
double quantile(std::span<const double> sorted, double level) {
  if (sorted.empty()) return stats::kUndefined;
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

// Second moments of two columns around their means, in two passes.
struct Second {
  double mean_x = stats::kUndefined, mean_y = stats::kUndefined;
  double variance_x = stats::kUndefined, variance_y = stats::kUndefined;
  double covariance = stats::kUndefined;
};

Second second_moments(std::span<const double> x, std::span<const double> y) {
  Second out;
  const auto n = static_cast<double>(x.size());
  if (x.empty()) return out;
  double sum_x = 0, sum_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum_x += x[i], sum_y += y[i];
  out.mean_x = sum_x / n;
  out.mean_y = sum_y / n;
  if (x.size() < 2) return out;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - out.mean_x, dy = y[i] - out.mean_y;
    xx += dx * dx, yy += dy * dy, xy += dx * dy;
  }
  out.variance_x = xx / (n - 1);
  out.variance_y = yy / (n - 1);
  out.covariance = xy / (n - 1);
  return out;
}

struct ArmValues {
  std::vector<double> values, denominators;
  std::vector<double> with_covariate, covariates;
  std::int64_t missing = 0;
};

std::vector<ArmValues> values_by_arm(const folds::UnitTable& units,
                                     const folds::MetricValues& metric) {
  std::vector<ArmValues> arms(units.variants.size());
  const auto& values = metric.numerator.back();
  for (std::size_t unit = 0; unit < units.unit_count; ++unit) {
    ArmValues& arm = arms[units.arm[unit]];
    const double denominator = metric.denominator.empty() ? 1.0 : metric.denominator.back()[unit];
    if (!std::isfinite(values[unit]) || !std::isfinite(denominator)) {
      ++arm.missing;
      continue;
    }
    arm.values.push_back(values[unit]);
    if (!metric.denominator.empty()) arm.denominators.push_back(denominator);
    if (metric.covariate_numerator.empty()) continue;
    const double covariate = metric.covariate_numerator[unit];
    if (!std::isfinite(covariate)) continue;
    arm.with_covariate.push_back(values[unit]);
    arm.covariates.push_back(covariate);
  }
  return arms;
}

std::vector<double> borders_of(std::span<const ArmValues> arms, std::size_t bins, bool& open) {
  std::vector<double> all;
  for (const auto& arm : arms) all.insert(all.end(), arm.values.begin(), arm.values.end());
  if (all.empty()) return {};
  std::sort(all.begin(), all.end());
  const double low = all.front();
  double high = quantile(all, kLastBorder);
  if (!(high > low)) high = all.back();
  if (!(high > low)) high = low + 1;
  open = all.back() > high;
  std::vector<double> borders;
  for (std::size_t i = 0; i <= bins; ++i)
    borders.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(bins));
  return borders;
}

ArmDistribution describe_arm(ArmValues arm, std::span<const double> borders,
                             std::span<const double> levels) {
  ArmDistribution out;
  out.n = static_cast<std::int64_t>(arm.values.size());
  out.missing = arm.missing;
  const bool is_ratio = !arm.denominators.empty();
  const Second own = second_moments(arm.values, is_ratio ? arm.denominators : arm.values);
  out.mean = own.mean_x;
  out.variance = own.variance_x;
  if (is_ratio) {
    out.denominator_mean = own.mean_y;
    out.denominator_variance = own.variance_y;
    out.denominator_covariance = own.covariance;
  }
  const Second with = second_moments(arm.with_covariate, arm.covariates);
  if (with.variance_x > 0 && with.variance_y > 0)
    out.covariate_correlation = with.covariance / std::sqrt(with.variance_x * with.variance_y);
  if (borders.empty()) return out;
  out.counts.resize(borders.size() - 1);
  const double width = borders[1] - borders[0];
  for (const double value : arm.values) {
    const double bar = std::floor((value - borders[0]) / width);
    const auto last = static_cast<double>(out.counts.size() - 1);
    ++out.counts[static_cast<std::size_t>(std::clamp(bar, 0.0, last))];
  }
  std::sort(arm.values.begin(), arm.values.end());
  for (const double level : levels) out.quantiles.push_back(quantile(arm.values, level));
  if (!arm.values.empty()) {
    out.minimum = arm.values.front();
    out.maximum = arm.values.back();
  }
  return out;
}

}  // namespace

void describe(Describer& d, ArmDistribution& arm) {
  d.field(arm.variant, {.name = "variant", .doc = "name of the arm"});
  d.field(arm.n, {.name = "n", .doc = "units with a value", .unit = "units"});
  d.field(arm.missing, {.name = "missing", .doc = "units without one", .unit = "units"});
  d.field(arm.mean, {.name = "mean", .doc = "mean of the values"});
  d.field(arm.variance, {.name = "variance", .doc = "variance, divisor n - 1"});
  d.field(arm.minimum, {.name = "minimum", .doc = "smallest value"});
  d.field(arm.maximum, {.name = "maximum", .doc = "largest value"});
  d.field(arm.quantiles, {.name = "quantiles", .doc = "quantiles at `levels`, type 7"});
  d.field(arm.counts, {.name = "counts", .doc = "units in each bar", .unit = "units"});
  d.field(arm.denominator_mean,
          {.name = "denominator_mean", .doc = "of a ratio only", .omit_when_empty = true});
  d.field(arm.denominator_variance,
          {.name = "denominator_variance", .doc = "of a ratio only", .omit_when_empty = true});
  d.field(arm.denominator_covariance, {.name = "denominator_covariance",
                                       .doc = "of numerator and denominator, of a ratio only",
                                       .omit_when_empty = true});
  d.field(arm.covariate_correlation, {.name = "covariate_correlation",
                                      .doc = "of values and covariate, where there is one",
                                      .omit_when_empty = true});
}

void describe(Describer& d, MetricDistribution& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.borders, {.name = "borders", .doc = "of the bars, one more than there are bars"});
  d.field(metric.last_bar_is_open,
          {.name = "last_bar_is_open", .doc = "the last bar also holds all larger values"});
  d.field(metric.arms, {.name = "arms", .doc = "one for each variant, control first"});
}

UnitDistributions unit_distributions(const folds::UnitTable& units, std::size_t bins) {
  UnitDistributions out;
  out.levels = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  for (const auto& metric : units.metrics) {
    auto& distribution = out.metrics.emplace_back();
    distribution.name = metric.name;
    auto arms = values_by_arm(units, metric);
    distribution.borders = borders_of(arms, bins, distribution.last_bar_is_open);
    for (std::size_t arm = 0; arm < arms.size(); ++arm) {
      distribution.arms.push_back(
          describe_arm(std::move(arms[arm]), distribution.borders, out.levels));
      distribution.arms.back().variant = units.variants[arm];
    }
  }
  return out;
}

void describe(Describer& d, UnitDistributions& distributions) {
  d.field(distributions.levels, {.name = "levels", .doc = "of the quantiles"});
  d.field(distributions.metrics, {.name = "metrics", .doc = "one for each metric"});
}

}  // namespace descant::experiment
