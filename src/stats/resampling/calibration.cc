// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/calibration.h"

#include <algorithm>
#include <cmath>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

// P(the limiting distribution of Kolmogorov's statistic exceeds x).
double kolmogorov_upper_tail(double x) {
  if (x < 0.2) return 1;  // within 1e-12
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

}  // namespace

RejectionRate clopper_pearson(std::int64_t successes, std::int64_t n, double confidence_level) {
  if (n <= 0) return {};
  const double tail = (1 - confidence_level) / 2;
  const auto k = static_cast<double>(successes), total = static_cast<double>(n);
  return {k / total, successes == 0 ? 0.0 : beta_quantile(tail, k, total - k + 1),
          successes == n ? 1.0 : beta_quantile(1 - tail, k + 1, total - k)};
}

RejectionRate rejection_rate(std::span<const double> p_values, double alpha,
                             double confidence_level) {
  std::int64_t rejected = 0, defined = 0;
  for (const double p : p_values) {
    if (std::isnan(p)) continue;
    ++defined;
    rejected += p <= alpha ? 1 : 0;
  }
  return clopper_pearson(rejected, defined, confidence_level);
}

Uniformity uniformity_of(std::vector<double> p_values) {
  std::erase_if(p_values, [](double p) { return std::isnan(p); });
  if (p_values.empty()) return {};
  std::sort(p_values.begin(), p_values.end());
  const auto n = static_cast<double>(p_values.size());
  double distance = 0;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    distance = std::max({distance, p_values[i] - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - p_values[i]});
  const double root = std::sqrt(n);
  return {distance, kolmogorov_upper_tail((root + 0.12 + 0.11 / root) * distance)};
}

std::vector<std::int64_t> histogram_of(std::span<const double> p_values, std::size_t bins) {
  std::vector<std::int64_t> counts(bins, 0);
  for (const double p : p_values) {
    if (std::isnan(p)) continue;
    const double bin = std::clamp(p, 0.0, 1.0) * static_cast<double>(bins);
    ++counts[std::min(bins - 1, static_cast<std::size_t>(bin))];
  }
  return counts;
}

void plant_effect(Moments& treatment, bool is_ratio, EffectScale scale, double effect) {
  const std::size_t k = treatment.columns();
  auto& cross = treatment.cross;
  if (scale == EffectScale::kRelative) {
    const double factor = 1 + effect;
    treatment.mean[0] *= factor;
    for (std::size_t j = 0; j < k; ++j) cross[j] *= factor;
    for (std::size_t i = 0; i < k; ++i) cross[i * k] *= factor;
    return;
  }
  if (!is_ratio) {
    treatment.mean[0] += effect;
    return;
  }
  treatment.mean[0] += effect * treatment.mean[1];
  for (std::size_t j = 0; j < k; ++j) cross[j] += effect * cross[k + j];
  for (std::size_t i = 0; i < k; ++i) cross[i * k] += effect * cross[i * k + 1];
}

void describe(Describer& d, Uniformity& uniformity) {
  d.field(uniformity.statistic,
          {.name = "statistic", .doc = "largest distance from the uniform distribution"});
  d.field(uniformity.p_value, {.name = "p_value", .doc = "Kolmogorov-Smirnov"});
}

}  // namespace descant::stats
