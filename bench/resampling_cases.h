// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cases that resample units: quantile_difference, poisson_bootstrap, aa_factory. Their units
// are a file of doubles, kMetrics columns one after the other, which the peer has written; times
// are of the statistics alone, on columns in memory.

#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "stats/comparison/bootstrap_difference.h"
#include "stats/comparison/mean_difference.h"
#include "stats/comparison/quantile_difference.h"
#include "stats/resampling/calibration.h"
#include "stats/resampling/rerandomise.h"

namespace descant::bench {

struct ResamplingUnits {
  static constexpr std::size_t kMetrics = 20;

  static Result<ResamplingUnits> open(const std::string& path) {
    ResamplingUnits units;
    DESCANT_ASSIGN(units.file, MappedFile::open(path));
    return units;
  }

  std::size_t size() const { return file.bytes().size() / sizeof(double) / kMetrics; }
  std::vector<double> column(std::size_t metric) const {
    std::vector<double> values(size());
    std::memcpy(values.data(), file.bytes().data() + metric * size() * sizeof(double),
                size() * sizeof(double));
    return values;
  }

  MappedFile file;
};

inline nlohmann::ordered_json timed_comparison(double seconds, const stats::Comparison& result) {
  return {{"seconds", seconds},
          {"estimate", result.absolute.estimate},
          {"standard_error", result.absolute.standard_error}};
}

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The 90th percentile of metric 0 against that of metric 1.
inline Result<nlohmann::ordered_json> quantile_difference_case(const ResamplingUnits& units) {
  stats::QuantileRows control{units.column(0)}, treatment{units.column(1)};
  stats::QuantileOptions options;
  options.quantile = 0.9;
  const auto start = std::chrono::steady_clock::now();
  DESCANT_ASSIGN(const auto result,
                 stats::quantile_difference(std::move(control), std::move(treatment), options, {}));
  return timed_comparison(seconds_since(start), result);
}

// The ratio of metric 0 to metric 1: the first half of the units against the second.
inline Result<nlohmann::ordered_json> poisson_bootstrap_case(const ResamplingUnits& units) {
  const auto numerator = units.column(0), denominator = units.column(1);
  const std::size_t half = units.size() / 2;
  const auto arm = [&](std::size_t first) {
    return stats::BootstrapRows{std::span(numerator).subspan(first, half),
                                std::span(denominator).subspan(first, half)};
  };
  stats::BootstrapOptions options;
  options.statistic = "ratio";
  options.replicates = 1000;
  const auto start = std::chrono::steady_clock::now();
  DESCANT_ASSIGN(const auto result, stats::bootstrap_difference(arm(0), arm(half), options, {}));
  return timed_comparison(seconds_since(start), result);
}

// A thousand A/A runs of every metric, with Welch's test of each.
inline Result<nlohmann::ordered_json> aa_factory_case(const ResamplingUnits& units) {
  std::vector<std::vector<double>> columns;
  std::vector<stats::MetricColumns> metrics;
  for (std::size_t m = 0; m < ResamplingUnits::kMetrics; ++m) columns.push_back(units.column(m));
  for (const auto& column : columns) metrics.push_back({{column}});
  const auto start = std::chrono::steady_clock::now();
  DESCANT_ASSIGN(const auto moments, stats::rerandomise(metrics, units.size(), {}));
  nlohmann::ordered_json rates, distances;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    std::vector<double> p_values;
    for (std::size_t r = 0; r < moments.replicates(); ++r) {
      const auto arms = moments.arms(r, m);
      DESCANT_ASSIGN(const auto result,
                     stats::mean_difference(arms.control, arms.treatment, "welch", {}));
      p_values.push_back(result.p_value);
    }
    rates.push_back(stats::rejection_rate(p_values, 0.05, 0.95).estimate);
    distances.push_back(stats::uniformity_of(p_values).statistic);
  }
  return nlohmann::ordered_json{
      {"seconds", seconds_since(start)}, {"rates", rates}, {"distances", distances}};
}

}  // namespace descant::bench
