// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/interaction.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

Sample moments(std::int64_t n, double mean, double variance) {
  Sample sample;
  sample.n = n;
  sample.mean = mean;
  sample.variance = variance;
  return sample;
}

Sample share(std::int64_t n, std::int64_t successes) {
  Sample sample;
  sample.n = n;
  sample.successes = successes;
  return sample;
}

InteractionCells example() {
  return {moments(100, 10, 4), moments(90, 10.1, 5), moments(95, 10.3, 4), moments(90, 11.1, 5)};
}

TEST(InteractionTest, IsTheDifferenceOfDifferences) {
  const auto result = *interaction(example(), {});
  const double parts[] = {4.0 / 100, 5.0 / 90, 4.0 / 95, 5.0 / 90};
  const double degrees[] = {99, 89, 94, 89};
  double variance = 0, squares = 0;
  for (int i = 0; i < 4; ++i) {
    variance += parts[i];
    squares += parts[i] * parts[i] / degrees[i];
  }
  EXPECT_NEAR(result.comparison.absolute.estimate, 0.7, 1e-12);
  EXPECT_NEAR(result.comparison.absolute.standard_error, std::sqrt(variance), 1e-14);
  EXPECT_NEAR(result.comparison.degrees_of_freedom, variance * variance / squares, 1e-9);
  EXPECT_NEAR(result.comparison.p_value, 0.11215853666003649, 1e-12);
  EXPECT_NEAR(result.comparison.relative.estimate, 11.1 / 10.3 - 10.1 / 10, 1e-14);
}

TEST(InteractionTest, SharesAreNormal) {
  const auto result =
      *interaction({share(100, 20), share(100, 30), share(100, 20), share(100, 45)}, {});
  EXPECT_NEAR(result.comparison.absolute.estimate, 0.15, 1e-14);
  EXPECT_NEAR(result.comparison.absolute.standard_error,
              std::sqrt((0.16 + 0.21 + 0.16 + 0.2475) / 100), 1e-14);
  EXPECT_TRUE(std::isnan(result.comparison.degrees_of_freedom));
}

TEST(InteractionTest, AnErrorNamesItsCell) {
  auto cells = example();
  cells.treatment_control.variance = -1;
  EXPECT_EQ(interaction(cells, {}).error().where, "cells.treatment_control.variance");
  cells = example();
  cells.control_treatment = Sample();
  EXPECT_EQ(interaction(cells, {}).error().where, "cells.control_treatment");
}

TEST(InteractionTest, SmallCellsAndZeroCellsWarn) {
  auto cells = example();
  cells.treatment_treatment = moments(1, 11, 0);
  const auto small = *interaction(cells, {});
  EXPECT_TRUE(std::isnan(small.comparison.p_value));
  EXPECT_EQ(small.comparison.warnings.front().field, "cells.treatment_treatment");
  cells = example();
  cells.control_control = moments(100, 0, 4);
  const auto zero = *interaction(cells, {});
  EXPECT_FALSE(std::isnan(zero.comparison.p_value));
  EXPECT_TRUE(std::isnan(zero.comparison.relative.estimate));
  EXPECT_EQ(zero.comparison.warnings.back().code, "zero_control");
}

}  // namespace
}  // namespace descant::stats
