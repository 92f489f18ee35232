// SPDX-License-Identifier: Apache-2.0
#include "experiment/explain.h"

#include <cmath>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

UnitReadout drawn_readout() {
  UnitReadout readout;
  readout.units = testing::drawn_table({.days = 1});
  readout.plan = testing::drawn_plan(readout.units);
  readout.plan.metrics[0].cap.percentile = 99;
  return readout;
}

TEST(Explain, EndsAtTheResultAndStartsAtThePlainDifference) {
  const auto readout = drawn_readout();
  const auto found = explain(readout, {}, 1);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->metrics.size(), 3U);
  const auto result = analyze(readout.plan, readout.units, std::nullopt, 1);
  ASSERT_TRUE(result.ok());
  for (std::size_t m = 0; m < 3; ++m) {
    const auto& last = found->metrics[m].steps.back();
    EXPECT_EQ(last.absolute.estimate, result->metrics[m].comparison.absolute.estimate);
    EXPECT_EQ(last.absolute.upper, result->metrics[m].comparison.absolute.upper);
  }
  const auto& minutes = found->metrics[0];
  ASSERT_EQ(minutes.steps.size(), 3U);
  EXPECT_EQ(minutes.steps[1].name, "cap");
  EXPECT_EQ(minutes.steps[2].name, "covariates");
  double sum[2] = {0, 0}, n[2] = {0, 0};
  for (std::size_t u = 0; u < readout.units.unit_count; ++u) {
    sum[readout.units.arm[u]] += readout.units.metrics[0].numerator[0][u];
    n[readout.units.arm[u]] += 1;
  }
  EXPECT_NEAR(minutes.steps[0].absolute.estimate, sum[1] / n[1] - sum[0] / n[0], 1e-10);
  // A heavy tail cut, then a covariate: narrower each time.
  EXPECT_LT(minutes.steps[1].width_change, -0.05);
  EXPECT_LT(minutes.steps[2].width_change, -0.05);
  EXPECT_NE(minutes.steps[1].message.find("narrower"), std::string::npos);
  EXPECT_NE(minutes.steps[2].message.find("CUPED, which removed"), std::string::npos);
}

TEST(Explain, AdjustmentsThatAMetricLacksHaveNoStep) {
  const auto found = explain(drawn_readout(), "rounds", 1);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->metrics.size(), 1U);
  ASSERT_EQ(found->metrics[0].steps.size(), 1U);
  EXPECT_EQ(found->metrics[0].steps[0].name, "difference");
}

TEST(Explain, AnUnknownMetricIsAnErrorWithTheNearest) {
  const auto found = explain(drawn_readout(), "minute", 1);
  ASSERT_FALSE(found.ok());
  EXPECT_NE(found.error().hint.find("minutes"), std::string::npos);
}

}  // namespace
}  // namespace descant::experiment
