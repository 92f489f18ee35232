// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/interleaving.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

InterleavingRequest eight_units() {
  InterleavingRequest request;
  request.unit = {1, 2, 3, 4, 5, 6, 7, 8};
  request.wins_control = {3, 0, 2, 1, 4, 0, 1, 2};
  request.wins_treatment = {1, 2, 2, 3, 1, 1, 3, 4};
  request.ties = {0, 1, 0, 2, 1, 0, 0, 2};
  return request;
}

TEST(InterleavingTest, AgreesWithScipy) {
  const auto result = *interleaving_of_rows(eight_units());
  EXPECT_NEAR(result.comparison.absolute.estimate, 0.21875, 1e-14);
  EXPECT_NEAR(result.comparison.statistic, 1.1618103268950273, 1e-12);
  EXPECT_NEAR(result.comparison.p_value, 0.2833902743308754, 1e-12);
  EXPECT_NEAR(result.comparison.absolute.lower, -0.22647031097650716, 1e-12);
  EXPECT_EQ(result.sign_test.prefer_treatment, 5);
  EXPECT_EQ(result.sign_test.undecided, 1);
  EXPECT_NEAR(result.sign_test.p_value, 0.453125, 1e-14);
  EXPECT_NEAR(result.sign_test.lower, 0.29042086373734255, 1e-10);
  EXPECT_NEAR(result.sign_test.upper, 0.9633074338239144, 1e-10);
  EXPECT_NEAR(result.preference.estimate, 0.05555555555555558, 1e-14);
}

TEST(InterleavingTest, SwappingTheArmsSwapsTheSign) {
  auto request = eight_units();
  const auto before = *interleaving_of_rows(request);
  std::swap(request.wins_control, request.wins_treatment);
  const auto after = *interleaving_of_rows(request);
  EXPECT_NEAR(after.preference.lower, -before.preference.upper, 1e-12);
  EXPECT_NEAR(after.comparison.absolute.lower, -before.comparison.absolute.upper, 1e-12);
  EXPECT_DOUBLE_EQ(after.sign_test.p_value, before.sign_test.p_value);
}

TEST(InterleavingTest, RowsOfAUnitAddUpAndEmptyUnitsAreLeftOut) {
  InterleavingRequest request;
  request.unit = {"a", "a", "b", "c"};
  request.wins_control = {1, 0, 1, 0};
  request.wins_treatment = {0, 3, 0, 0};
  const auto result = *interleaving_of_rows(request);
  EXPECT_EQ(result.comparison.control.n, 2);
  EXPECT_EQ(result.empty_units, 1);
  EXPECT_DOUBLE_EQ(result.comparison.treatment.estimate, 0.375);
}

TEST(InterleavingTest, OneSidedTestsReadTheDirection) {
  auto request = eight_units();
  request.options.comparison.alternative = "greater";
  const auto result = *interleaving_of_rows(request);
  EXPECT_NEAR(result.sign_test.p_value, 0.2265625, 1e-14);
  EXPECT_TRUE(std::isnan(result.sign_test.upper));
}

TEST(InterleavingTest, TooFewUnitsAreAResultAndNegativeCountsAnError) {
  InterleavingRequest request;
  EXPECT_TRUE(std::isnan(interleaving_of_rows(request)->comparison.p_value));
  request.unit = {1};
  request.wins_control = {1};
  request.wins_treatment = {0};
  EXPECT_TRUE(std::isnan(interleaving_of_rows(request)->preference.lower));
  request.wins_control = {-1};
  EXPECT_EQ(interleaving_of_rows(request).error().where, "wins_control[0]");
  request.wins_control = {1, 2};
  EXPECT_EQ(interleaving_of_rows(request).error().where, "wins_control");
}

}  // namespace
}  // namespace descant::stats
