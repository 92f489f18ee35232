// SPDX-License-Identifier: Apache-2.0
#include "stats/order_statistics.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

TEST(OrderStatistics, SelectionPutsRanksInPlace) {
  Random random(1, Purpose::kTest);
  std::vector<double> values(1000);
  for (double& x : values) x = std::floor(random.uniform() * 300);  // with ties
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const std::vector<std::size_t> ranks = {0, 3, 3, 499, 500, 999};
  select(values, ranks);
  for (const std::size_t rank : ranks) EXPECT_EQ(values[rank], sorted[rank]);
  std::sort(values.begin() + 4, values.begin() + 499);
  EXPECT_TRUE(std::equal(values.begin(), values.begin() + 499, sorted.begin(),
                         [i = 0](double a, double b) mutable { return i++ < 3 || a == b; }));
}

TEST(OrderStatistics, QuantilesAreTypeSeven) {
  // quantile(c(15, 20, 35, 40, 50), ..., type = 7) of R.
  const std::vector<double> values = {50, 20, 15, 40, 35};
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.4), 29);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0.05), 16);
  EXPECT_DOUBLE_EQ(quantile_of(values, 0), 15);
  EXPECT_DOUBLE_EQ(quantile_of(values, 1), 50);
  EXPECT_DOUBLE_EQ(quantile_of({7}, 0.3), 7);
  EXPECT_TRUE(std::isnan(quantile_of({}, 0.3)));
}

}  // namespace
}  // namespace descant::stats
