// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/bootstrap_contrast.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/order_statistics.h"

namespace descant::stats {
namespace {

double variance_of(std::span<const double> values) {
  double mean = 0, squares = 0, count = 0;
  for (const double x : values) {
    if (!std::isfinite(x)) continue;
    count += 1;
    const double delta = x - mean;
    mean += delta / count;
    squares += delta * (x - mean);
  }
  return count < 2 ? kUndefined : squares / (count - 1);
}

// A function of the two estimates, in the sample and in every replicate. `pivots` are what the
// interval is read from, sorted: replicates, or their studentized deviations.
struct Contrast {
  double estimate = kUndefined;
  double standard_error = kUndefined;  // in the sample, for studentized
  double acceleration = 0;
  double bias = 0;  // z0 of bca
  std::vector<double> pivots;
};

// Value and derivatives of a contrast at two estimates.
struct ContrastPoint {
  double value;
  double by_control;
  double by_treatment;
};

using ContrastFunction = ContrastPoint (*)(double control, double treatment, double scale);

ContrastPoint scaled_difference(double control, double treatment, double scale) {
  return {treatment - scale * control, -scale, 1};
}

ContrastPoint relative_effect(double control, double treatment, double) {
  return {treatment / control - 1, -treatment / (control * control), 1 / control};
}

double cube(double x) { return x * x * x; }

double acceleration_of(const ContrastPoint& point, const BootstrapPair& pair) {
  const double squares = point.by_control * point.by_control * pair.control.influence_squares +
                         point.by_treatment * point.by_treatment * pair.treatment.influence_squares;
  const double cubes = cube(point.by_control) * pair.control.influence_cubes +
                       cube(point.by_treatment) * pair.treatment.influence_cubes;
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0.0;
}

double standard_error_of(const ContrastPoint& point, double control, double treatment) {
  return std::sqrt(point.by_control * point.by_control * control +
                   point.by_treatment * point.by_treatment * treatment);
}

// Share of the sorted pivots below a value, those equal to it by half.
double share_below(std::span<const double> sorted, double value) {
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
  return static_cast<double>((first - sorted.begin()) + (last - sorted.begin())) /
         (2 * static_cast<double>(sorted.size()));
}

Contrast contrast_of(const BootstrapPair& pair, ContrastFunction function, double scale = 1) {
  const bool studentized = pair.interval == "studentized";
  const auto point = function(pair.control.arm.estimate, pair.treatment.arm.estimate, scale);
  Contrast contrast;
  contrast.estimate = point.value;
  contrast.standard_error =
      standard_error_of(point, pair.control.variance, pair.treatment.variance);
  contrast.acceleration = acceleration_of(point, pair);
  for (std::size_t b = 0; b < pair.control.estimates.size(); ++b) {
    const auto drawn = function(pair.control.estimates[b], pair.treatment.estimates[b], scale);
    double pivot = drawn.value;
    if (studentized)
      pivot = (pivot - point.value) /
              standard_error_of(drawn, pair.control.variances[b], pair.treatment.variances[b]);
    if (std::isfinite(pivot)) contrast.pivots.push_back(pivot);
  }
  std::sort(contrast.pivots.begin(), contrast.pivots.end());
  if (pair.interval == "bca" && !contrast.pivots.empty())
    contrast.bias = normal_quantile(share_below(contrast.pivots, point.value));
  return contrast;
}

// The end of the interval below which the effect lies with probability `level`.
double interval_end(const Contrast& contrast, const std::string& interval, double level) {
  if (interval == "studentized")
    return contrast.estimate -
           quantile_of_sorted(contrast.pivots, 1 - level) * contrast.standard_error;
  if (interval == "percentile") return quantile_of_sorted(contrast.pivots, level);
  const double z = contrast.bias + normal_quantile(level);
  const double at = normal_cdf(contrast.bias + z / (1 - contrast.acceleration * z));
  return std::isnan(at) ? kUndefined : quantile_of_sorted(contrast.pivots, at);
}

void set_interval(EffectInterval& effect, const Contrast& contrast, const std::string& interval,
                  const ComparisonOptions& options) {
  const bool two_sided = options.alternative == "two_sided";
  const double tail = (1 - options.confidence_level) / (two_sided ? 2 : 1);
  effect.lower = interval_end(contrast, interval, tail);
  effect.upper = interval_end(contrast, interval, 1 - tail);
  open_unbounded_end(effect, options);
}

// One-sided: how far the null value lies in the lower (greater) or upper tail.
double tail_probability(const Contrast& contrast, const std::string& interval, double null_value,
                        bool greater) {
  const auto& pivots = contrast.pivots;
  const auto replicates = static_cast<double>(pivots.size());
  if (interval == "bca") {
    const double share = share_below(pivots, null_value);
    const double least = 0.5 / replicates;
    const double w = normal_quantile(std::clamp(share, least, 1 - least)) - contrast.bias;
    const double z = w / (1 + contrast.acceleration * w) - contrast.bias;
    return std::max(normal_cdf(greater ? z : -z), 1 / (replicates + 1));
  }
  // A studentized statistic is extreme where the pivots beyond it are few, replicates where those
  // on the other side of the null value are.
  const bool studentized = interval == "studentized";
  const double at =
      studentized ? (contrast.estimate - null_value) / contrast.standard_error : null_value;
  const bool count_above = studentized == greater;
  const auto beyond = count_above
                          ? pivots.end() - std::lower_bound(pivots.begin(), pivots.end(), at)
                          : std::upper_bound(pivots.begin(), pivots.end(), at) - pivots.begin();
  return (static_cast<double>(beyond) + 1) / (replicates + 1);
}

double p_value(const Contrast& contrast, const std::string& interval, double null_value,
               const std::string& alternative) {
  if (contrast.pivots.empty() || std::isnan(contrast.bias)) return kUndefined;
  const double greater = tail_probability(contrast, interval, null_value, true);
  const double less = tail_probability(contrast, interval, null_value, false);
  if (alternative == "greater") return greater;
  if (alternative == "less") return less;
  return std::min(1.0, 2 * std::min(greater, less));
}

// The contrast and null value of a non-inferiority test, as `compare` has them.
double margin_p_value(const BootstrapPair& pair, const ComparisonOptions& options) {
  const double sign = options.direction == "increase" ? 1.0 : -1.0;
  const double margin = *options.non_inferiority_margin;
  const std::string alternative = options.direction == "increase" ? "greater" : "less";
  const bool exact = options.margin_scale == "relative" && options.margin_treatment == "exact";
  const auto contrast = contrast_of(pair, scaled_difference, exact ? 1 - sign * margin : 1);
  if (exact) return p_value(contrast, pair.interval, 0, alternative);
  const double size =
      options.margin_scale == "relative" ? margin * pair.control.arm.estimate : margin;
  return p_value(contrast, pair.interval, -sign * size, alternative);
}

Result<void> check(const BootstrapPair& pair, const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  if (pair.interval != "percentile" && pair.interval != "bca" && pair.interval != "studentized")
    return invalid_request(fmt::format("unknown interval '{}'", pair.interval), "interval",
                           "Known: percentile, bca, studentized.");
  return {};
}

}  // namespace

Result<Comparison> compare_replicates(BootstrapPair pair, const ComparisonOptions& options) {
  DESCANT_CHECK(check(pair, options));
  EstimatePair normal;
  normal.method = pair.method;
  normal.control = pair.control.arm;
  normal.treatment = pair.treatment.arm;
  normal.control_variance = variance_of(pair.control.estimates);
  normal.treatment_variance = variance_of(pair.treatment.estimates);
  if (pair.control.arm.n < 2) normal.control_variance = kUndefined;
  if (pair.treatment.arm.n < 2) normal.treatment_variance = kUndefined;
  normal.control.standard_error = std::sqrt(normal.control_variance);
  normal.treatment.standard_error = std::sqrt(normal.treatment_variance);
  normal.warnings = std::move(pair.warnings);
  DESCANT_ASSIGN(Comparison result, compare(normal, options));
  if (std::isnan(result.p_value)) return result;

  const auto contrast = contrast_of(pair, scaled_difference);
  if (pair.interval == "studentized" && !options.non_inferiority_margin)
    result.statistic = (contrast.estimate - options.null_value) / contrast.standard_error;
  set_interval(result.absolute, contrast, pair.interval, options);
  result.p_value = options.non_inferiority_margin
                       ? margin_p_value(pair, options)
                       : p_value(contrast, pair.interval, options.null_value, options.alternative);
  if (std::isfinite(result.relative.estimate))
    set_interval(result.relative, contrast_of(pair, relative_effect), pair.interval, options);
  const std::size_t left_out = pair.control.estimates.size() - contrast.pivots.size();
  if (left_out > 0)
    result.warnings.push_back(
        {"undefined_replicates", "replicates",
         fmt::format("{} of {} replicates have no defined estimate and were left out.", left_out,
                     pair.control.estimates.size())});
  if (std::isnan(result.p_value))
    result.warnings.push_back({"undefined_interval", "interval",
                               "The replicates lie on one side of the estimate, so that this "
                               "interval is undefined: use percentile."});
  return result;
}

}  // namespace descant::stats
