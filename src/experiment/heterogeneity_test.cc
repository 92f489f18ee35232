// SPDX-License-Identifier: Apache-2.0
#include "experiment/heterogeneity.h"

#include <cmath>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;

// "minutes" of phones (code 1) under the first treatment are multiplied.
folds::UnitTable table_with(double phone_lift, std::size_t arms = 2) {
  auto table = drawn_table({.units = 40'000, .arms = arms, .days = 1});
  for (std::size_t u = 0; u < table.unit_count; ++u)
    if (table.arm[u] == 1 && table.segments[0].codes[u] == 1)
      table.metrics[0].numerator[0][u] *= phone_lift;
  return table;
}

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table,
                     std::size_t threads = 2) {
  auto result = analyze(plan, table, std::nullopt, threads);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return result.ok() ? std::move(*result) : ExperimentResult{};
}

const SegmentEffect& segment(const MetricResult& metric, const std::string& value) {
  for (const auto& found : metric.segments)
    if (found.value == value) return found;
  ADD_FAILURE() << value;
  return metric.segments.front();
}

TEST(Heterogeneity, APlantedDifferenceIsFound) {
  const auto table = table_with(1.5);
  const auto metric = run(drawn_plan(table), table).metrics[0];
  ASSERT_TRUE(metric.heterogeneity);
  const auto& found = *metric.heterogeneity;
  EXPECT_EQ(found.scale, "relative");
  ASSERT_EQ(found.dimensions.size(), 2U);
  EXPECT_EQ(found.dimensions[0].dimension, "platform");
  EXPECT_TRUE(found.dimensions[0].rejected);
  EXPECT_FALSE(found.dimensions[1].rejected);
  EXPECT_TRUE(segment(metric, "phone").rejected);
  EXPECT_LT(segment(metric, "phone").p_value_adjusted, 0.001);
  EXPECT_NE(found.message.find("The effect on minutes differs by platform ("), std::string::npos)
      << found.message;
  EXPECT_NE(found.message.find("phone +"), std::string::npos) << found.message;
  EXPECT_NE(found.message.find("No sign that it differs by country."), std::string::npos);

  ASSERT_TRUE(found.tree);
  ASSERT_EQ(found.tree->nodes.size(), 3U);
  const auto& higher = found.tree->nodes[2];  // children are ordered by effect
  ASSERT_EQ(higher.conditions.size(), 1U);
  EXPECT_EQ(higher.conditions[0].dimension, "platform");
  EXPECT_EQ(higher.conditions[0].values, std::vector<std::string>{"phone"});
  EXPECT_GT(higher.effect.lower, found.tree->nodes[1].effect.upper);
}

TEST(Heterogeneity, WithoutADifferenceNoneIsFound) {
  const auto table = table_with(1.0);
  for (const auto& metric : run(drawn_plan(table), table).metrics) {
    const auto& found = *metric.heterogeneity;
    EXPECT_EQ(found.message,
              "No sign that the effect on " + metric.name + " differs by platform, country.");
    ASSERT_TRUE(found.tree) << found.tree_left_out;
    EXPECT_EQ(found.tree->nodes.size(), 1U);
  }
}

// The root is estimated by half of the units: its interval is wider than the whole's and meets it.
TEST(Heterogeneity, TheTreesRootIsTheEffectOfTheOtherHalf) {
  const auto table = table_with(1.0);
  for (const auto& metric : run(drawn_plan(table), table).metrics) {
    const auto& root = metric.heterogeneity->tree->nodes[0].effect;
    const auto& whole = metric.comparison.absolute;
    EXPECT_NEAR(root.standard_error / whole.standard_error, std::sqrt(2.0), 0.1) << metric.name;
    EXPECT_LT(std::abs(root.estimate - whole.estimate), 4 * root.standard_error) << metric.name;
  }
}

TEST(Heterogeneity, ShrinkingMovesTowardsTheMeanAndNarrows) {
  const auto table = table_with(1.0);
  const auto metric = run(drawn_plan(table), table).metrics[0];
  const double mean = metric.heterogeneity->dimensions[1].mean_effect;
  for (const auto& found : metric.segments) {
    if (found.dimension != "country") continue;
    ASSERT_TRUE(found.shrunk);
    const auto& raw = found.comparison.relative;
    EXPECT_LE(std::abs(found.shrunk->estimate - mean), std::abs(raw.estimate - mean) + 1e-12);
    EXPECT_LT(found.shrunk->standard_error, raw.standard_error);
  }
}

TEST(Heterogeneity, AGuardrailIsTestedAgainstNoEffectNotItsMargin) {
  const auto table = table_with(1.0);
  auto plan = drawn_plan(table);
  const auto plain = run(plan, table).metrics[0];
  plan.metrics[0] = testing::metric_plan("minutes", definitions::Role::kGuardrail);
  const auto guardrail = run(plan, table).metrics[0];
  for (std::size_t s = 0; s < plain.segments.size(); ++s)
    EXPECT_NEAR(guardrail.segments[s].p_value_adjusted, plain.segments[s].p_value_adjusted, 1e-3);
}

TEST(Heterogeneity, TreatmentsAreApart) {
  const auto table = table_with(1.5, 3);
  const auto result = run(drawn_plan(table), table);
  EXPECT_TRUE(result.metrics[0].heterogeneity->dimensions[0].rejected);
  EXPECT_FALSE(result.metrics[1].heterogeneity->dimensions[0].rejected);
  EXPECT_EQ(result.metrics[1].heterogeneity->tree->nodes.size(), 1U);
}

TEST(Heterogeneity, NothingIsTestedBeforeThePlannedEnd) {
  const auto table = table_with(1.5);
  auto plan = drawn_plan(table);
  plan.planned_end_reached = false;
  const auto metric = run(plan, table).metrics[0];
  const auto& found = *metric.heterogeneity;
  EXPECT_TRUE(std::isnan(found.dimensions[0].p_value));
  EXPECT_TRUE(std::isnan(found.dimensions[0].q));
  EXPECT_FALSE(found.dimensions[0].rejected);
  EXPECT_FALSE(found.tree);
  EXPECT_NE(found.message.find("tested once the planned end is reached"), std::string::npos);
  EXPECT_FALSE(segment(metric, "phone").rejected);
  EXPECT_TRUE(segment(metric, "phone").shrunk);
}

TEST(Heterogeneity, LeavesTheTreeOutWithItsReason) {
  auto table = table_with(1.0);
  auto plan = drawn_plan(table);
  plan.metrics[2].type = "quantile";
  EXPECT_NE(run(plan, table).metrics[2].heterogeneity->tree_left_out.find("quantile"),
            std::string::npos);
  plan = drawn_plan(table);
  for (std::size_t u = 0; u < table.unit_count; ++u)  // clusters of one arm each
    table.cluster.push_back(static_cast<std::uint32_t>(u % 500 * 2 + table.arm[u]));
  const auto metric = run(plan, table).metrics[0];
  EXPECT_FALSE(metric.heterogeneity->tree);
  EXPECT_NE(metric.heterogeneity->tree_left_out.find("clusters"), std::string::npos);
}

TEST(Heterogeneity, TinyTablesSayWhatIsUndefined) {
  for (const std::size_t units : {1U, 2U, 5U, 40U}) {
    const auto table = drawn_table({.units = units, .days = 1});
    const auto result = run(drawn_plan(table), table);
    for (const auto& path : testing::unexplained_nulls(result))
      EXPECT_EQ(path.find("heterogeneity"), std::string::npos) << units << " " << path;
  }
}

TEST(Heterogeneity, SameForAnyNumberOfThreadsAndOffWhenAsked) {
  const auto table = table_with(1.5);
  auto plan = drawn_plan(table);
  const auto json = [&](std::size_t threads) {
    return write_json(to_json_document(run(plan, table, threads)));
  };
  EXPECT_EQ(json(1), json(3));
  plan.heterogeneity = false;
  const auto metric = run(plan, table).metrics[0];
  EXPECT_FALSE(metric.heterogeneity);
  EXPECT_FALSE(metric.segments.front().shrunk);
}

}  // namespace
}  // namespace descant::experiment
