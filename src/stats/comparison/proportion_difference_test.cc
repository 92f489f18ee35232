// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/proportion_difference.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/comparison/exact_proportion.h"

namespace descant::stats {
namespace {

Comparison compared(SuccessCount c, SuccessCount t, const std::string& method,
                    const ComparisonOptions& options = {}) {
  auto result = proportion_difference(c, t, method, options);
  EXPECT_TRUE(result.ok()) << method;
  return result ? result->comparison : Comparison{};
}

class ProportionMethodTest : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Methods, ProportionMethodTest,
                         ::testing::Values("z_unpooled", "z_pooled", "newcombe", "agresti_caffo",
                                           "miettinen_nurminen", "fisher", "barnard", "boschloo",
                                           "chi_squared", "g_test"));

TEST_P(ProportionMethodTest, ArmSwapAndFailuresForSuccessesMirror) {
  const auto there = compared({40, 9}, {35, 14}, GetParam());
  const auto back = compared({35, 14}, {40, 9}, GetParam());
  const auto failures = compared({40, 31}, {35, 21}, GetParam());
  for (const auto& mirror : {back, failures}) {
    EXPECT_NEAR(there.absolute.estimate, -mirror.absolute.estimate, 1e-14);
    EXPECT_NEAR(there.absolute.lower, -mirror.absolute.upper, 1e-12);
    EXPECT_NEAR(there.p_value, mirror.p_value, 1e-9);
  }
}

TEST_P(ProportionMethodTest, ExtremesGiveNumbersOrNulls) {
  for (const SuccessCount c : {SuccessCount{1, 0}, {1, 1}, {20, 0}, {20, 20}})
    for (const SuccessCount t : {SuccessCount{1, 0}, {1, 1}, {15, 0}, {15, 15}, {15, 3}}) {
      const auto result = compared(c, t, GetParam());
      EXPECT_FALSE(result.p_value < 0 || result.p_value > 1);
      EXPECT_FALSE(result.absolute.lower > result.absolute.upper);
      EXPECT_FALSE(std::isinf(result.statistic));
    }
}

TEST(ProportionDifferenceTest, ChiSquaredIsTheSquareOfThePooledZ) {
  const double z = compared({400, 90}, {350, 110}, "z_pooled").statistic;
  EXPECT_NEAR(compared({400, 90}, {350, 110}, "chi_squared").statistic, z * z, 1e-10);
}

TEST(ProportionDifferenceTest, ExactTestsKnowTheTeaTaster) {
  // Fisher 1935: eight cups, all right, one chance in seventy.
  EXPECT_NEAR(*fisher_p_value({4, 0}, {4, 4}, "greater"), 1.0 / 70, 1e-15);
  // Unconditionally it is the chance (1/2)^8 that all eight fall so.
  EXPECT_NEAR(*barnard_p_value({4, 0}, {4, 4}, "greater"), 1.0 / 256, 1e-12);
}

TEST(ProportionDifferenceTest, TheScoreMarginTestAgreesWithItsInterval) {
  ComparisonOptions options;
  options.confidence_level = 0.9;
  const auto interval = compared({200, 60}, {210, 58}, "miettinen_nurminen", options);
  options.non_inferiority_margin = -interval.absolute.lower;
  EXPECT_NEAR(compared({200, 60}, {210, 58}, "miettinen_nurminen", options).p_value, 0.05, 1e-9);
}

TEST(ProportionDifferenceTest, SaysWhichMethodCanDoWhat) {
  const auto where = [](const std::string& method, const ComparisonOptions& options) {
    return proportion_difference({40, 9}, {35, 14}, method, options).error().where;
  };
  EXPECT_EQ(where("fisher", {.non_inferiority_margin = 0.1}), "method");
  EXPECT_EQ(where("fisher", {.null_value = 0.1}), "null_value");
  EXPECT_EQ(where("chi_squared", {.alternative = "less"}), "alternative");
  EXPECT_EQ(where("wald", {}), "method");
  EXPECT_EQ(proportion_difference({4000, 9}, {3500, 14}, "boschloo", {}).error().where, "method");
  EXPECT_EQ(proportion_difference({4, 9}, {35, 14}, "fisher", {}).error().where,
            "control.successes");
}

TEST(ProportionDifferenceTest, SmallCountsWarn) {
  EXPECT_EQ(compared({40, 2}, {35, 14}, "z_unpooled").warnings.back().code, "small_counts");
}

// gsDesign's testBinomial(0, 0, 10, 20, delta0, adj = 1).
TEST(ProportionDifferenceTest, ScoreTestsAShiftWithoutAnySuccess) {
  ComparisonOptions options;
  options.null_value = -0.1658;
  const auto low = *proportion_difference({20, 0}, {10, 0}, "miettinen_nurminen", options);
  EXPECT_NEAR(low.comparison.statistic, 1.96024583502094, 1e-9);
  options.null_value = 0.2843608;
  const auto high = *proportion_difference({20, 0}, {10, 0}, "miettinen_nurminen", options);
  EXPECT_NEAR(high.comparison.statistic, -1.95986507813191, 1e-9);
  options.null_value = 0;
  const auto none = *proportion_difference({20, 0}, {10, 0}, "miettinen_nurminen", options);
  EXPECT_TRUE(std::isnan(none.comparison.statistic));
}

}  // namespace
}  // namespace descant::stats
