// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/difference_in_differences.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

// Twenty units in four periods: eight never treated, six from period 2, six from period 3. The
// expected numbers are those of Callaway and Sant'Anna's package (its port csdid) and of
// statsmodels.
DifferenceInDifferencesRequest twenty_units() {
  DifferenceInDifferencesRequest request;
  for (int unit = 0; unit < 20; ++unit)
    for (int time = 1; time <= 4; ++time) {
      const int from = unit < 8 ? 0 : unit < 14 ? 2 : 3;
      double y = unit * 0.1 + 0.3 * time + ((unit * 7 + time * time * 5) % 11) / 10.0;
      if (from > 0 && time >= from) y += 1 + 0.5 * (time - from);
      request.panel.unit.push_back(unit);
      request.panel.time.push_back(time);
      request.panel.treated_from.push_back(from > 0 ? std::optional<double>(from) : std::nullopt);
      request.panel.outcome.push_back(y);
    }
  return request;
}

void add_covariate(DifferenceInDifferencesRequest& request) {
  for (const auto& unit : request.panel.unit)
    request.panel.covariates["x"].push_back((unit.get<int>() * 3 % 7) / 7.0);
}

void expect_effect(const EffectInterval& effect, double estimate, double error) {
  EXPECT_NEAR(effect.estimate, estimate, 1e-11);
  EXPECT_NEAR(effect.standard_error, error, 1e-11);
}

TEST(DifferenceInDifferencesTest, GroupTimeEffectsAndAggregates) {
  const auto result = *difference_in_differences(twenty_units());
  EXPECT_EQ(result.comparison.method, "group_time");
  ASSERT_EQ(result.effects.size(), 6U);
  expect_effect(result.effects[0].effect, 1.0458333333333334, 0.28330907780163844);
  expect_effect(result.effects[2].effect, 1.9083333333333339, 0.23742079575988967);
  expect_effect(result.effects[3].effect, 0.04583333333333334, 0.2833090778016384);
  expect_effect(result.aggregates->simple, 1.3358333333333334, 0.17704628043725365);
  expect_effect(result.aggregates->group.overall, 1.3024305555555558, 0.1795361485724416);
  expect_effect(result.aggregates->event_time.overall, 1.4312500000000004, 0.1742981198613208);
  expect_effect(result.aggregates->calendar.overall, 1.2875, 0.1777486141443778);
  expect_effect(result.comparison.absolute, 1.3024305555555558, 0.1795361485724416);
  EXPECT_EQ(result.aggregates->event_time.effects.front().at, -1);
  // One effect before treatment: the test is its squared z.
  EXPECT_NEAR(result.pre_trend.statistic, std::pow(0.04583333333333334 / 0.2833090778016384, 2),
              1e-10);
}

TEST(DifferenceInDifferencesTest, NotYetTreatedControlsAndCovariates) {
  auto request = twenty_units();
  request.group_time.control_group = "not_yet_treated";
  const auto not_yet = *difference_in_differences(request);
  expect_effect(not_yet.effects[0].effect, 1.026190476190476, 0.25427958879048124);
  expect_effect(not_yet.aggregates->simple, 1.331904761904762, 0.18060297652916835);
  add_covariate(request);
  const auto both = *difference_in_differences(request);
  expect_effect(both.effects[0].effect, 1.0870833333333334, 0.2675938757698634);
  expect_effect(both.effects[4].effect, 0.8875725900116145, 0.2087245491123387);
  expect_effect(both.aggregates->group.overall, 1.2703791618273328, 0.1658809517417855);
}

TEST(DifferenceInDifferencesTest, OneDateIsARegressionWithClusteredErrors) {
  auto request = twenty_units();
  auto& panel = request.panel;
  for (auto* column : {&panel.time, &panel.outcome}) column->resize(14 * 4);
  panel.unit.resize(14 * 4);
  panel.treated_from.resize(14 * 4);
  const auto result = *difference_in_differences(request);
  EXPECT_EQ(result.comparison.method, "two_by_two");
  expect_effect(result.comparison.absolute, 1.469444444444448, 0.2378767666943658);
  EXPECT_NEAR(result.comparison.p_value, 3.3379478407502477e-05, 1e-14);
  EXPECT_NEAR(result.comparison.absolute.lower, 0.9555429335772282, 1e-10);
  EXPECT_EQ(result.comparison.degrees_of_freedom, 13);
  add_covariate(request);
  expect_effect(difference_in_differences(request)->comparison.absolute, 1.469444444444448,
                0.24019757059530522);
}

TEST(DifferenceInDifferencesTest, SimultaneousIntervalsAreWiderAndRepeat) {
  auto request = twenty_units();
  request.simultaneous = true;
  request.seed = 4;
  const auto result = *difference_in_differences(request);
  for (const auto& cell : result.effects) {
    EXPECT_LT(*cell.simultaneous_lower, cell.effect.lower);
    EXPECT_GT(*cell.simultaneous_upper, cell.effect.upper);
  }
  EXPECT_EQ(*difference_in_differences(request)->effects[0].simultaneous_lower,
            *result.effects[0].simultaneous_lower);
}

TEST(DifferenceInDifferencesTest, TheOrderOfRowsDoesNotMatter) {
  auto request = twenty_units();
  const auto forward = *difference_in_differences(request);
  auto& panel = request.panel;
  std::reverse(panel.unit.begin(), panel.unit.end());
  std::reverse(panel.time.begin(), panel.time.end());
  std::reverse(panel.treated_from.begin(), panel.treated_from.end());
  std::reverse(panel.outcome.begin(), panel.outcome.end());
  const auto backward = *difference_in_differences(request);
  EXPECT_NEAR(backward.comparison.absolute.standard_error,
              forward.comparison.absolute.standard_error, 1e-13);
}

TEST(DifferenceInDifferencesTest, CoarserClustersAddUpTheirUnits) {
  auto request = twenty_units();
  request.panel.cluster.emplace();
  for (const auto& unit : request.panel.unit) request.panel.cluster->push_back(unit);
  expect_effect(difference_in_differences(request)->aggregates->simple, 1.3358333333333334,
                0.17704628043725365);
  for (auto& cluster : *request.panel.cluster) cluster = cluster.get<int>() / 2;
  const auto coarse = *difference_in_differences(request);
  EXPECT_EQ(coarse.n_clusters, 10);
  EXPECT_EQ(coarse.comparison.warnings.back().code, "few_clusters");
  (*request.panel.cluster)[0] = 9;
  EXPECT_EQ(difference_in_differences(request).error().where, "cluster[1]");
}

TEST(DifferenceInDifferencesTest, UnitsTreatedFromTheStartAreLeftOutAndLateOnesAreControls) {
  auto request = twenty_units();
  for (std::size_t i = 0; i < 4; ++i) {
    request.panel.treated_from[i] = 1;
    request.panel.treated_from[4 + i] = 9;
  }
  const auto result = *difference_in_differences(request);
  EXPECT_EQ(result.n_units, 19);
  EXPECT_EQ(result.comparison.control.n, 7);
  EXPECT_EQ(result.comparison.warnings.at(0).code, "always_treated");
}

TEST(DifferenceInDifferencesTest, TooLittleDataIsAResultAndContradictionsAreErrors) {
  EXPECT_TRUE(std::isnan(difference_in_differences({})->comparison.p_value));
  auto request = twenty_units();
  request.method = "two_by_two";
  EXPECT_EQ(difference_in_differences(request).error().where, "method");
  request = twenty_units();
  request.panel.treated_from[1] = 2;
  EXPECT_EQ(difference_in_differences(request).error().where, "treated_from[1]");
  request = twenty_units();
  request.panel.time[1] = 1;
  EXPECT_EQ(difference_in_differences(request).error().where, "unit");
  DifferenceInDifferencesRequest pair;
  pair.panel = {{"a", "a", "b", "b"}, {1, 2, 1, 2}, {2, 2, {}, {}}, {1, 5, 2, 3}, {}, {}};
  const auto result = *difference_in_differences(pair);
  EXPECT_NEAR(result.comparison.absolute.estimate, 3, 1e-12);
  EXPECT_TRUE(std::isnan(result.comparison.absolute.standard_error));
}

}  // namespace
}  // namespace descant::stats
