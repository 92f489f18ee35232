// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_metric.h"

#include <gtest/gtest.h>

namespace descant::experiment {
namespace {

TEST(UnitMetric, NameAndType) {
  const auto mean = parse_unit_metric("rounds:mean");
  ASSERT_TRUE(mean.ok());
  EXPECT_EQ(mean->name, "rounds");
  EXPECT_EQ(mean->numerator, "rounds");
  EXPECT_EQ(mean->type, "mean");
  EXPECT_EQ(parse_unit_metric("rounds")->type, "mean");
  EXPECT_EQ(parse_unit_metric("rounds:covariate=before")->covariate, "before");
}

TEST(UnitMetric, AColumnMayHoldColons) {
  const auto metric = parse_unit_metric("plays: total:mean:cap=500");
  ASSERT_TRUE(metric.ok()) << to_text(metric.error());
  EXPECT_EQ(metric->name, "plays: total");
  EXPECT_EQ(metric->type, "mean");
  EXPECT_EQ(metric->cap, "500");
}

TEST(UnitMetric, RatioWithOptions) {
  const auto ratio = parse_unit_metric(
      "skips / plays:ratio:role=guardrail:direction=decrease:margin=2%:cap=p99.9");
  ASSERT_TRUE(ratio.ok()) << to_text(ratio.error());
  EXPECT_EQ(ratio->numerator, "skips");
  EXPECT_EQ(ratio->denominator, "plays");
  const auto plan = plan_unit_metric(*ratio);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->role, definitions::Role::kGuardrail);
  EXPECT_EQ(plan->direction, definitions::Direction::kDecrease);
  EXPECT_DOUBLE_EQ(plan->non_inferiority_margin->value, 0.02);
  EXPECT_TRUE(plan->non_inferiority_margin->relative);
  EXPECT_DOUBLE_EQ(*plan->cap.percentile, 99.9);
}

TEST(UnitMetric, MarginsAndCaps) {
  const auto margin = [](const std::string& text) {
    return plan_unit_metric(*parse_unit_metric("m:mean:role=guardrail:margin=" + text))
        ->non_inferiority_margin;
  };
  EXPECT_DOUBLE_EQ(margin("1pp")->value, 0.01);
  EXPECT_FALSE(margin("1pp")->relative);
  EXPECT_DOUBLE_EQ(margin("0.5")->value, 0.5);
  EXPECT_DOUBLE_EQ(*plan_unit_metric(*parse_unit_metric("m:mean:cap=500"))->cap.value, 500);
}

TEST(UnitMetric, AQuantileSaysWhich) {
  const auto plan = plan_unit_metric(*parse_unit_metric("minutes:quantile:q=0.9"));
  ASSERT_TRUE(plan.ok()) << to_text(plan.error());
  EXPECT_EQ(plan->type, "quantile");
  EXPECT_EQ(plan->quantile, 0.9);
}

TEST(UnitMetric, WhatIsWrongIsNamed) {
  const auto fails = [](const std::string& text, const std::string& words) {
    const auto parsed = parse_unit_metric(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidRequest);
    EXPECT_NE(to_text(parsed.error()).find(words), std::string::npos) << to_text(parsed.error());
  };
  fails("", "names no metric");
  fails(":mean", "names no metric");
  fails("m:meen", "Did you mean 'mean'?");
  fails("m:mean:rol=success", "Did you mean 'role'?");
  fails("m:mean:role=guardrial:margin=1%", "Did you mean 'guardrail'?");
  fails("m:mean:direction=up", "unknown direction 'up'");
  fails("m:mean:role=guardrail", "has no margin");
  fails("m:mean:margin=1%", "is no guardrail");
  fails("m:mean:role=guardrail:margin=-1%", "positive");
  fails("m:mean:role=guardrail:margin=", "no value");
  fails("m:mean:cap=p100", "not a cap");
  fails("m:mean:cap=nan", "not a cap");
  fails("m:mean:loose", "not an option");
  fails("skips:ratio", "NUMERATOR/DENOMINATOR");
  fails("m:quantile", "does not say which");
  fails("m:quantile:q=90", "not a quantile");
  fails("m:quantile:q=0", "not a quantile");
  fails("m:quantile:q=0.9:cap=500", "has no cap");
  fails("m:quantile:q=0.9:covariate=before", "has no covariate");
  fails("m:mean:q=0.9", "has no q");
  fails("a/b/c:ratio", "NUMERATOR/DENOMINATOR");
}

TEST(UnitMetric, ADenominatorBelongsToRatiosOnly) {
  UnitMetric metric;
  metric.name = metric.numerator = "m";
  metric.type = "ratio";
  EXPECT_FALSE(plan_unit_metric(metric).ok());
  metric.type = "mean";
  metric.denominator = "n";
  EXPECT_FALSE(plan_unit_metric(metric).ok());
}

}  // namespace
}  // namespace descant::experiment
