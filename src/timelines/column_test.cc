// SPDX-License-Identifier: Apache-2.0
#include "timelines/column.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "timelines/entity_key.h"
#include "timelines/string_pool.h"

namespace descant::timelines {
namespace {

TEST(NarrowestDtype, HoldsBothEndsAndNoMore) {
  EXPECT_EQ(narrowest_dtype(0, 255), Dtype::kUint8);
  EXPECT_EQ(narrowest_dtype(0, 256), Dtype::kUint16);
  EXPECT_EQ(narrowest_dtype(-1, 127), Dtype::kInt8);
  EXPECT_EQ(narrowest_dtype(-1, 128), Dtype::kInt16);
  EXPECT_EQ(narrowest_dtype(0, 0xFFFFFFFF), Dtype::kUint32);
  EXPECT_EQ(narrowest_dtype(-1, 0xFFFFFFFF), Dtype::kInt64);
  EXPECT_EQ(narrowest_dtype(std::numeric_limits<std::int64_t>::min(), 0), Dtype::kInt64);
}

TEST(Column, ThresholdIsTheFirstStoredTimeNotBefore) {
  Column time;
  time.kind = ColumnKind::kInstant;
  time.dtype = Dtype::kUint32;
  time.base = 1'000'000;
  time.unit = 1'000'000;
  EXPECT_EQ(time.stored_threshold(0), 0);
  EXPECT_EQ(time.stored_threshold(1'000'000), 0);
  EXPECT_EQ(time.stored_threshold(1'000'001), 1);  // a microsecond later: the next second
  EXPECT_EQ(time.stored_threshold(2'000'000), 1);
  EXPECT_EQ(time.stored_threshold(std::numeric_limits<std::int64_t>::max()),
            std::int64_t{0x100000000});  // beyond every time the type can hold
}

TEST(Column, NumbersComeBackWithTheirDivisor) {
  const std::uint16_t stored[] = {30'000, 1, 0};
  const std::uint8_t valid[] = {1, 1, 0};
  Column column;
  column.dtype = Dtype::kUint16;
  column.rows = 3;
  column.data = stored;
  column.valid = valid;
  column.divisor = 60'000;
  EXPECT_EQ(column.number_at(0), 0.5);
  EXPECT_EQ(column.number_at(1), 1 / 60'000.0);
  EXPECT_TRUE(std::isnan(column.number_at(2)));
}

TEST(Labels, CodesFollowByteOrder) {
  const std::string bytes = "abba";
  const std::uint64_t offsets[] = {0, 1, 2, 4};
  const Labels labels{bytes, offsets};
  EXPECT_EQ(labels.size(), 3U);
  EXPECT_EQ(labels.at(2), "ba");
  EXPECT_EQ(labels.code_of("a"), 1U);
  EXPECT_EQ(labels.code_of("ba"), 3U);
  EXPECT_EQ(labels.code_of("c"), 0U);
  EXPECT_EQ(Labels{}.code_of("a"), 0U);
}

TEST(HashIntegerKey, IsABijectionOnWhatItMeets) {
  // The inverse of each step of the finaliser, applied backwards.
  const auto unshift = [](std::uint64_t x, unsigned by) {
    std::uint64_t y = x;
    for (int i = 0; i < 3; ++i) y = x ^ (y >> by);
    return y;
  };
  for (const std::int64_t key :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    std::uint64_t x = unshift(hash_integer_key(key), 31);
    x = unshift(x * 0x319642B2D24D8EC3U, 27);
    x = unshift(x * 0x96DE1B173F119089U, 30);
    EXPECT_EQ(static_cast<std::int64_t>(x - 0x9E3779B97F4A7C15U), key);
  }
}

TEST(StringPool, GivesEachDistinctStringOneCode) {
  StringPool pool;
  std::vector<std::uint32_t> codes;
  for (int i = 0; i < 5000; ++i) codes.push_back(pool.code_of("key " + std::to_string(i)));
  EXPECT_EQ(pool.size(), 5000U);
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(pool.code_of("key " + std::to_string(i)), codes[static_cast<std::size_t>(i)]);
    EXPECT_EQ(pool.at(codes[static_cast<std::size_t>(i)]), "key " + std::to_string(i));
  }
  EXPECT_EQ(pool.code_of(""), 5000U);
}

TEST(StringPool, EqualHashesAreNotEqualStrings) {
  StringPool pool;
  const auto first = pool.code_of("one", 42);
  const auto second = pool.code_of("two", 42);
  EXPECT_NE(first, second);
  EXPECT_EQ(pool.code_of("one", 42), first);
}

}  // namespace
}  // namespace descant::timelines
