// SPDX-License-Identifier: Apache-2.0
#include "folds/kernels/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace descant::folds {
namespace {

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

// Slices of every length from 0 to 300, at every alignment.
struct Cut {
  std::vector<std::uint64_t> low;
  std::vector<std::uint64_t> high;
  std::size_t rows = 0;
};

Cut cut() {
  Cut cut;
  for (std::uint64_t length = 0; length <= 300; ++length) {
    cut.low.push_back(cut.rows);
    cut.high.push_back(cut.rows + length);
    cut.rows += length + length % 3;
  }
  return cut;
}

template <class T>
void expect_positions(PositionKernel Kernels::*kernel, T largest) {
  const Cut slices = cut();
  std::mt19937_64 random(3);
  std::vector<T> times(slices.rows);
  std::vector<std::int64_t> thresholds;
  for (std::size_t u = 0; u < slices.low.size(); ++u) {
    T time = 0;
    for (std::uint64_t row = slices.low[u]; row < slices.high[u]; ++row)
      times[row] = time += static_cast<T>(random() % 3);  // with ties
    thresholds.push_back(
        static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(time) + 3)));
  }
  if (slices.high.back() > 0) times[slices.high.back() - 1] = largest;
  thresholds.back() = std::numeric_limits<std::int64_t>::max();
  // Seven thresholds of a unit: groups of four and of three.
  constexpr std::size_t kThresholds = 7;
  std::vector<std::int64_t> all(kThresholds * kUnitsPerBlock);
  for (std::size_t k = 0; k < kThresholds; ++k)
    std::rotate_copy(thresholds.begin(), thresholds.begin() + static_cast<std::ptrdiff_t>(k),
                     thresholds.end(),
                     all.begin() + static_cast<std::ptrdiff_t>(k * kUnitsPerBlock));
  for (const Level& level : levels_of_this_cpu())
    for (std::size_t k = 0; k < kThresholds; ++k) {
      std::vector<std::uint64_t> block(all.size());
      (level.kernels->*kernel)({times.data(), slices.low.data(), slices.high.data(), all.data(),
                                kThresholds, slices.low.size(), block.data()});
      const std::span found(block.data() + k * kUnitsPerBlock, slices.low.size());
      const std::span wanted(all.data() + k * kUnitsPerBlock, slices.low.size());
      for (std::size_t u = 0; u < found.size(); ++u) {
        std::uint64_t expected = slices.low[u];
        while (expected < slices.high[u] && static_cast<std::int64_t>(times[expected]) < wanted[u])
          ++expected;
        ASSERT_EQ(found[u], expected) << level.name << " unit " << u;
      }
    }
}

TEST(Kernels, PositionsAreThoseOfALinearSearch) {
  expect_positions<std::uint32_t>(&Kernels::positions_uint32, 0xFFFFFFFF);
  expect_positions<std::int64_t>(&Kernels::positions_int64, std::int64_t{1} << 60U);
}

template <class T>
void expect_sums(timelines::Dtype dtype) {
  const Cut slices = cut();
  std::mt19937_64 random(5);
  std::vector<T> values(slices.rows + 1);
  std::vector<std::uint8_t> filter(slices.rows + 1);
  for (std::size_t row = 0; row < slices.rows; ++row) {
    const std::uint64_t bits = random();
    values[row] = bits % 4 == 0 ? T{0} : static_cast<T>(static_cast<std::int64_t>(bits) >> 40);
    filter[row] = static_cast<std::uint8_t>((bits >> 60U) & 1U);
  }
  for (const std::uint8_t* use :
       {static_cast<const std::uint8_t*>(nullptr), static_cast<const std::uint8_t*>(filter.data())})
    for (const Level& level : levels_of_this_cpu()) {
      const Slices all{values.data(), use, slices.low.data(), slices.high.data(),
                       slices.low.size()};
      std::vector<double> sums(slices.low.size());
      std::vector<double> counts(slices.low.size());
      level.kernels->sum[static_cast<std::size_t>(dtype)](all, sums.data());
      level.kernels->count_nonzero[static_cast<std::size_t>(dtype)](all, counts.data());
      for (std::size_t u = 0; u < sums.size(); ++u) {
        double sum = 0;
        double count = 0;
        for (std::uint64_t row = slices.low[u]; row < slices.high[u]; ++row) {
          if (use != nullptr && use[row] == 0) continue;
          sum += static_cast<double>(values[row]);
          count += values[row] != T{0} ? 1 : 0;
        }
        ASSERT_EQ(sums[u], sum) << level.name << " " << timelines::dtype_name(dtype) << " " << u;
        ASSERT_EQ(counts[u], count)
            << level.name << " " << timelines::dtype_name(dtype) << " " << u;
      }
    }
}

TEST(Kernels, WholeNumbersSumExactlyAtEveryLevel) {
  using timelines::Dtype;
  expect_sums<std::uint8_t>(Dtype::kUint8);
  expect_sums<std::uint16_t>(Dtype::kUint16);
  expect_sums<std::uint32_t>(Dtype::kUint32);
  expect_sums<std::int8_t>(Dtype::kInt8);
  expect_sums<std::int16_t>(Dtype::kInt16);
  expect_sums<std::int32_t>(Dtype::kInt32);
  expect_sums<std::int64_t>(Dtype::kInt64);
  expect_sums<double>(Dtype::kFloat64);  // whole ones: any order of adding gives the same
}

TEST(Kernels, DoublesSumToTheSameBitsAtEveryLevel) {
  const Cut slices = cut();
  std::mt19937_64 random(7);
  std::vector<double> values(slices.rows + 1);
  for (double& value : values)
    value = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 60) - 80);
  std::vector<double> baseline_sums(slices.low.size());
  const Slices all{values.data(), nullptr, slices.low.data(), slices.high.data(),
                   slices.low.size()};
  constexpr auto kDoubles = static_cast<std::size_t>(timelines::Dtype::kFloat64);
  baseline::level_kernels().sum[kDoubles](all, baseline_sums.data());
  for (const Level& level : levels_of_this_cpu()) {
    std::vector<double> sums(slices.low.size());
    level.kernels->sum[kDoubles](all, sums.data());
    for (std::size_t u = 0; u < sums.size(); ++u)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(sums[u]),
                std::bit_cast<std::uint64_t>(baseline_sums[u]))
          << level.name << " " << u;
  }
}

}  // namespace
}  // namespace descant::folds
