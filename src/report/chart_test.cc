// SPDX-License-Identifier: Apache-2.0
#include "report/chart.h"

#include <gtest/gtest.h>

#include "report/example_experiment.h"

namespace descant::report {
namespace {

std::vector<const experiment::MetricResult*> pointers(const experiment::ExperimentResult& result) {
  std::vector<const experiment::MetricResult*> metrics;
  for (const auto& metric : result.metrics) metrics.push_back(&metric);
  return metrics;
}

TEST(Chart, MarginLiesOnTheSideOfHarm) {
  auto metric = example::shipped().metrics[1];  // decreasing is good, 2% relative
  EXPECT_DOUBLE_EQ(*margin_position(metric), 0.02);
  metric.direction = "increase";
  EXPECT_DOUBLE_EQ(*margin_position(metric), -0.02);
  metric.margin_scale = "absolute";
  metric.comparison.control.estimate = 0.5;
  EXPECT_DOUBLE_EQ(*margin_position(metric), -0.04);
  metric.comparison.control.estimate = 0.0;
  EXPECT_FALSE(margin_position(metric).has_value());
  metric.margin.reset();
  EXPECT_FALSE(margin_position(metric).has_value());
}

TEST(Chart, EffectsShowsEveryMetricWithItsInterval) {
  const auto result = example::shipped();
  const Json spec = effects_chart(pointers(result));
  const Json& values = spec["data"]["values"];
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0]["row"], "minutes_played");
  EXPECT_DOUBLE_EQ(values[0]["effect"], 0.0186);
  EXPECT_DOUBLE_EQ(values[0]["lower"], 0.0186 - 0.0074);
  EXPECT_FALSE(values[0].contains("margin"));
  EXPECT_DOUBLE_EQ(values[1]["margin"], 0.02);
  EXPECT_EQ(spec["width"], "container");
  ASSERT_EQ(spec["layer"].size(), 4U);  // zero, interval, estimate, margin
  EXPECT_EQ(spec["layer"][3]["mark"]["type"], "tick");
  EXPECT_EQ(spec["layer"][3]["transform"][0]["filter"], "isValid(datum.margin)");
  EXPECT_EQ(spec["layer"][1]["encoding"]["x2"]["field"], "upper");
}

TEST(Chart, UndefinedEffectsAreLeftOut) {
  auto result = example::running();
  EXPECT_EQ(effects_chart(pointers(result))["data"]["values"].size(), 2U);
  for (auto& metric : result.metrics) metric.comparison = {};
  EXPECT_TRUE(effects_chart(pointers(result)).is_null());
}

TEST(Chart, SinceExposureShowsEachDayByNumber) {
  const auto result = example::shipped();
  const Json spec = since_exposure_chart(result.metrics[0]);
  ASSERT_EQ(spec["data"]["values"].size(), 4U);
  EXPECT_EQ(spec["data"]["values"][3]["day"], 3);
  EXPECT_DOUBLE_EQ(spec["data"]["values"][3]["effect"], 0.0);
  EXPECT_TRUE(since_exposure_chart(result.metrics[1]).is_null());
}

TEST(Chart, UnboundedEndIsNull) {
  auto metric = example::shipped().metrics[0];
  metric.comparison.relative.upper = stats::kUndefined;
  const Json spec = effects_chart({&metric});
  EXPECT_TRUE(spec["data"]["values"][0]["upper"].is_null());
}

TEST(Chart, DaysHasBandLineZeroAndMargin) {
  const auto result = example::shipped();
  const Json without = days_chart(result.metrics[0]), with = days_chart(result.metrics[1]);
  EXPECT_EQ(without["data"]["values"].size(), 28U);
  EXPECT_EQ(without["data"]["values"][0]["day"], "2026-03-01");
  EXPECT_EQ(without["layer"].size(), 3U);
  EXPECT_EQ(with["layer"].size(), 4U);
  EXPECT_EQ(without["layer"][0]["mark"]["type"], "area");
  EXPECT_EQ(without["layer"][2]["encoding"]["x"]["scale"]["type"], "utc");
  auto single = result.metrics[0];
  single.days.resize(1);
  EXPECT_TRUE(days_chart(single).is_null());
}

TEST(Chart, SegmentsOfOneDimensionBesideEveryone) {
  const auto result = example::shipped();
  const Json spec = segments_chart(result.metrics[0], "country");
  const Json& values = spec["data"]["values"];
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[0]["row"], "everyone");
  EXPECT_EQ(values[0]["whole"], true);
  EXPECT_EQ(values[3]["row"], "US");
  EXPECT_TRUE(segments_chart(result.metrics[0], "planet").is_null());
}

}  // namespace
}  // namespace descant::report
