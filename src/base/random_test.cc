// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace descant {
namespace {

enum class Purpose : std::uint64_t { kListener = 2, kDay = 4, kSession = 5 };

TEST(Random, MixIsSplitMix64) {
  // The first outputs of SplitMix64 from state 0, as published with its reference code.
  std::uint64_t state = 0;
  const auto next = [&] { return split_mix(state += kGoldenGamma); };
  EXPECT_EQ(next(), 0xE220A8397B1DCDAFULL);
  EXPECT_EQ(next(), 0x6E789E6AA1B965F4ULL);
  EXPECT_EQ(next(), 0x06C45D188009454FULL);
}

TEST(Random, EveryKeyPartNamesAnotherStream) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const Purpose purpose : {Purpose::kDay, Purpose::kSession, Purpose::kListener}) {
      for (std::uint64_t listener = 0; listener < 20; ++listener) {
        for (std::uint64_t number = 0; number < 20; ++number)
          firsts.insert(Random(seed, purpose, listener, number).next());
      }
    }
  }
  EXPECT_EQ(firsts.size(), 4U * 3 * 20 * 20);
  EXPECT_EQ(Random(7, Purpose::kDay, 3, 4).next(), Random(7, Purpose::kDay, 3, 4).next());
}

TEST(Random, AnyPlaceOfAStreamIsReachedAtOnce) {
  Random random(7, Purpose::kDay, 3, 4);
  const Random start = random;
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(random.next(), start.at(i));
}

struct Moments {
  double mean = 0, variance = 0;
};

template <class Draw>
Moments moments_of(Draw draw) {
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean};
}

TEST(Random, DistributionsHaveTheirMoments) {
  Random random(1, Purpose::kDay);
  const Moments uniform = moments_of([&] { return random.uniform(); });
  EXPECT_NEAR(uniform.mean, 0.5, 0.003);
  EXPECT_NEAR(uniform.variance, 1.0 / 12, 0.001);
  const Moments normal = moments_of([&] { return random.normal(); });
  EXPECT_NEAR(normal.mean, 0, 0.01);
  EXPECT_NEAR(normal.variance, 1, 0.02);
  const Moments exponential = moments_of([&] { return random.exponential(3); });
  EXPECT_NEAR(exponential.mean, 3, 0.03);
  EXPECT_NEAR(exponential.variance, 9, 0.3);
  const Moments poisson = moments_of([&] { return double{1} * random.poisson(0.7, 100); });
  EXPECT_NEAR(poisson.mean, 0.7, 0.01);
  EXPECT_NEAR(poisson.variance, 0.7, 0.015);
}

TEST(Random, PoissonStopsAtItsLimit) {
  Random random(1, Purpose::kDay);
  for (int i = 0; i < 100; ++i) EXPECT_LE(random.poisson(50, 8), 8U);
  EXPECT_EQ(random.poisson(0, 8), 0U);
}

TEST(AliasTable, DrawsInProportionToTheWeights) {
  const std::vector<double> weights{5, 0, 1, 3, 0.5, 0.5};
  const AliasTable table(weights);
  Random random(2, Purpose::kDay);
  std::vector<double> counts(weights.size());
  constexpr int kDraws = 400'000;
  for (int i = 0; i < kDraws; ++i) counts[table.pick(random)] += 1;
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_NEAR(counts[i] / kDraws, weights[i] / 10, 0.004) << i;
  EXPECT_EQ(counts[1], 0);
}

TEST(AliasTable, OneWeightIsAlwaysDrawn) {
  const AliasTable table(std::vector<double>{0.3});
  Random random(3, Purpose::kDay);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(table.pick(random), 0U);
}

}  // namespace
}  // namespace descant
