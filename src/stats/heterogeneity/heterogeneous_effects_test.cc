// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/heterogeneous_effects.h"

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

HeterogeneousEffectsRequest twelve_units() {
  HeterogeneousEffectsRequest request;
  request.arm = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  request.outcome = {1, 3, 2, 5, 1.5, 4, 2, 2, 3, 2.5, 2.5, 4};
  request.segments["country"] = {"SE", "SE", "SE", "SE", "SE", "SE",
                                 "BR", "BR", "BR", "BR", "BR", "BR"};
  return request;
}

TEST(HeterogeneousEffectsTest, ASegmentIsTheComparisonOfItsUnits) {
  const auto result = *heterogeneous_effects(twelve_units());
  ASSERT_EQ(result.segments.size(), 2U);
  EXPECT_EQ(result.segments[0].value, "BR");
  EXPECT_NEAR(result.segments[0].comparison.absolute.estimate, 8.5 / 3 - 2.5, 1e-12);
  EXPECT_NEAR(result.segments[1].comparison.absolute.estimate, 2.5, 1e-12);
  EXPECT_EQ(result.segments[1].comparison.control.n, 3);
  EXPECT_EQ(result.dimensions.at(0).segments, 2);
  EXPECT_EQ(result.tree.nodes.size(), 1U);
}

TEST(HeterogeneousEffectsTest, RatiosAndCovariatesGoThroughEverySegment) {
  auto request = twelve_units();
  request.denominator = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
  const auto ratio = *heterogeneous_effects(request);
  EXPECT_NEAR(ratio.segments[1].comparison.absolute.estimate, 2 - 1.5, 1e-12);
  request.covariate = {{1, 2, 3, std::nullopt, 2, 3, 1, 2, 3, 1, 2, 3}};
  const auto adjusted = *heterogeneous_effects(request);
  EXPECT_EQ(adjusted.segments[0].comparison.method, "cuped");
  EXPECT_EQ(adjusted.overall.warnings.at(0).code, "missing_covariate");
}

TEST(HeterogeneousEffectsTest, EmptyRowsAreAResultAndLengthsAreChecked) {
  HeterogeneousEffectsRequest empty;
  empty.segments["country"] = {};
  EXPECT_TRUE(heterogeneous_effects(empty)->segments.empty());
  auto request = twelve_units();
  request.segments["country"].pop_back();
  EXPECT_EQ(heterogeneous_effects(request).error().where, "segments.country");
}

}  // namespace
}  // namespace descant::stats
