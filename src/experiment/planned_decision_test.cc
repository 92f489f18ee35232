// SPDX-License-Identifier: Apache-2.0
#include "experiment/planned_decision.h"

#include <cmath>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"
#include "stats/distributions.h"

namespace descant::experiment {
namespace {

constexpr std::size_t kReplicates = 20'000;

PlannedTest success(double effect, bool increase = true) {
  return {"success", definitions::Role::kSuccess, increase, effect, 0};
}

PlannedDecision run(const std::vector<PlannedTest>& tests, const std::vector<double>& correlation,
                    std::size_t checks = 0, double deterioration_alpha = 0) {
  stats::DecisionPlan rule;
  rule.deterioration_alpha = deterioration_alpha;
  const auto found = simulate_decision(tests, correlation, checks, rule, kReplicates, 9);
  EXPECT_TRUE(found.ok());
  return *found;
}

TEST(PlannedDecision, OneTestShipsWithItsPower) {
  EXPECT_NEAR(run({success(0)}, {1}).ship.estimate, 0.05, 0.006);
  const double power = stats::normal_upper_tail(1.6448536269514722 - 2.5);
  EXPECT_NEAR(run({success(2.5)}, {1}).ship.estimate, power, 0.012);
  EXPECT_NEAR(run({success(2.5, false)}, {1}).ship.estimate, power, 0.012);
}

TEST(PlannedDecision, AGuardrailMultipliesWhenIndependentAndNotWhenItIsTheSame) {
  PlannedTest guardrail{"guardrail", definitions::Role::kGuardrail, true, 0, 2.5};
  const double power = stats::normal_upper_tail(1.6448536269514722 - 2.5);
  EXPECT_NEAR(run({success(2.5), guardrail}, {1, 0, 0, 1}).ship.estimate, power * power, 0.012);
  EXPECT_NEAR(run({success(2.5), guardrail}, {1, 1, 1, 1}).ship.estimate, power, 0.012);
}

TEST(PlannedDecision, ChecksInvalidateAtTheirLevel) {
  const auto found = run({success(0)}, {1}, 3, 0.04);  // each of the four at 0.01
  EXPECT_NEAR(found.invalid.estimate, 1 - std::pow(0.99, 3), 0.006);
  EXPECT_EQ(found.ship.count + found.stop.count + found.invalid.count,
            static_cast<std::int64_t>(kReplicates));
}

TEST(PlannedDecision, CorrelationIsThatOfTheUnits) {
  auto table = testing::drawn_table({.units = 5000, .days = 1});
  auto plan = testing::drawn_plan(table);
  plan.cuped = false;
  table.metrics[2] = table.metrics[0];  // the same metric twice
  std::vector<UnitColumns> columns;
  for (std::size_t m = 0; m < 3; ++m) {
    auto found = unit_columns(plan, table, m, 1);
    ASSERT_TRUE(found.ok());
    columns.push_back(std::move(*found));
  }
  const auto correlation = estimate_correlation(columns);
  ASSERT_TRUE(correlation.ok());
  EXPECT_NEAR((*correlation)[2], 1.0, 1e-12);
  EXPECT_EQ((*correlation)[0], 1.0);
  EXPECT_LT(std::abs((*correlation)[1]), 0.2);
}

}  // namespace
}  // namespace descant::experiment
