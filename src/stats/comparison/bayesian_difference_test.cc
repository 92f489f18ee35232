// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/bayesian_difference.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/comparison/beta_difference.h"

namespace descant::stats {
namespace {

EstimatePair example() {
  Sample control, treatment;
  control.n = treatment.n = 100;
  control.sum = 1000;
  control.sum_of_squares = 200'000;
  treatment.sum = 1100;
  treatment.sum_of_squares = 200'005;
  return *pair_of(control, treatment);
}

TEST(BayesianDifferenceTest, AProperPriorOnTheRelativeEffect) {
  BayesianPlan plan;
  plan.prior = EffectPrior{1, 1, true};
  const auto result = *bayesian_difference(example(), plan, {});
  // Published with gbstats' own tests.
  EXPECT_NEAR(result.credible_interval.estimate, 0.3670998469248227, 1e-12);
  EXPECT_NEAR(result.credible_interval.standard_error, 0.5447729873022776, 1e-12);
  EXPECT_NEAR(result.credible_interval.lower, -0.7006355879379378, 1e-12);
  EXPECT_NEAR(result.probability_better, 0.7497993251004178, 1e-12);
  EXPECT_NEAR(result.risk.control, 0.4484410124979541, 1e-12);
  EXPECT_NEAR(result.risk.treatment, 0.08134116557313135, 1e-12);
}

TEST(BayesianDifferenceTest, AnAbsolutePriorPullsTheAbsoluteEffect) {
  BayesianPlan plan;
  plan.scale = "absolute";
  plan.prior = EffectPrior{1, 1, true};
  const auto result = *bayesian_difference(example(), plan, {});
  EXPECT_NEAR(result.credible_interval.estimate, 1, 1e-12);
  EXPECT_LT(result.credible_interval.standard_error, 1);
}

TEST(BayesianDifferenceTest, AFlatPriorLeavesTheInterval) {
  for (const bool given : {false, true}) {
    BayesianPlan plan;
    if (given) plan.prior = EffectPrior{5, 0.001, false};
    const auto result = *bayesian_difference(example(), plan, {});
    EXPECT_NEAR(result.credible_interval.lower, result.comparison.relative.lower, 1e-12);
    EXPECT_NEAR(result.risk.control - result.risk.treatment, result.comparison.relative.estimate,
                1e-12);
  }
}

TEST(BayesianDifferenceTest, ADirectionTurnsWhatIsBetter) {
  ComparisonOptions decrease;
  decrease.direction = "decrease";
  const auto up = *bayesian_difference(example(), {}, {});
  const auto down = *bayesian_difference(example(), {}, decrease);
  EXPECT_NEAR(up.probability_better + down.probability_better, 1, 1e-15);
  EXPECT_EQ(up.risk.control, down.risk.treatment);
}

TEST(BayesianDifferenceTest, RiskKeepsItsDigitsFarOut) {
  EstimatePair pair = example();
  pair.control = {100, 100, 1};
  pair.treatment = {100, 120, 1};
  pair.control_variance = pair.treatment_variance = 0.5;
  BayesianPlan plan;
  plan.scale = "absolute";
  const auto result = *bayesian_difference(pair, plan, {});
  // phi(20) - 20 (1 - Phi(20)).
  EXPECT_NEAR(result.risk.treatment / 1.3700124947295799e-90, 1, 1e-7);
}

TEST(BayesianDifferenceTest, SharesByQuadrature) {
  BayesianPlan plan;
  plan.model = "beta_binomial";
  const auto result = *beta_binomial_difference({100, 10}, {120, 19}, plan, {});
  EXPECT_NEAR(result.probability_better, 0.8934423803626932, 1e-12);
  EXPECT_NEAR(result.risk.control, 0.05848651635506855, 1e-13);
  EXPECT_NEAR(result.risk.treatment, 0.002395227380462319, 1e-14);
  EXPECT_NEAR(beta_difference_cdf({11, 91}, {20, 102}, result.credible_interval.lower), 0.025,
              1e-12);
  EXPECT_EQ(result.scale, "absolute");
}

TEST(BayesianDifferenceTest, SmallSharesHaveClosedForms) {
  // P(b > a) of Beta(1, 1) and Beta(2, 1) is 2/3; E[(b - a)+] of two uniforms is 1/6.
  EXPECT_NEAR(probability_larger({1, 1}, {2, 1}), 2.0 / 3, 1e-13);
  EXPECT_NEAR(expected_gain({1, 1}, {1, 1}), 1.0 / 6, 1e-13);
  EXPECT_NEAR(beta_difference_quantile({1, 1}, {1, 1}, 0.5), 0, 1e-12);
  EXPECT_NEAR(beta_difference_cdf({1, 1}, {1, 1}, -0.5), 0.125, 1e-13);
}

TEST(BayesianDifferenceTest, ArmsOfVeryDifferentSizes) {
  const BetaShare narrow{1e11, 9e11}, wide{1.5, 9.5};
  const double p = probability_larger(narrow, wide);
  EXPECT_NEAR(p, 0.5417, 0.05);
  EXPECT_NEAR(p + probability_larger(wide, narrow), 1, 1e-10);
  EXPECT_NEAR(expected_gain(narrow, wide) - expected_gain(wide, narrow),
              wide.mean() - narrow.mean(), 1e-11);
}

TEST(BayesianDifferenceTest, WrongPriorsAreNamed) {
  BayesianPlan plan;
  plan.prior = EffectPrior{0, 0, true};
  EXPECT_EQ(bayesian_difference(example(), plan, {}).error().where, "prior.variance");
  plan = {};
  plan.prior_alpha = 0;
  EXPECT_EQ(beta_binomial_difference({9, 2}, {9, 3}, plan, {}).error().where, "prior_alpha");
  plan = {};
  plan.scale = "relative";
  EXPECT_EQ(beta_binomial_difference({9, 2}, {9, 3}, plan, {}).error().where, "scale");
}

TEST(BayesianDifferenceTest, NoDataLeavesTheBetaPrior) {
  const auto result = *beta_binomial_difference({0, 0}, {0, 0}, {}, {});
  EXPECT_NEAR(result.probability_better, 0.5, 1e-13);
  EXPECT_TRUE(std::isnan(result.comparison.p_value));
  EXPECT_FALSE(result.comparison.warnings.empty());
}

TEST(BayesianDifferenceTest, APriorMayBringItsScale) {
  BayesianPlan plan;
  plan.prior = EffectPrior{0, 1, true, "absolute"};
  const auto result = *bayesian_difference(example(), plan, {});
  EXPECT_EQ(result.scale, "absolute");
  EXPECT_LT(result.credible_interval.estimate, 0.1);  // the estimate is 1, with an error near 6
  plan.scale = "relative";
  EXPECT_EQ(bayesian_difference(example(), plan, {}).error().where, "prior.scale");
}

}  // namespace
}  // namespace descant::stats
