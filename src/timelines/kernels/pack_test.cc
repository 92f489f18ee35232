// SPDX-License-Identifier: Apache-2.0
#include "timelines/kernels/pack.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "base/cpu_level.h"
#include "timelines/entity_key.h"

namespace descant::timelines {
namespace {

std::vector<const PackKernels*> levels() {
  std::vector<const PackKernels*> all = {&baseline::level_pack_kernels()};
#ifndef DESCANT_SIMD_BASELINE_ONLY
  if (cpu_level() >= CpuLevel::kAvx2) all.push_back(&avx2::level_pack_kernels());
  if (cpu_level() >= CpuLevel::kAvx512) all.push_back(&avx512::level_pack_kernels());
#endif
  return all;
}

std::vector<std::int64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::int64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::int64_t>(value));
  return bits;
}

TEST(PackKernels, RangeAndPartitions) {
  std::mt19937_64 random(11);
  std::vector<std::int64_t> values(5003);
  for (auto& value : values) value = static_cast<std::int64_t>(random());
  values[1] = std::numeric_limits<std::int64_t>::min();
  for (const PackKernels* kernels : levels()) {
    const ValueRange range = kernels->range(values.data(), values.size());
    EXPECT_EQ(range.low, *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(range.high, *std::max_element(values.begin(), values.end()));
    std::vector<std::uint16_t> partitions(values.size());
    kernels->partitions(values.data(), values.size(), partitions.data());
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(partitions[i], partition_of(hash_integer_key(values[i])));
  }
}

TEST(PackKernels, InstantsAreDividedAllOrNone) {
  std::vector<std::int64_t> seconds;
  for (std::int64_t i = 0; i < 4100; ++i) seconds.push_back(i * 1'000'003 * 1'000'000);
  seconds.push_back(4'102'444'799'000'000);
  for (const PackKernels* kernels : levels()) {
    auto values = seconds;
    ASSERT_TRUE(kernels->divide_all(values.data(), values.size(), 1'000'000));
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i] * 1'000'000, seconds[i]);
    auto broken = seconds;
    broken[4097] += 1;
    const auto before = broken;
    EXPECT_FALSE(kernels->divide_all(broken.data(), broken.size(), 1'000'000));
    EXPECT_EQ(broken, before);
  }
}

TEST(PackKernels, DoublesAreMultipliedAllOrNone) {
  std::vector<double> minutes;
  for (int i = 0; i < 5000; ++i) minutes.push_back((i * 7 - 300) / 60000.0);
  for (const PackKernels* kernels : levels()) {
    auto values = bits_of(minutes);
    ASSERT_TRUE(kernels->multiply_all(values.data(), values.size(), 60000.0));
    for (std::int64_t i = 0; i < 5000; ++i)
      ASSERT_EQ(values[static_cast<std::size_t>(i)], i * 7 - 300);
    for (const double wrong : {0.1234567890123, 1e300, -1e17}) {
      auto broken_values = minutes;
      broken_values[4999] = wrong;
      auto broken = bits_of(broken_values);
      const auto before = broken;
      EXPECT_FALSE(kernels->multiply_all(broken.data(), broken.size(), 60000.0)) << wrong;
      EXPECT_EQ(broken, before);
    }
  }
}

TEST(PackKernels, FiniteMeansNeitherNanNorInfinite) {
  std::vector<double> values(1001, 1e308);
  for (const PackKernels* kernels : levels()) {
    values[1000] = -1e308;
    EXPECT_TRUE(kernels->all_finite(values.data(), values.size()));
    values[1000] = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(kernels->all_finite(values.data(), values.size()));
    values[1000] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(kernels->all_finite(values.data(), values.size()));
  }
}

}  // namespace
}  // namespace descant::timelines
