// SPDX-License-Identifier: Apache-2.0
#include "folds/distinct.h"

#include <gtest/gtest.h>

namespace descant::folds {
namespace {

TEST(DistinctCounter, LabelsWithoutNullAndFilteredRows) {
  const std::uint8_t codes[] = {1, 2, 0, 2, 3, 1};
  const std::uint8_t filter[] = {1, 1, 1, 1, 0, 1};
  const std::uint64_t offsets[] = {0, 1, 2, 3};
  timelines::Column column;
  column.kind = timelines::ColumnKind::kLabel;
  column.dtype = timelines::Dtype::kUint8;
  column.rows = 6;
  column.data = codes;
  column.labels = {std::span<const char>("abc", 3), offsets};
  DistinctCounter counter;
  EXPECT_EQ(counter.count(column, nullptr, 0, 6), 3U);
  EXPECT_EQ(counter.count(column, filter, 0, 6), 2U);
  EXPECT_EQ(counter.count(column, nullptr, 2, 3), 0U);
  EXPECT_EQ(counter.count(column, nullptr, 4, 4), 0U);
  EXPECT_EQ(counter.count(column, nullptr, 3, 6), 3U);
}

TEST(DistinctCounter, NumbersToTheLastDigitAndOneZero) {
  const std::int64_t large[] = {9007199254740993, 9007199254740992, 9007199254740993};
  timelines::Column column;
  column.dtype = timelines::Dtype::kInt64;
  column.rows = 3;
  column.data = large;
  DistinctCounter counter;
  EXPECT_EQ(counter.count(column, nullptr, 0, 3), 2U);
  const double zeros[] = {0.0, -0.0, 0.5};
  const std::uint8_t valid[] = {1, 1, 0};
  column.dtype = timelines::Dtype::kFloat64;
  column.data = zeros;
  column.valid = valid;
  EXPECT_EQ(counter.count(column, nullptr, 0, 3), 1U);
}

}  // namespace
}  // namespace descant::folds
