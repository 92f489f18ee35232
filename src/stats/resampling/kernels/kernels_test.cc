// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/kernels/kernels.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

struct Level {
  std::string name;
  const Kernels* kernels;
};

std::vector<Level> levels_of_this_cpu() {
  std::vector<Level> levels = {{"baseline", &baseline::level_kernels()}};
#ifndef DESCANT_SIMD_BASELINE_ONLY
  if (__builtin_cpu_supports("avx2")) levels.push_back({"avx2", &avx2::level_kernels()});
  if (__builtin_cpu_supports("avx512bw")) levels.push_back({"avx512", &avx512::level_kernels()});
#endif
  return levels;
}

std::vector<double> normals(std::size_t n, std::uint64_t index) {
  Random random(1, Purpose::kTest, index);
  std::vector<double> out(n);
  for (double& x : out) x = random.normal();
  return out;
}

TEST(ResamplingKernels, SubsetsSumToTheSameBitsAtEveryLevel) {
  const auto rows = normals(kBlockUnits * kPanelColumns, 0);
  const std::vector<std::uint64_t> subsets = {0, 1, ~std::uint64_t{0}, 0x8000000000000001, 0xF731};
  std::vector<double> expected(subsets.size() * kPanelColumns, 0.5);
  for (std::size_t i = 0; i < subsets.size(); ++i)
    for (std::size_t c = 0; c < kPanelColumns; ++c)
      for (std::size_t u = 0; u < kBlockUnits; ++u)
        if ((subsets[i] >> u & 1U) != 0)
          expected[i * kPanelColumns + c] += rows[u * kPanelColumns + c];
  std::vector<double> first;
  for (const Level& level : levels_of_this_cpu()) {
    std::vector<double> sums(expected.size(), 0.5);
    level.kernels->subset_sums({rows.data(), subsets.data(), subsets.size(), sums.data()});
    for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_NEAR(sums[i], expected[i], 1e-12);
    if (first.empty()) first = sums;
    EXPECT_EQ(sums, first) << level.name;
  }
}

TEST(ResamplingKernels, WeightsAreThoseOfTheStreamAtEveryLevel) {
  const Random stream(9, Purpose::kTest, 4);
  const std::array<unsigned, 8> reached = {24109, 48218, 60274, 64292, 65297, 65497, 65530, 65535};
  for (const Level& level : levels_of_this_cpu()) {
    std::vector<std::uint16_t> weights(kWeightBlockUnits);
    const std::uint64_t sum =
        level.kernels->poisson_weights({stream.state(), 3 * kWordsPerWeightBlock, weights.data()});
    std::uint64_t expected_sum = 0;
    for (std::size_t u = 0; u < weights.size(); ++u) {
      const std::uint64_t bits =
          stream.at(3 * kWordsPerWeightBlock + u / 4) >> (16 * (u % 4)) & 0xFFFFU;
      unsigned weight = 0;
      for (const unsigned threshold : reached) weight += bits >= threshold ? 1 : 0;
      ASSERT_EQ(weights[u], weight) << level.name << " " << u;
      expected_sum += weight;
    }
    EXPECT_EQ(sum, expected_sum);
  }
}

TEST(ResamplingKernels, WeightsArePoisson) {
  std::array<double, 9> counts{};
  constexpr std::size_t kBlocks = 1000;
  std::vector<std::uint16_t> weights(kWeightBlockUnits);
  const Random stream(2, Purpose::kTest);
  for (std::uint64_t block = 0; block < kBlocks; ++block) {
    kernels().poisson_weights({stream.state(), block * kWordsPerWeightBlock, weights.data()});
    for (const std::uint16_t w : weights) counts[w] += 1;
  }
  double probability = std::exp(-1.0);
  for (std::size_t k = 0; k < 6; probability /= static_cast<double>(++k)) {
    const double n = kBlocks * kWeightBlockUnits;
    EXPECT_NEAR(counts[k] / n, probability, 5 * std::sqrt(probability / n) + 3e-5) << k;
  }
}

TEST(ResamplingKernels, WeightedSumsAreTheSameBitsAtEveryLevel) {
  const Random one(9, Purpose::kTest, 4), two(9, Purpose::kTest, 5);
  const std::array states = {one.state(), two.state()};
  std::vector<std::vector<double>> values;
  std::array<const double*, kMostWeightedColumns> columns{};
  for (std::size_t c = 0; c < kMostWeightedColumns; ++c) {
    values.push_back(normals(kWeightBlockUnits, c + 1));
    columns[c] = values[c].data();
  }
  std::vector<std::uint16_t> weights(kWeightBlockUnits);
  for (std::size_t used = 1; used <= kMostWeightedColumns; ++used) {
    std::vector<double> first;
    for (const Level& level : levels_of_this_cpu()) {
      std::vector<double> sums(2 * used * kSumLanes, 0.0);
      level.kernels->poisson_sums({columns.data(), used, states.data(), 0, 2, sums.data()});
      if (first.empty()) first = sums;
      EXPECT_EQ(sums, first) << level.name;
    }
    for (std::size_t r = 0; r < 2; ++r)
      for (std::size_t c = 0; c < used; ++c) {
        kernels().poisson_weights({states[r], 0, weights.data()});
        double expected = 0, sum = 0;
        for (std::size_t u = 0; u < kWeightBlockUnits; ++u) expected += weights[u] * values[c][u];
        for (std::size_t lane = 0; lane < kSumLanes; ++lane)
          sum += first[(r * used + c) * kSumLanes + lane];
        EXPECT_NEAR(sum, expected, 1e-10);
      }
  }
}

}  // namespace
}  // namespace descant::stats
