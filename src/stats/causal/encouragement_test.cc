// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/encouragement.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

constexpr RatioColumns kOutcome{0, std::nullopt};
constexpr RatioColumns kTakeUp{1, std::nullopt};

Moments arm(std::int64_t n, double outcome, double take_up, double variance, double covariance,
            double take_up_variance) {
  Moments m(2);
  m.n = n;
  m.mean = {outcome, take_up};
  const double k = static_cast<double>(n - 1);
  m.cross = {variance * k, covariance * k, covariance * k, take_up_variance * k};
  return m;
}

TEST(EncouragementTest, WaldsRatioWithDeltaAndFiellerIntervals) {
  const auto result = *encouragement(arm(1000, 10, 0.1, 4, 0.1, 0.09),
                                     arm(1200, 10.5, 0.35, 5, 0.2, 0.2275), kOutcome, kTakeUp, {});
  EXPECT_NEAR(result.effect.absolute.estimate, 2, 1e-12);
  EXPECT_NEAR(result.effect.absolute.standard_error, 0.36262009504898285, 1e-12);
  EXPECT_NEAR(result.effect.degrees_of_freedom, 2191.390631276843, 1e-8);
  EXPECT_NEAR(result.effect.absolute.lower, 1.2888849091247978, 1e-9);
  ASSERT_EQ(result.anderson_rubin.size(), 1U);
  EXPECT_NEAR(result.anderson_rubin[0].lower, 1.3007673567950624, 1e-9);
  EXPECT_NEAR(result.anderson_rubin[0].upper, 2.735858528986972, 1e-9);
  EXPECT_NEAR(result.first_stage_f, 223.5469448584202, 1e-8);
  EXPECT_NEAR(result.intention_to_treat.absolute.estimate, 0.5, 1e-12);
  EXPECT_NEAR(result.take_up.absolute.estimate, 0.25, 1e-12);
  EXPECT_TRUE(result.effect.warnings.empty());
}

TEST(EncouragementTest, AWeakEncouragementHasAnUnboundedRegionAndAWarning) {
  const auto weak = *encouragement(arm(500, 10, 0.2, 4, 0.3, 0.16),
                                   arm(500, 10.1, 0.21, 4, 0.3, 0.1659), kOutcome, kTakeUp, {});
  EXPECT_EQ(weak.effect.warnings.at(0).code, "weak_instrument");
  ASSERT_FALSE(weak.anderson_rubin.empty());
  EXPECT_TRUE(std::isnan(weak.anderson_rubin.front().lower));
  EXPECT_TRUE(std::isnan(weak.anderson_rubin.back().upper));
}

TEST(EncouragementTest, NoTakeUpOrTooFewUnitsAreAResult) {
  const auto none =
      *encouragement(arm(500, 10, 0, 4, 0, 0), arm(500, 10.1, 0, 4, 0, 0), kOutcome, kTakeUp, {});
  EXPECT_TRUE(std::isnan(none.effect.absolute.estimate));
  EXPECT_FALSE(none.effect.warnings.empty());
  const auto empty = *encouragement(Moments(2), Moments(2), kOutcome, kTakeUp, {});
  EXPECT_TRUE(std::isnan(empty.effect.p_value));
  EXPECT_TRUE(empty.anderson_rubin.empty());
}

TEST(EncouragementTest, QuadraticRegionsOfEveryShape) {
  const auto interval = quadratic_region(1, 2, 3);  // (x - 1)(x - 3) <= 0
  ASSERT_EQ(interval.size(), 1U);
  EXPECT_DOUBLE_EQ(interval[0].lower, 1);
  EXPECT_DOUBLE_EQ(interval[0].upper, 3);
  const auto rays = quadratic_region(-1, -2, -3);
  ASSERT_EQ(rays.size(), 2U);
  EXPECT_DOUBLE_EQ(rays[0].upper, 1);
  EXPECT_DOUBLE_EQ(rays[1].lower, 3);
  EXPECT_TRUE(std::isnan(rays[0].lower) && std::isnan(rays[1].upper));
  EXPECT_EQ(quadratic_region(-1, 0, -1).size(), 1U);  // the whole line
  EXPECT_TRUE(quadratic_region(1, 0, 1).empty());
  EXPECT_DOUBLE_EQ(quadratic_region(0, 1, 4)[0].lower, 2);
  EXPECT_DOUBLE_EQ(quadratic_region(0, -1, 4)[0].upper, -2);
  EXPECT_TRUE(quadratic_region(0, 0, 1).empty());
}

}  // namespace
}  // namespace descant::stats
