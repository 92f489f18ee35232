// SPDX-License-Identifier: Apache-2.0
#include "experiment/sequential_effects.h"

#include <cmath>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

constexpr std::size_t kDays = 8;

AnalysisPlan sequential_plan(const folds::UnitTable& table) {
  auto plan = testing::drawn_plan(table);
  plan.sequential.method = definitions::SequentialMethod::kGroupSequential;
  plan.planned_end_reached = false;
  for (std::size_t day = 0; day < table.days.size(); ++day) {
    plan.planned_end_reached_by_day.push_back(false);
    plan.plan_share_by_day.push_back(static_cast<double>(day + 1) / 10);
  }
  return plan;
}

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table) {
  auto result = analyze(plan, table, std::nullopt, 2);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return *result;
}

// The table as it was at the end of an earlier day.
folds::UnitTable as_of(folds::UnitTable table, std::size_t days) {
  table.days.resize(days);
  for (auto& metric : table.metrics)
    if (metric.numerator.size() > 1) metric.numerator.resize(days);
  return table;
}

TEST(SequentialEffects, ADaysRowIsTheSameLater) {
  const auto table = testing::drawn_table({.units = 6000, .days = kDays, .open_ended = true});
  const auto later = run(sequential_plan(table), table);
  const auto early_table = as_of(table, 5);
  const auto early = run(sequential_plan(early_table), early_table);
  std::size_t looks = 0;
  for (std::size_t m = 0; m < early.metrics.size(); ++m)
    for (std::size_t day = 0; day < 5; ++day) {
      const auto& a = early.metrics[m].days[day].look;
      const auto& b = later.metrics[m].days[day].look;
      ASSERT_EQ(a.has_value(), b.has_value());
      if (!a) continue;
      ++looks;
      EXPECT_DOUBLE_EQ(a->statistic, b->statistic);
      EXPECT_NEAR(a->bound, b->bound, 1e-9);
      EXPECT_EQ(a->crossed, b->crossed);
    }
  EXPECT_GE(looks, 10U);
}

TEST(SequentialEffects, AStrongEffectShipsBeforeThePlannedEnd) {
  auto table = testing::drawn_table({.units = 6000, .days = kDays});
  for (std::size_t u = 0; u < table.unit_count; ++u)
    if (table.arm[u] == 1) table.metrics[0].numerator[0][u] *= 2;
  auto plan = sequential_plan(table);
  plan.metrics.resize(1);
  table.metrics.resize(1);
  const auto result = run(plan, table);
  EXPECT_EQ(result.decisions[0].action, "ship");
  ASSERT_TRUE(result.metrics[0].sequential.has_value());
  EXPECT_TRUE(result.metrics[0].sequential->crossed);
  EXPECT_LE(result.metrics[0].p_value_one_sided, 0.05);
  EXPECT_NE(result.metrics[0].sequential->message.find("crossed its bound on"), std::string::npos);
}

TEST(SequentialEffects, NoEffectGoesOnAndAPartialDayIsNoLook) {
  auto table = testing::drawn_table({.units = 6000, .days = kDays, .seed = 4});
  auto plan = sequential_plan(table);
  plan.plan_share_by_day.back() = stats::kUndefined;
  const auto result = run(plan, table);
  EXPECT_EQ(result.decisions[0].action, "continue");
  for (const auto& metric : result.metrics) {
    EXPECT_FALSE(metric.days.back().look.has_value());
    EXPECT_EQ(metric.sequential->last_look, metric.days[kDays - 2].day);
    EXPECT_TRUE(std::isnan(metric.comparison.p_value));
  }
}

TEST(SequentialEffects, AMethodWithoutItsParameterIsSaid) {
  const auto table = testing::drawn_table({.units = 2000, .days = kDays});
  auto plan = sequential_plan(table);
  plan.sequential.method = definitions::SequentialMethod::kMsprt;
  const auto result = run(plan, table);
  bool said = false;
  for (const auto& warning : result.warnings) said = said || warning.code == "not_sequential";
  EXPECT_TRUE(said);
  EXPECT_EQ(result.decisions[0].action, "continue");
}

}  // namespace
}  // namespace descant::experiment
