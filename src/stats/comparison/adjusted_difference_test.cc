// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/adjusted_difference.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

// Columns: outcome, denominator, covariate, covariate denominator.
Moments simulated(std::uint64_t seed, int n, double effect, double scale = 1, double shift = 0) {
  std::mt19937_64 random(seed);
  Moments moments(4);
  for (int i = 0; i < n; ++i) {
    const double taste = static_cast<double>(random() % 1000) / 100;
    const double noise = static_cast<double>(random() % 500) / 100;
    const double plays = 1 + static_cast<double>(random() % 9);
    const double row[] = {scale * (taste + noise + effect) + shift, plays, taste + 3,
                          plays + taste};
    moments.add(row);
  }
  return moments;
}

AdjustmentPlan plan_for(const std::string& method) {
  AdjustmentPlan plan;
  plan.covariates = {{2, {}}, {2, 3}};
  plan.method = method;
  return plan;
}

AdjustedComparison adjusted(const Moments& c, const Moments& t, const AdjustmentPlan& plan,
                            const ComparisonOptions& options = {}) {
  auto result = adjusted_difference(c, t, plan, options);
  EXPECT_TRUE(result.ok());
  return result ? *result : AdjustedComparison{};
}

class AdjustedDifferenceTest : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Methods, AdjustedDifferenceTest,
                         ::testing::Values("cuped", "cuped_per_arm", "lin"));

TEST_P(AdjustedDifferenceTest, SwappingArmsNegatesTheEffect) {
  const Moments c = simulated(1, 300, 0), t = simulated(2, 250, 0.7);
  const auto there = adjusted(c, t, plan_for(GetParam())).comparison;
  const auto back = adjusted(t, c, plan_for(GetParam())).comparison;
  EXPECT_NEAR(there.absolute.estimate, -back.absolute.estimate, 1e-12);
  EXPECT_NEAR(there.absolute.standard_error, back.absolute.standard_error, 1e-12);
  EXPECT_NEAR(there.absolute.lower, -back.absolute.upper, 1e-12);
  EXPECT_NEAR(there.p_value, back.p_value, 1e-12);
}

TEST_P(AdjustedDifferenceTest, ShiftLeavesTheEffectAndScaleLeavesTheRelativeEffect) {
  const auto plain = adjusted(simulated(1, 300, 0), simulated(2, 250, 0.7), plan_for(GetParam()));
  const auto shifted =
      adjusted(simulated(1, 300, 0, 1, 1e6), simulated(2, 250, 0.7, 1, 1e6), plan_for(GetParam()));
  EXPECT_NEAR(plain.comparison.absolute.estimate, shifted.comparison.absolute.estimate, 1e-8);
  EXPECT_NEAR(plain.comparison.p_value, shifted.comparison.p_value, 1e-8);
  const auto scaled =
      adjusted(simulated(1, 300, 0, 60), simulated(2, 250, 0.7, 60), plan_for(GetParam()));
  EXPECT_NEAR(plain.comparison.relative.estimate, scaled.comparison.relative.estimate, 1e-12);
  EXPECT_NEAR(plain.comparison.relative.lower, scaled.comparison.relative.lower, 1e-12);
  EXPECT_NEAR(plain.variance_reduction, scaled.variance_reduction, 1e-12);
}

TEST_P(AdjustedDifferenceTest, MergedMomentsGiveTheSameNumbers) {
  Moments merged = simulated(1, 300, 0);
  merged.merge(simulated(7, 40, 0));
  Moments other = simulated(7, 40, 0);
  other.merge(simulated(1, 300, 0));
  const Moments t = simulated(2, 250, 0.7);
  EXPECT_NEAR(adjusted(merged, t, plan_for(GetParam())).comparison.absolute.lower,
              adjusted(other, t, plan_for(GetParam())).comparison.absolute.lower, 1e-12);
}

TEST_P(AdjustedDifferenceTest, TheJointVarianceAddsUpToTheVarianceOfTheEffect) {
  const auto result =
      adjusted(simulated(1, 300, 0), simulated(2, 250, 0.7), plan_for(GetParam())).comparison;
  const double residual =
      std::hypot(result.control.standard_error, result.treatment.standard_error);
  EXPECT_NEAR(result.absolute.standard_error, residual, GetParam() == "lin" ? 0.02 : 1e-13);
  EXPECT_LE(residual, result.absolute.standard_error * (1 + 1e-12));
}

TEST_P(AdjustedDifferenceTest, DropsACovariateThatDoesNotVaryOrRepeatsAnother) {
  const Moments c = simulated(1, 300, 0), t = simulated(2, 250, 0.7);
  AdjustmentPlan plan;
  plan.method = GetParam();
  plan.covariates = {{2, {}}, {2, {}}, {2, 2}};
  const auto twice = adjusted(c, t, plan);
  plan.covariates = {{2, {}}};
  const auto once = adjusted(c, t, plan);
  EXPECT_EQ(twice.comparison.p_value, once.comparison.p_value);
  EXPECT_EQ(twice.comparison.warnings.size(), 2U);
  EXPECT_TRUE(std::isnan(twice.coefficients[1]));
}

TEST_P(AdjustedDifferenceTest, TooFewUnitsAreAResult) {
  const auto result =
      adjusted(simulated(1, 1, 0), simulated(2, 250, 0.7), plan_for(GetParam())).comparison;
  EXPECT_TRUE(std::isnan(result.p_value));
  EXPECT_FALSE(result.warnings.empty());
  EXPECT_FALSE(std::isnan(result.absolute.estimate));
}

TEST_P(AdjustedDifferenceTest, ACovariateThatIsTheOutcomeLeavesNoVariance) {
  AdjustmentPlan plan;
  plan.method = GetParam();
  plan.outcome = {2, {}};
  plan.covariates = {{2, {}}};
  const auto result = adjusted(simulated(1, 300, 0), simulated(2, 250, 0), plan).comparison;
  EXPECT_TRUE(std::isnan(result.p_value));
  EXPECT_EQ(result.warnings.back().code, "no_variance");
}

TEST(AdjustedDifferenceKnownTest, MatchesGrowthBookOnSums) {
  // gbstats TwoSidedTTest, relative: (n, sum, sum of squares) of its own unit test.
  const auto moments = [](std::int64_t n, double sum, double squares) {
    Moments m(1);
    m.n = n;
    m.mean[0] = sum / static_cast<double>(n);
    m.cross[0] = squares - sum * m.mean[0];
    return m;
  };
  const auto result =
      adjusted(moments(3407, 1396.87, 52377.9767), moments(3461, 2422.7, 134698.29), {}).comparison;
  EXPECT_NEAR(result.relative.estimate, 0.70732, 5e-6);
  EXPECT_NEAR(result.relative.standard_error, 0.37879, 5e-6);
  EXPECT_NEAR(result.relative.lower, -0.03526, 1e-4);
  EXPECT_NEAR(result.absolute.standard_error, 0.12478, 5e-6);
  EXPECT_NEAR(result.p_value, 0.02016, 5e-6);
}

TEST(AdjustedDifferenceKnownTest, RejectsMomentsThatCannotBe) {
  Moments broken(1);
  broken.n = 10;
  broken.cross[0] = -1;
  EXPECT_EQ(adjusted_difference(broken, broken, {}, {}).error().where, "control.variance");
  broken.cross[0] = std::nan("");
  EXPECT_FALSE(adjusted_difference(broken, broken, {}, {}).ok());
  AdjustmentPlan plan;
  plan.outcome = {5, {}};
  EXPECT_FALSE(adjusted_difference(Moments(1), Moments(1), plan, {}).ok());
  plan = {};
  plan.method = "cupid";
  EXPECT_EQ(adjusted_difference(Moments(1), Moments(1), plan, {}).error().where, "method");
}

}  // namespace
}  // namespace descant::stats
