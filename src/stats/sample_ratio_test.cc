// SPDX-License-Identifier: Apache-2.0
#include "stats/sample_ratio.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

TEST(SampleRatioTest, SharesMayBeWeightsAndArmsMayChangePlaces) {
  const auto shares = *sample_ratio_test({{50421, 49579}, {0.5, 0.5}});
  EXPECT_NEAR(shares.statistic, 7.08964, 5e-6);
  EXPECT_NEAR(shares.p_value, 0.007753, 5e-7);
  EXPECT_DOUBLE_EQ(sample_ratio_test({{50421, 49579}, {3, 3}})->p_value, shares.p_value);
  const auto uneven = *sample_ratio_test({{100, 300}, {0.2, 0.8}});
  EXPECT_NEAR(sample_ratio_test({{300, 100}, {0.8, 0.2}})->p_value, uneven.p_value, 1e-15);
}

TEST(SampleRatioTest, TheSequentialTestTellsAWrongAllocationFromARightOne) {
  SampleRatioRequest request{{50'000, 50'000}, {1, 1}, "sequential"};
  EXPECT_EQ(sample_ratio_test(request)->p_value, 1);
  request.counts = {51'000, 49'000};
  EXPECT_LT(sample_ratio_test(request)->p_value, 1e-4);
  EXPECT_TRUE(std::isnan(sample_ratio_test(request)->degrees_of_freedom));
}

TEST(SampleRatioTest, NoUnitsAreAResultAndWrongFieldsAreErrors) {
  EXPECT_EQ(sample_ratio_test({{0, 0}, {1, 1}})->warnings.at(0).code, "too_few_units");
  EXPECT_EQ(sample_ratio_test({{1, 2}, {1, 0}}).error().where, "expected[1]");
  EXPECT_EQ(sample_ratio_test({{-1, 2}, {1, 1}}).error().where, "counts[0]");
  EXPECT_EQ(sample_ratio_test({{1}, {1}}).error().where, "counts");
  EXPECT_EQ(sample_ratio_test({{1, 2}, {1}}).error().where, "expected");
}

}  // namespace
}  // namespace descant::stats
