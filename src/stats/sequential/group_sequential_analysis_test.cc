// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/group_sequential_analysis.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/distributions.h"
#include "stats/sequential/stage_wise.h"

namespace descant::stats {
namespace {

GroupSequentialAnalysisRequest request_of(std::vector<double> information,
                                          const std::vector<double>& statistics) {
  GroupSequentialAnalysisRequest request;
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    request.standard_errors.push_back(0.1 / std::sqrt(information[k]));
    request.estimates.push_back(statistics[k] * request.standard_errors[k]);
  }
  request.bounds.information = std::move(information);
  return request;
}

TEST(GroupSequentialAnalysis, OfOneLookIsTheOrdinaryTest) {
  const auto result = *group_sequential_analysis(request_of({1}, {2.5}));
  const double quantile = 1.959963984540054;
  EXPECT_EQ(result.stop_reason, "crossed");
  EXPECT_NEAR(result.looks[0].repeated_p_value, 2 * normal_upper_tail(2.5), 1e-10);
  EXPECT_NEAR(result.stage_wise_p_value, 2 * normal_upper_tail(2.5), 1e-10);
  EXPECT_NEAR(result.median_unbiased_estimate, 0.25, 1e-9);
  EXPECT_NEAR(result.stage_wise_interval.lower, 0.25 - 0.1 * quantile, 1e-9);
  EXPECT_NEAR(result.stage_wise_interval.upper, 0.25 + 0.1 * quantile, 1e-9);
  EXPECT_NEAR(result.looks[0].repeated_interval.lower, 0.25 - 0.1 * quantile, 1e-9);
}

// At the bound itself the stage-wise p-value is the alpha spent so far, the repeated one alpha, and
// the repeated interval touches 0.
TEST(GroupSequentialAnalysis, AtTheBoundHasTheAlphaSpent) {
  const std::vector<double> information = {0.3, 0.5, 0.7, 1};
  GroupSequentialBoundsRequest bounds;
  bounds.information = information;
  const auto known = *group_sequential_bounds(bounds);
  for (std::size_t k = 0; k < information.size(); ++k) {
    std::vector<double> statistics(k, 0.5);
    statistics.push_back(known.upper[k] * (1 + 1e-14));
    const auto result = *group_sequential_analysis(request_of(information, statistics));
    EXPECT_EQ(result.stopped_at_look, static_cast<std::int64_t>(k) + 1);
    EXPECT_NEAR(result.stage_wise_p_value, known.alpha_spent[k], 1e-9);
    EXPECT_NEAR(result.looks[k].repeated_p_value, 0.05, 1e-8);
    EXPECT_NEAR(result.looks[k].repeated_interval.lower, 0, 1e-12);
  }
}

TEST(GroupSequentialAnalysis, ClassicalRepeatedPValuesAgreeToo) {
  auto request = request_of({0.25, 0.5, 0.75, 1}, {1, 2.3613});
  request.bounds.spending.function = "pocock";
  const auto result = *group_sequential_analysis(request);
  EXPECT_NEAR(result.looks[1].repeated_p_value, 0.05, 2e-5);
}

TEST(GroupSequentialAnalysis, MirrorsWithTheSignOfTheEffect) {
  const auto up = *group_sequential_analysis(request_of({0.4, 0.8, 1}, {1.5, 3}));
  const auto down = *group_sequential_analysis(request_of({0.4, 0.8, 1}, {-1.5, -3}));
  EXPECT_NEAR(up.median_unbiased_estimate, -down.median_unbiased_estimate, 1e-8);
  EXPECT_NEAR(up.stage_wise_interval.lower, -down.stage_wise_interval.upper, 1e-8);
  EXPECT_NEAR(up.stage_wise_p_value, down.stage_wise_p_value, 1e-10);

  auto less = request_of({0.4, 0.8, 1}, {-1.5, -3});
  less.bounds.sides = 1;
  less.alternative = "less";
  auto greater = request_of({0.4, 0.8, 1}, {1.5, 3});
  greater.bounds.sides = 1;
  const auto a = *group_sequential_analysis(less);
  const auto b = *group_sequential_analysis(greater);
  EXPECT_TRUE(a.looks[1].crossed);
  EXPECT_EQ(a.looks[1].lower, -b.looks[1].upper);
  EXPECT_EQ(a.looks[1].repeated_interval.upper, -b.looks[1].repeated_interval.lower);
  EXPECT_TRUE(std::isnan(a.looks[1].repeated_interval.lower));
}

// Whatever the drift, the outcome at its own median has an estimate at that drift.
TEST(GroupSequentialAnalysis, EstimateIsMedianUnbiased) {
  const std::vector<double> information = {0.5, 1};
  const std::vector<double> lower = {-2.9626, -1.9686};
  const std::vector<double> upper = {2.9626, 1.9686};
  for (const double drift : {-1.0, 0.0, 1.5, 3.0}) {
    StoppedTest test{information, lower, upper, 0};
    double low = -10;
    double high = 10;
    for (int i = 0; i < 60; ++i) {
      test.statistic = (low + high) / 2;
      (probability_beyond(test, drift) > 0.5 ? low : high) = test.statistic;
    }
    EXPECT_NEAR(drift_with_probability(test, 0.5), drift, 1e-7);
  }
}

TEST(GroupSequentialAnalysis, OverrunSpendsWhatIsLeft) {
  const auto result = *group_sequential_analysis(request_of({0.5, 1.3}, {1, 1.97}));
  EXPECT_NEAR(result.looks[1].alpha_spent, 0.05, 1e-15);
  // More new data since the first look than planned: a little more to spend it on.
  EXPECT_GT(result.looks[1].upper, 1.9686);
  EXPECT_LT(result.looks[1].upper, 1.9750);
  EXPECT_TRUE(result.stopped);
  auto request = request_of({0.5, 1.1, 1.3}, {1, 1.97, 2});
  EXPECT_EQ(group_sequential_analysis(request).error().where, "information[1]");
}

TEST(GroupSequentialAnalysis, OverrunLeavesTheLooksBeforeItAsTheyWere) {
  for (const bool futility : {false, true}) {
    auto planned = request_of({0.5, 0.8, 1}, {1, 1.2, 1.5});
    planned.bounds.sides = 1;
    if (futility) planned.bounds.beta_spending = SpendingFunction{"power", 2.0};
    if (!futility) planned.bounds.spending.function = "obrien_fleming";
    auto overrun = planned;
    overrun.bounds.information.back() = 1.4;
    const auto before = *group_sequential_analysis(planned);
    const auto after = *group_sequential_analysis(overrun);
    for (const std::size_t k : {0, 1}) EXPECT_EQ(before.looks[k].upper, after.looks[k].upper);
    EXPECT_NEAR(after.looks[2].alpha_spent, 0.05, 1e-10);
    EXPECT_NE(after.looks[2].upper, before.looks[2].upper);
  }
}

// Looks as they came, against a final size that the last look itself set: the adjusted levels that
// spotify-confidence tests.
TEST(GroupSequentialAnalysis, HasTheLevelsOfAnOverrunTest) {
  auto request = request_of({250 / 810.0, 450 / 810.0, 630 / 810.0, 1}, {0, 0, 0, 0});
  request.bounds.alpha = 0.01;
  request.bounds.spending = {"power", 2.0};
  const auto result = *group_sequential_analysis(request);
  const std::vector<double> expected = {0.00095, 0.00241, 0.00410, 0.00636};
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(result.looks[k].nominal_p, expected[k], 5e-6);
  EXPECT_EQ(result.stop_reason, "end");
}

TEST(GroupSequentialAnalysis, FutilityStopsWhenItBinds) {
  auto request = request_of({0.5, 0.8, 1}, {-2, 1});
  request.bounds.sides = 1;
  request.bounds.beta_spending = SpendingFunction{"power", 2.0};
  request.bounds.binding_futility = true;
  auto result = *group_sequential_analysis(request);
  EXPECT_EQ(result.stopped_at_look, 1);
  EXPECT_EQ(result.stop_reason, "futility");
  EXPECT_FALSE(result.looks[0].crossed);
  request.bounds.binding_futility = false;
  request.estimates[1] = 0.15;
  result = *group_sequential_analysis(request);
  EXPECT_TRUE(result.looks[0].futility_crossed);
  EXPECT_FALSE(result.stopped);
}

TEST(GroupSequentialAnalysis, GivesNullsAndAWarningWithoutAStandardError) {
  auto request = request_of({0.5, 1}, {1, 2});
  request.standard_errors[0] = 0;
  const auto result = *group_sequential_analysis(request);
  EXPECT_TRUE(std::isnan(result.looks[0].statistic));
  EXPECT_TRUE(std::isnan(result.looks[0].repeated_p_value));
  EXPECT_EQ(result.warnings.at(0).code, "no_standard_error");
  EXPECT_TRUE(result.stopped);
}

TEST(GroupSequentialAnalysis, NamesTheWrongField) {
  auto request = request_of({0.5, 1}, {1, 2});
  request.estimates.push_back(1);
  EXPECT_EQ(group_sequential_analysis(request).error().where, "standard_errors");
  request.standard_errors.push_back(1);
  EXPECT_EQ(group_sequential_analysis(request).error().where, "information");
  request.standard_errors[0] = -1;
  EXPECT_EQ(group_sequential_analysis(request).error().where, "standard_errors[0]");
  request.looks.emplace_back();
  EXPECT_EQ(group_sequential_analysis(request).error().where, "looks");
}

}  // namespace
}  // namespace descant::stats
