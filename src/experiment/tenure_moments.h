// SPDX-License-Identifier: Apache-2.0
#pragma once

// Moments of a metric by day since exposure. Day k of a unit is [exposure + k days, exposure + k +
// 1 days); a row counts the units that have completed it. The trend looks at units that completed
// every day of the rows up to `trend_days`, each reduced to two numbers: the mean of its days and
// its own least-squares slope over them. As a slope is one number a unit, whatever correlation its
// days have is in that number's variance. A ratio's days are linearised at the arm's own ratio of
// that day among these units. Values come in blocks of units and are not kept: memory is one block
// a thread and the moments. Blocks merge in order, so results do not depend on the threads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/comparison/linearise.h"
#include "stats/moments.h"

namespace descant::experiment {

struct TenureMetric {
  std::int64_t first_day = 0;  // since exposure
  std::size_t days = 0;        // rows
  bool ratio = false;
  std::span<const double> covariate_numerator;  // by unit; empty: none
  std::span<const double> covariate_denominator;
};

struct TenureUnits {
  std::span<const std::uint8_t> arm;
  std::size_t arms = 0;
  std::span<const std::uint16_t> completed_days;  // by unit
};

// One metric's values in a block: a column for each day.
struct TenureColumns {
  std::vector<std::vector<double>> numerator;
  std::vector<std::vector<double>> denominator;  // ratio only
};

// Fills the columns, sized already, of every metric with the values of units [begin, end).
using FillTenureBlock = std::function<Result<void>(std::size_t begin, std::size_t end,
                                                   std::vector<TenureColumns>& columns)>;

struct TenureMoments {
  stats::RatioColumns outcome;
  std::optional<stats::RatioColumns> covariate;
  std::vector<std::vector<stats::Moments>> by_day;  // [row][arm]

  std::size_t trend_days = 0;  // rows that the trend spans; below kTrendDaysMin: no trend
  // Columns: mean of the days, slope, then the covariate's.
  std::vector<stats::Moments> trend;  // [arm]
  std::optional<stats::RatioColumns> trend_covariate;
};

inline constexpr std::size_t kTrendDaysMin = 3;
inline constexpr std::size_t kTenureDaysMax = 56;

// Rows of a metric that has `days_possible` of them: those that a tenth of the units completed. And
// of these the trend's: those that half of the units completed.
std::size_t rows_completed_by(const TenureUnits& units, std::int64_t first_day,
                              std::size_t days_possible, double share);

Result<std::vector<TenureMoments>> tenure_moments(const TenureUnits& units,
                                                  const std::vector<TenureMetric>& metrics,
                                                  const FillTenureBlock& fill, std::size_t threads);

}  // namespace descant::experiment
