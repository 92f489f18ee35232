// SPDX-License-Identifier: Apache-2.0
#include "stats/many_experiments/shrink_effects.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "stats/many_experiments/effect_prior.h"

namespace descant::stats {
namespace {

ShrinkEffectsRequest example(const std::string& prior) {
  ShrinkEffectsRequest request;
  request.estimates = {0.5, -0.2, 1.5, 0.1, 0.7, 2.5, -0.4};
  request.standard_errors = {0.3, 0.4, 0.5, 0.2, 0.6, 0.5, 0.3};
  request.prior = prior;
  return request;
}

// The maxima of the marginal likelihoods, by a simplex search in SciPy.
TEST(ShrinkEffectsTest, PriorsFitTheMarginalLikelihood) {
  const auto normal = *shrink_effects(example("normal"));
  EXPECT_NEAR(normal.prior.mean, 0.6031651967, 1e-8);
  EXPECT_NEAR(normal.prior.standard_deviation, 0.8198188154, 5e-8);
  EXPECT_NEAR(normal.prior.log_likelihood, -9.458173383721952, 1e-12);
  const auto spike = *shrink_effects(example("spike_and_slab"));
  EXPECT_NEAR(spike.prior.null_share, 0.52350122, 5e-8);
  EXPECT_NEAR(spike.prior.standard_deviation, 1.52517140, 5e-8);
  const auto t = *shrink_effects(example("t"));
  EXPECT_NEAR(t.prior.log_likelihood, -9.605571804567385, 2e-9);
  EXPECT_NEAR(t.effects[5].posterior_mean, 2.0535958373222525, 1e-9);
}

TEST(ShrinkEffectsTest, ANormalPosteriorHasItsClosedForm) {
  const auto result = *shrink_effects(example("normal"));
  const double tau = result.prior.standard_deviation;
  const double share = tau * tau / (tau * tau + 0.25);
  EXPECT_NEAR(result.effects[5].posterior_mean,
              result.prior.mean + share * (2.5 - result.prior.mean), 1e-14);
  EXPECT_NEAR(result.effects[5].posterior_standard_deviation, std::sqrt(share) * 0.5, 1e-14);
  EXPECT_NEAR(result.effects[5].upper - result.effects[5].posterior_mean,
              1.959963984540054 * std::sqrt(share) * 0.5, 1e-12);
}

// Effects of a hundred thousand errors: no density of the spike is left, and nothing to shrink.
TEST(ShrinkEffectsTest, ASlabLeavesExactEffectsAsTheyAre) {
  ShrinkEffectsRequest request;
  request.estimates = {-3.0, 1.5, 2.0, -0.75, 4.25, -2.5, 0.9, 3.1, -1.4, -4.05};
  request.standard_errors.assign(10, 1e-5);
  request.prior = "spike_and_slab";
  const auto result = *shrink_effects(request);
  EXPECT_EQ(result.prior.null_share, 0);
  for (const auto& effect : result.effects) {
    EXPECT_NEAR(effect.posterior_mean, effect.estimate, 1e-8);
    EXPECT_NEAR(effect.upper - effect.lower, 2 * 1.959963984540054e-5, 1e-9);
  }
}

TEST(ShrinkEffectsTest, AnAtomTakesTheQuantilesItCovers) {
  const auto p = posterior_of({{0.9, 0, 0}, {0.1, 0, 1}}, 0.5, 0.5, 0.95);
  EXPECT_GT(p.probability_null, 0.8);
  EXPECT_LE(p.lower, 0);
  EXPECT_GT(p.upper, 0);
  const auto null = posterior_of({{1, 0, 0}}, 0.5, 0.5, 0.95);
  EXPECT_EQ(null.lower, 0);
  EXPECT_EQ(null.upper, 0);
  EXPECT_EQ(null.probability_positive, 0);
}

TEST(ShrinkEffectsTest, HeavyTailsLetALargeEffectStand) {
  auto request = example("normal");
  request.estimates[5] = 8;
  const double normal = shrink_effects(request)->effects[5].posterior_mean;
  request.prior = "t";
  EXPECT_GT(shrink_effects(request)->effects[5].posterior_mean, normal);
}

// True effects are N(0.1, 0.5^2); those that look significant are counted.
TEST(ShrinkEffectsTest, SelectionIsCorrected) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  ShrinkEffectsRequest request;
  double truth = 0;
  for (int i = 0; i < 4000; ++i) {
    const double effect = 0.1 + 0.5 * normal(random);
    const double se = 0.3 + 0.2 * (i % 5);
    request.estimates.push_back(effect + se * normal(random));
    request.standard_errors.push_back(se);
    if (request.estimates.back() / se > 1.96) truth += effect;
  }
  request.selection_threshold = 1.96;
  const auto result = *shrink_effects(request);
  const auto& sum = result.cumulative_effect;
  EXPECT_GT(sum.selected, 200);
  EXPECT_LT(std::abs(sum.estimate - truth), 4 * sum.standard_error);
  EXPECT_GT(sum.naive - truth, 10 * sum.standard_error);
  EXPECT_LT(std::abs(sum.bias_corrected - truth), 0.4 * (sum.naive - truth));
  EXPECT_NEAR(sum.winners_curse, sum.naive - sum.estimate, 1e-12);
  request.selected = std::vector<bool>(4000, false);
  EXPECT_EQ(shrink_effects(request).error().where, "selected");
  request.selection_threshold.reset();
  EXPECT_EQ(shrink_effects(request)->cumulative_effect.selected, 0);
}

TEST(ShrinkEffectsTest, NoSpreadShrinksToOneValue) {
  ShrinkEffectsRequest request;
  request.estimates = {0.1, 0.11, 0.09, 0.1};
  request.standard_errors = {1, 1, 1, 1};
  for (const char* prior : {"normal", "spike_and_slab", "t"}) {
    request.prior = prior;
    const auto result = *shrink_effects(request);
    EXPECT_EQ(result.warnings.back().code, "no_spread") << prior;
    EXPECT_NEAR(result.effects[0].posterior_mean, result.effects[1].posterior_mean, 1e-12) << prior;
  }
}

TEST(ShrinkEffectsTest, FewEffectsAndWrongOnes) {
  EXPECT_EQ(shrink_effects({})->warnings.front().code, "no_effects");
  ShrinkEffectsRequest one;
  one.estimates = {0.4};
  one.standard_errors = {0.2};
  EXPECT_EQ(shrink_effects(one)->warnings.front().code, "few_effects");
  one.standard_errors = {-0.2};
  EXPECT_EQ(shrink_effects(one).error().where, "standard_errors[0]");
  EXPECT_EQ(shrink_effects(example("norml")).error().hint, "Did you mean 'normal'?");
}

}  // namespace
}  // namespace descant::stats
