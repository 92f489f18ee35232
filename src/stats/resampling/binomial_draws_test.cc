// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/binomial_draws.h"

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

TEST(BinomialDraws, QuantilesAreThoseOfQbinom) {
  const BinomialDraws median(1001, 0.5);
  EXPECT_EQ(median.quantile(0.025), 470);
  EXPECT_EQ(median.quantile(0.975), 531);
  const BinomialDraws large(1'000'001, 0.9);
  EXPECT_EQ(large.quantile(0.025), 899'413);
  EXPECT_EQ(large.quantile(0.975), 900'589);
  const BinomialDraws small(3, 0.5);  // cumulative 1/8, 1/2, 7/8, 1
  EXPECT_EQ(small.quantile(0), 0);
  EXPECT_EQ(small.quantile(0.5), 1);
  EXPECT_EQ(small.quantile(0.51), 2);
  EXPECT_EQ(small.quantile(1), 3);
  EXPECT_EQ(BinomialDraws(0, 0.3).quantile(0.9), 0);
}

TEST(BinomialDraws, HaveTheirMoments) {
  const BinomialDraws binomial(10'000, 0.99);
  Random random(1, Purpose::kTest);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const auto x = static_cast<double>(binomial.draw(random)) - 9900;
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.15);
  EXPECT_NEAR(squares / kDraws, 99, 2.5);
}

TEST(BinomialDraws, ExtremeProbabilitiesAreFine) {
  EXPECT_EQ(BinomialDraws(1000, 1e-12).quantile(0.999), 0);
  EXPECT_EQ(BinomialDraws(1000, 1 - 1e-12).quantile(0.001), 1000);
}

}  // namespace
}  // namespace descant::stats
