// SPDX-License-Identifier: Apache-2.0
#include "stats/power.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

Design mean_design(double mean = 10, double variance = 25) {
  Design design;
  design.baseline.sample.mean = mean;
  design.baseline.sample.variance = variance;
  return design;
}

Result<SampleSizeResult> try_size(const Design& design, double effect) {
  SampleSizeRequest request;
  request.design = design;
  request.effect.minimum_detectable_effect = effect;
  return sample_size(request);
}

SampleSizeResult sized(const Design& design, double effect) {
  auto result = try_size(design, effect);
  EXPECT_TRUE(result.ok());
  return result ? *result : SampleSizeResult{};
}

double power_of(const Design& design, double effect, std::int64_t n) {
  PowerRequest request;
  request.design = design;
  request.effect.minimum_detectable_effect = effect;
  request.n_total = n;
  return power(request)->power;
}

MinimumDetectableEffectResult detectable(const Design& design, std::int64_t n) {
  MinimumDetectableEffectRequest request;
  request.design = design;
  request.n_total = n;
  return *minimum_detectable_effect(request);
}

class PowerTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Distributions, PowerTest, ::testing::Values("normal", "t"));

TEST_P(PowerTest, SizePowerAndEffectAreInverse) {
  for (const char* alternative : {"two_sided", "greater", "less"}) {
    Design design = mean_design();
    design.distribution = GetParam();
    design.alternative = alternative;
    const auto size = sized(design, 0.1);
    EXPECT_GE(power_of(design, 0.1, *size.n_total), 0.8);
    EXPECT_LT(power_of(design, 0.1, *size.n_total - 4), 0.8);
    const auto effect = detectable(design, *size.n_total).minimum_detectable_effect;
    EXPECT_LE(std::abs(effect.relative), 0.1);
    EXPECT_NEAR(power_of(design, std::abs(effect.relative), *size.n_total), 0.8, 1e-10);
  }
}

TEST(PowerOfSharesTest, TheEffectMovesTheTreatmentsVariance) {
  Design design;
  design.baseline.proportion = 0.9;
  design.alternative = "greater";
  design.effect_scale = "absolute";
  const auto effect = detectable(design, 4000).minimum_detectable_effect;
  EXPECT_NEAR(power_of(design, effect.absolute, 4000), 0.8, 1e-10);
  EXPECT_EQ(try_size(design, 0.2).error().where, "minimum_detectable_effect");
  EXPECT_EQ(detectable(design, 20).warnings.at(0).code, "unreachable");
}

TEST(PowerOfMeansTest, VarianceTimesFourIsSizeTimesFour) {
  const auto size = sized(mean_design(10, 25), 0.01);
  const auto four = sized(mean_design(10, 100), 0.01);
  EXPECT_NEAR(static_cast<double>(*four.n_total), 4.0 * static_cast<double>(*size.n_total), 8);
}

TEST(PowerOfMeansTest, TheRuleDividesAsTheDecisionDoes) {
  Design design = mean_design();
  design.decision_rule = "spotify";
  design.success_metrics = 2;
  design.guardrail_metrics = 3;
  const auto size = sized(design, 0.05);
  EXPECT_DOUBLE_EQ(size.alpha_corrected, 0.025);
  EXPECT_NEAR(1 - size.power_corrected, 0.04798, 5e-6);
  EXPECT_DOUBLE_EQ(size.deterioration_alpha_corrected, 0.002);
  design.arms = 3;
  EXPECT_DOUBLE_EQ(sized(design, 0.05).alpha_corrected, 0.0125);
}

TEST(PowerOfMeansTest, SeveralArmsShareTheUnits) {
  Design design = mean_design();
  design.arms = 4;
  const auto size = sized(design, 0.05);
  EXPECT_EQ(*size.n_total, *size.n_control + 3 * *size.n_treatment);
  EXPECT_EQ(*size.n_control, *size.n_treatment);
  EXPECT_NEAR(static_cast<double>(*size.n_control),
              static_cast<double>(*sized(mean_design(), 0.05).n_control), 1);
}

TEST(PowerOfMeansTest, WhatCannotBePlannedSaysSo) {
  EXPECT_EQ(sized(mean_design(0, 25), 0.1).warnings.at(0).code, "no_effect");
  EXPECT_EQ(sized(mean_design(10, 0), 0.1).warnings.at(0).code, "no_variance");
  EXPECT_EQ(sized(mean_design(), 1e-12).warnings.at(0).code, "unreachable");
  Design tiny = mean_design();
  EXPECT_TRUE(std::isnan(power_of(tiny, 0.1, 1)));
  tiny.power = 0.04;
  EXPECT_EQ(try_size(tiny, 0.1).error().where, "power");
  tiny.allocation = 0.6;
  tiny.arms = 3;
  EXPECT_EQ(try_size(tiny, 0.1).error().where, "allocation");
}

}  // namespace
}  // namespace descant::stats
