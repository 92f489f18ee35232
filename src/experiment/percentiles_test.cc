// SPDX-License-Identifier: Apache-2.0
#include "experiment/percentiles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace descant::experiment {
namespace {

double sorted_percentile(std::vector<double> values, double percentile) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const double position = static_cast<double>(values.size() - 1) * (percentile / 100.0);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (position - std::floor(position)) * (values[high] - values[low]);
}

std::vector<double> by_sorting(const std::vector<double>& values,
                               const std::vector<std::uint16_t>& first_day, std::size_t days,
                               double percentile) {
  std::vector<double> result;
  for (std::size_t day = 0; day < days; ++day) {
    std::vector<double> counted;
    for (std::size_t unit = 0; unit < values.size(); ++unit)
      if (first_day[unit] <= day && std::isfinite(values[unit])) counted.push_back(values[unit]);
    result.push_back(sorted_percentile(std::move(counted), percentile));
  }
  return result;
}

void expect_same(const std::vector<double>& found, const std::vector<double>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t day = 0; day < found.size(); ++day) {
    if (std::isnan(wanted[day])) {
      EXPECT_TRUE(std::isnan(found[day])) << day;
    } else {
      EXPECT_EQ(found[day], wanted[day]) << day;
    }
  }
}

TEST(Percentiles, IsTypeSeven) {
  const std::vector<double> values = {4, 1, 3, 2};
  const std::vector<std::uint16_t> first_day(4, 0);
  EXPECT_DOUBLE_EQ(nested_percentiles(values, first_day, 0, 1, 50)[0], 2.5);
  EXPECT_DOUBLE_EQ(nested_percentiles(values, first_day, 0, 1, 90)[0], 3.7);
  EXPECT_DOUBLE_EQ(nested_percentiles(values, first_day, 0, 1, 25)[0], 1.75);
}

TEST(Percentiles, EveryDayIsWhatSortingItsUnitsGives) {
  std::mt19937_64 generator(7);
  std::normal_distribution<double> normal;
  for (const int kind : {0, 1, 2, 3}) {
    std::vector<double> values;
    std::vector<std::uint16_t> first_day;
    for (int unit = 0; unit < 5000; ++unit) {
      const double z = normal(generator);
      const bool zero = generator() % 3 == 0;
      values.push_back(kind == 0   ? (zero ? 0.0 : std::exp(2 * z))
                       : kind == 1 ? 1e9 + z
                       : kind == 2
                           ? std::floor(z)
                           : (zero ? std::numeric_limits<double>::quiet_NaN() : -z * 1e-300));
      first_day.push_back(static_cast<std::uint16_t>(2 + generator() % 8));  // nobody on 0 and 1
    }
    for (const double percentile : {0.1, 25.0, 50.0, 99.0, 99.9})
      expect_same(nested_percentiles(values, first_day, 0, 9, percentile),
                  by_sorting(values, first_day, 9, percentile));
  }
}

TEST(Percentiles, ARangeOfDaysCountsEarlierUnits) {
  const std::vector<double> values = {1, 2, 3, 4, 5};
  const std::vector<std::uint16_t> first_day = {0, 0, 3, 4, 0xFFFF};
  const auto found = nested_percentiles(values, first_day, 3, 5, 50);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], 2.0);
  EXPECT_EQ(found[1], 2.5);
}

TEST(Percentiles, NoUnitsAndNoDays) {
  EXPECT_TRUE(std::isnan(nested_percentiles({}, {}, 0, 1, 50)[0]));
  EXPECT_TRUE(nested_percentiles({}, {}, 2, 2, 50).empty());
}

}  // namespace
}  // namespace descant::experiment
