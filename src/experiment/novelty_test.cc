// SPDX-License-Identifier: Apache-2.0
#include "experiment/novelty.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

constexpr std::size_t kDays = 10;

// Units with a level of their own and daily values around it, the covariate among them.
struct Log {
  std::vector<std::uint8_t> arm;
  std::vector<std::uint16_t> completed;
  std::vector<double> before;
  std::vector<std::vector<double>> minutes, plays;  // [day][unit]
};

// `effect` on each day of the treated, in minutes of a control that has 10.
Log draw(std::size_t units, const std::vector<double>& effect, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Log log;
  log.minutes.assign(kDays, std::vector<double>(units));
  log.plays = log.minutes;
  for (std::size_t u = 0; u < units; ++u) {
    log.arm.push_back(static_cast<std::uint8_t>(generator() % 2));
    log.completed.push_back(static_cast<std::uint16_t>(generator() % 5 == 0 ? 4 : 20));
    const double level = 10 + 3 * normal(generator);
    log.before.push_back(level + normal(generator));
    for (std::size_t d = 0; d < kDays; ++d) {
      log.minutes[d][u] = level + (log.arm[u] == 1 ? effect[d] : 0.0) + 2 * normal(generator);
      log.plays[d][u] = 1 + static_cast<double>(generator() % 5);
    }
  }
  return log;
}

struct Analysed {
  TenureMoments moments;
  MetricResult result;
};

Analysed analyse(const Log& log, bool ratio, bool covariate, std::size_t threads = 1,
                 bool ended = true) {
  const TenureUnits units{log.arm, 2, log.completed};
  TenureMetric metric;
  metric.days = rows_completed_by(units, 0, kDays, 0.1);
  metric.ratio = ratio;
  if (covariate) metric.covariate_numerator = log.before;
  const auto fill = [&](std::size_t begin, std::size_t end, std::vector<TenureColumns>& columns) {
    for (std::size_t d = 0; d < metric.days; ++d)
      for (std::size_t u = begin; u < end; ++u) {
        columns[0].numerator[d][u - begin] = log.minutes[d][u];
        if (ratio) columns[0].denominator[d][u - begin] = log.plays[d][u];
      }
    return Result<void>();
  };
  auto moments = tenure_moments(units, {metric}, fill, threads);
  EXPECT_TRUE(moments.ok());
  AnalysisPlan plan;
  plan.planned_end_reached = ended;
  std::vector<MetricResult> results(1);
  results[0].name = "minutes";
  results[0].treatment = "treatment";
  auto added =
      add_tenure_effects(plan, metric, moments->front(), {"control", "treatment"}, results[0]);
  EXPECT_TRUE(added.ok());
  EXPECT_TRUE(judge_novelty(plan, results).ok());
  return {moments->front(), results[0]};
}

std::vector<double> line(double first, double last) {
  std::vector<double> effect;
  for (std::size_t d = 0; d < kDays; ++d)
    effect.push_back(first + (last - first) * static_cast<double>(d) / (kDays - 1));
  return effect;
}

TEST(Novelty, RowsCountTheUnitsThatCompletedTheDay) {
  const Log log = draw(3000, line(1, 1), 5);
  const auto found = analyse(log, false, false);
  const auto early = std::count(log.completed.begin(), log.completed.end(), std::uint16_t{4});
  ASSERT_EQ(found.result.days_since_exposure.size(), kDays);
  const auto units_on = [&](std::size_t row) {
    const auto& comparison = found.result.days_since_exposure[row].comparison;
    return comparison.control.n + comparison.treatment.n;
  };
  EXPECT_EQ(units_on(3), 3000);
  EXPECT_EQ(units_on(4), 3000 - early);
  EXPECT_EQ(found.result.novelty->units, 3000 - early);
  EXPECT_EQ(found.result.novelty->last_day, 9);
  double total = 0, n = 0;
  for (std::size_t u = 0; u < log.arm.size(); ++u)
    if (log.arm[u] == 1 && log.completed[u] > 4) {
      total += log.minutes[6][u];
      n += 1;
    }
  EXPECT_NEAR(found.result.days_since_exposure[6].comparison.treatment.estimate, total / n, 1e-10);
}

// The trend is Welch's test of the units' own least-squares slopes.
TEST(Novelty, TheSlopeIsTheDifferenceOfMeanSlopes) {
  const Log log = draw(500, line(2, 0), 7);
  std::array<std::vector<double>, 2> slopes;
  for (std::size_t u = 0; u < log.arm.size(); ++u) {
    if (log.completed[u] < kDays) continue;
    double slope = 0;
    for (std::size_t d = 0; d < kDays; ++d)
      slope += (static_cast<double>(d) - 4.5) / 82.5 * log.minutes[d][u];
    slopes[log.arm[u]].push_back(slope);
  }
  std::array<double, 2> mean{}, square{};
  for (std::size_t a = 0; a < 2; ++a) {
    for (const double s : slopes[a]) mean[a] += s / static_cast<double>(slopes[a].size());
    for (const double s : slopes[a])
      square[a] += (s - mean[a]) * (s - mean[a]) / static_cast<double>(slopes[a].size() - 1) /
                   static_cast<double>(slopes[a].size());
  }
  const auto found = analyse(log, false, false);
  EXPECT_NEAR(found.result.novelty->slope.estimate, mean[1] - mean[0], 1e-12);
  EXPECT_NEAR(found.result.novelty->slope.standard_error, std::sqrt(square[0] + square[1]), 1e-12);
}

TEST(Novelty, FindsWhatFadesAndWhatGrows) {
  const auto fading = analyse(draw(8000, line(1.0, 0.2), 11), false, true).result;
  EXPECT_EQ(fading.novelty->kind, "fading") << fading.novelty->message;
  EXPECT_NEAR(fading.novelty->slope.estimate, -0.8 / 9, 4 * fading.novelty->slope.standard_error);
  EXPECT_NE(fading.novelty->message.find("fades"), std::string::npos);
  const auto growing = analyse(draw(8000, line(-0.1, -1.0), 12), false, true).result;
  EXPECT_EQ(growing.novelty->kind, "growing") << growing.novelty->message;
}

TEST(Novelty, ARatioFadesToo) {
  const auto found = analyse(draw(8000, line(1.5, 0.0), 13), true, false).result;
  EXPECT_EQ(found.novelty->kind, "fading") << found.novelty->message;
  // Minutes per play: 3 plays a day on average.
  EXPECT_NEAR(found.novelty->slope.estimate, -1.5 / 9 / 3, 4 * found.novelty->slope.standard_error);
  EXPECT_NEAR(found.novelty->daily_effect.control.estimate, 10.0 / 3, 0.05);
}

TEST(Novelty, RejectsASteadyEffectAtItsLevel) {
  int rejected = 0;
  for (std::uint64_t seed = 100; seed < 500; ++seed)
    rejected += analyse(draw(200, line(1, 1), seed), false, true).result.novelty->kind != "steady";
  EXPECT_GE(rejected, 8);  // 20 expected; binomial bounds of one in a thousand
  EXPECT_LE(rejected, 35);
}

TEST(Novelty, WithholdsItsPValueBeforeThePlannedEnd) {
  const auto found = analyse(draw(3000, line(1, 0), 3), false, false, 1, false).result;
  EXPECT_EQ(found.novelty->kind, "undecided");
  EXPECT_TRUE(std::isnan(found.novelty->p_value));
  EXPECT_TRUE(std::isnan(found.days_since_exposure[0].comparison.p_value));
  EXPECT_NE(found.novelty->message.find("so far"), std::string::npos);
}

TEST(Novelty, SameForAnyNumberOfThreads) {
  const Log log = draw(50'000, line(1, 0), 21);
  const auto one = analyse(log, true, false, 1), many = analyse(log, true, false, 3);
  for (std::size_t arm = 0; arm < 2; ++arm) {
    EXPECT_EQ(one.moments.trend[arm].cross, many.moments.trend[arm].cross);
    EXPECT_EQ(one.moments.by_day[5][arm].mean, many.moments.by_day[5][arm].mean);
  }
}

TEST(Novelty, TooFewDaysHaveNoTrend) {
  Log log = draw(100, line(1, 0), 3);
  std::fill(log.completed.begin(), log.completed.end(), std::uint16_t{2});
  const auto found = analyse(log, false, false);
  EXPECT_EQ(found.result.days_since_exposure.size(), 2U);
  EXPECT_FALSE(found.result.novelty.has_value());
}

TEST(Novelty, NobodyOnADayIsNoCrash) {
  Log log = draw(30, line(1, 0), 3);
  std::fill(log.arm.begin(), log.arm.end(), std::uint8_t{0});
  const auto found = analyse(log, false, false);
  EXPECT_TRUE(std::isnan(found.result.novelty->slope.estimate));
  EXPECT_FALSE(found.result.novelty->daily_effect.warnings.empty());
  for (auto& minutes : log.plays) std::fill(minutes.begin(), minutes.end(), 0.0);
  EXPECT_EQ(analyse(log, true, false).result.novelty->kind, "undecided");
}

}  // namespace
}  // namespace descant::experiment
