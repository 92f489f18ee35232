// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/stratified_difference.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

ArmOutcome mean(std::int64_t n, double value, double variance) {
  Sample sample;
  sample.n = n;
  sample.mean = value;
  sample.variance = variance;
  return *outcome_of(sample, "arm");
}

ArmOutcome share(std::int64_t n, std::int64_t successes) {
  Sample sample;
  sample.n = n;
  sample.successes = successes;
  return *outcome_of(sample, "arm");
}

ArmOutcome ratio(const char* text_of_numerator, const char* text_of_denominator) {
  Sample sample;
  sample.numerator = Json::parse(text_of_numerator);
  sample.denominator = Json::parse(text_of_denominator);
  return *outcome_of(sample, "arm");
}

std::vector<StratumArms> means() {
  return {{"a", {}, mean(40, 10, 4), mean(60, 12, 5)}, {"b", {}, mean(60, 20, 9), mean(40, 21, 8)}};
}

TEST(StratifiedDifferenceTest, SampleWeightsBringTheMultinomialTerm) {
  const auto result = *stratified_difference(means(), "post_stratified", {});
  const double within = 0.25 * (4.0 / 40 + 5.0 / 60) + 0.25 * (9.0 / 60 + 8.0 / 40);
  const double between = (0.5 * 2 * 2 + 0.5 * 1 * 1 - 1.5 * 1.5) / 200;
  EXPECT_NEAR(result.comparison.absolute.estimate, 1.5, 1e-13);
  EXPECT_NEAR(result.comparison.absolute.standard_error, std::sqrt(within + between), 1e-14);
  EXPECT_NEAR(result.comparison.control.estimate, 15, 1e-13);
  // The unadjusted comparison mixes strata of different sizes: 15.6 against 16.
  EXPECT_NEAR(result.unadjusted.absolute.estimate, 15.6 - 16, 1e-12);
}

TEST(StratifiedDifferenceTest, GivenWeightsAreFixed) {
  auto strata = means();
  strata[0].weight = 3;
  strata[1].weight = 1;
  const auto result = *stratified_difference(strata, "post_stratified", {});
  EXPECT_NEAR(result.comparison.absolute.estimate, 0.75 * 2 + 0.25 * 1, 1e-13);
  EXPECT_NEAR(result.comparison.absolute.standard_error,
              std::sqrt(0.5625 * (4.0 / 40 + 5.0 / 60) + 0.0625 * (9.0 / 60 + 8.0 / 40)), 1e-14);
  EXPECT_NEAR(result.strata[0].weight, 0.75, 1e-15);
}

TEST(StratifiedDifferenceTest, OneStratumIsAnOrdinaryComparison) {
  const std::vector<StratumArms> one = {{"a", {}, mean(40, 10, 4), mean(60, 12, 5)}};
  const auto result = *stratified_difference(one, "post_stratified", {});
  EXPECT_NEAR(result.comparison.p_value / result.unadjusted.p_value, 1, 1e-12);
  EXPECT_NEAR(result.comparison.relative.lower, result.unadjusted.relative.lower, 1e-13);
  EXPECT_NEAR(result.variance_reduction, 0, 1e-13);
}

TEST(StratifiedDifferenceTest, ARatioIsThatOfThePostStratifiedMeans) {
  const std::vector<StratumArms> strata = {
      {"a", 1.0, ratio("[1, 2, 3]", "[2, 2, 5]"), ratio("[2, 3, 3]", "[2, 3, 4]")},
      {"b", 1.0, ratio("[5, 6, 9]", "[7, 9, 8]"), ratio("[7, 8, 8]", "[9, 9, 12]")}};
  const auto result = *stratified_difference(strata, "post_stratified", {});
  EXPECT_NEAR(result.comparison.control.estimate, (2.0 + 20.0 / 3) / (3.0 + 8.0), 1e-14);
  EXPECT_NEAR(result.comparison.treatment.estimate, (8.0 / 3 + 23.0 / 3) / (3.0 + 10.0), 1e-14);
  const std::vector<StratumArms> alone = {strata[0]};
  const auto one = *stratified_difference(alone, "post_stratified", {});
  EXPECT_NEAR(one.comparison.p_value, one.unadjusted.p_value, 1e-12);
}

TEST(StratifiedDifferenceTest, MantelHaenszelAgreesWithStatsmodels) {
  const std::vector<StratumArms> strata = {{"a", {}, share(100, 10), share(120, 19)},
                                           {"b", {}, share(50, 20), share(40, 19)},
                                           {"c", {}, share(36, 1), share(43, 3)}};
  const auto result = *stratified_difference(strata, "mantel_haenszel", {});
  EXPECT_NEAR(result.odds_ratio->estimate, 1.5808403229291481, 1e-13);
  EXPECT_NEAR(result.odds_ratio->standard_error, 0.2880838853750106, 1e-13);
  EXPECT_NEAR(result.risk_ratio->estimate, 1.3809356132500838, 1e-13);
  EXPECT_NEAR(result.comparison.relative.estimate, result.risk_ratio->estimate - 1, 1e-13);
}

TEST(StratifiedDifferenceTest, SatosVarianceOfOneStratumIsTheUnpooledOne) {
  const std::vector<StratumArms> one = {{"a", {}, share(100, 10), share(120, 19)}};
  const auto result = *stratified_difference(one, "mantel_haenszel", {});
  EXPECT_NEAR(result.comparison.absolute.estimate, 19.0 / 120 - 0.1, 1e-15);
  EXPECT_NEAR(result.comparison.absolute.standard_error, result.unadjusted.absolute.standard_error,
              2e-4);
}

TEST(StratifiedDifferenceTest, AStratumWithoutAnArmLeavesNoEstimate) {
  auto strata = means();
  strata.push_back({"c", {}, mean(0, 0, 0), mean(5, 1, 1)});
  const auto result = *stratified_difference(strata, "post_stratified", {});
  EXPECT_TRUE(std::isnan(result.comparison.absolute.estimate));
  EXPECT_EQ(result.comparison.warnings.front().code, "empty_stratum");
  EXPECT_EQ(result.comparison.warnings.front().field, "strata[2]");
  strata.back().treatment = mean(0, 0, 0);
  const auto without = *stratified_difference(strata, "post_stratified", {});
  EXPECT_NEAR(without.comparison.absolute.estimate, 1.5, 1e-13);
  EXPECT_EQ(without.comparison.warnings.front().code, "empty_stratum");
}

TEST(StratifiedDifferenceTest, RowsBringTheirStrata) {
  Sample control, treatment;
  control.values = {1, 2, 3, 4, 5};
  control.stratum = Json{"a", "a", "b", "b", "b"};
  treatment.values = {5, 7, 8, 2, 4, 3};
  treatment.stratum = Json{"b", "b", "b", "a", "a", "a"};
  const auto strata = *strata_of(control, treatment, false);
  ASSERT_EQ(strata.size(), 2U);
  EXPECT_EQ(strata[1].name, "b");
  EXPECT_NEAR(strata[1].treatment.moments.mean[0], 20.0 / 3, 1e-14);
  treatment.stratum = Json();
  EXPECT_EQ(strata_of(control, treatment, false).error().where, "treatment.stratum");
}

TEST(StratifiedDifferenceTest, WhatDoesNotFitIsNamed) {
  auto strata = means();
  EXPECT_EQ(stratified_difference(strata, "mantel_haenszel", {}).error().where,
            "strata[0].control");
  strata[0].weight = 1;
  EXPECT_EQ(stratified_difference(strata, "post_stratified", {}).error().where, "strata[1].weight");
  strata[1].weight = -1;
  EXPECT_EQ(stratified_difference(strata, "post_stratified", {}).error().where, "strata[1].weight");
  EXPECT_EQ(stratified_difference({}, "post_stratified", {}).error().where, "strata");
}

}  // namespace
}  // namespace descant::stats
