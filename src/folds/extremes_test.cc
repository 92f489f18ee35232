// SPDX-License-Identifier: Apache-2.0
#include "folds/extremes.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace descant::folds {
namespace {

TEST(Extremes, SkipFilteredAndNullRows) {
  const std::vector<std::int16_t> values = {-300, 50, 900, 120, -7};
  const std::vector<std::uint8_t> valid = {1, 1, 0, 1, 1};
  const std::vector<std::uint8_t> filter = {0, 1, 1, 1, 1};
  timelines::Column column;
  column.dtype = timelines::Dtype::kInt16;
  column.rows = values.size();
  column.data = values.data();
  column.divisor = 10;
  EXPECT_EQ(extreme_of(column, nullptr, 0, 5, Extreme::kMaximum), 90);
  EXPECT_EQ(extreme_of(column, nullptr, 0, 5, Extreme::kMinimum), -30);
  column.valid = valid.data();
  EXPECT_EQ(extreme_of(column, filter.data(), 0, 5, Extreme::kMaximum), 12);
  EXPECT_EQ(extreme_of(column, filter.data(), 0, 5, Extreme::kMinimum), -0.7);
}

TEST(Extremes, OfNothingAreUndefined) {
  const std::vector<double> values = {1};
  const std::vector<std::uint8_t> none = {0};
  timelines::Column column;
  column.dtype = timelines::Dtype::kFloat64;
  column.data = values.data();
  EXPECT_TRUE(std::isnan(extreme_of(column, nullptr, 0, 0, Extreme::kMaximum)));
  EXPECT_TRUE(std::isnan(extreme_of(column, none.data(), 0, 1, Extreme::kMinimum)));
}

}  // namespace
}  // namespace descant::folds
