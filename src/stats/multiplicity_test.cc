// SPDX-License-Identifier: Apache-2.0
#include "stats/multiplicity.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

const std::vector<double> kPValues = {0.01, 0.04, 0.03, 0.005, 0.6, 0.2};

class MultiplicityTest : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Methods, MultiplicityTest,
                         ::testing::Values("bonferroni", "sidak", "holm", "holm_sidak", "hochberg",
                                           "hommel", "benjamini_hochberg", "benjamini_yekutieli",
                                           "storey"));

TEST_P(MultiplicityTest, OrderDoesNotMatterAndValuesOnlyGrow) {
  const auto result = *adjust_p_values({kPValues, GetParam()});
  auto reversed = kPValues;
  std::reverse(reversed.begin(), reversed.end());
  auto back = adjust_p_values({reversed, GetParam()})->adjusted;
  std::reverse(back.begin(), back.end());
  for (std::size_t i = 0; i < kPValues.size(); ++i) {
    EXPECT_DOUBLE_EQ(result.adjusted[i], back[i]);
    EXPECT_TRUE(GetParam() == "storey" || result.adjusted[i] >= kPValues[i]);
    EXPECT_LE(result.adjusted[i], 1);
    EXPECT_EQ(result.rejected[i], result.adjusted[i] <= 0.05);
    for (std::size_t j = 0; j < kPValues.size(); ++j)
      EXPECT_TRUE(kPValues[i] >= kPValues[j] || result.adjusted[i] <= result.adjusted[j]);
  }
}

TEST_P(MultiplicityTest, OneTestAloneStaysAsItIs) {
  if (GetParam() == "storey") return;  // estimates the share of true nulls first
  EXPECT_NEAR(adjust_p_values({{0.03}, GetParam()})->adjusted[0], 0.03, 1e-16);
}

TEST(MultiplicityDomainTest, EmptyAndWrongInput) {
  EXPECT_EQ(adjust_p_values({{}, "holm"})->warnings.size(), 1U);
  EXPECT_EQ(adjust_p_values({{0.1, 1.1}, "holm"}).error().where, "p_values[1]");
  EXPECT_EQ(adjust_p_values({{0.1}, "holms"}).error().hint, "Did you mean 'holm'?");
  EXPECT_EQ(adjust_p_values({{0.1}, "holm", 1}).error().where, "alpha");
}

TEST(MultiplicityDomainTest, TinyPValuesKeepTheirPrecision) {
  EXPECT_NEAR(adjust_p_values({{1e-20, 0.5}, "sidak"})->adjusted[0] / 2e-20, 1, 1e-12);
}

}  // namespace
}  // namespace descant::stats
