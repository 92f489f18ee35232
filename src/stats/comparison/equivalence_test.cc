// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/equivalence.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/comparison/outcome.h"

namespace descant::stats {
namespace {

Sample moments(std::int64_t n, double mean, double variance) {
  Sample sample;
  sample.n = n;
  sample.mean = mean;
  sample.variance = variance;
  return sample;
}

EstimatePair example() { return *pair_of(moments(100, 10, 4), moments(90, 10.1, 5)); }

TEST(EquivalenceTest, TheLargerOfTwoOneSidedTestsDecides) {
  const auto result = *equivalence_test(example(), {0.5, 0.6}, {});
  const double se = std::sqrt(4.0 / 100 + 5.0 / 90);
  EXPECT_NEAR(result.lower_test.statistic, (0.1 + 0.5) / se, 1e-12);
  EXPECT_NEAR(result.upper_test.statistic, (0.1 - 0.6) / se, 1e-12);
  EXPECT_NEAR(result.upper_test.p_value, 0.053763595744229085, 1e-14);
  EXPECT_EQ(result.comparison.p_value, result.upper_test.p_value);
  EXPECT_FALSE(result.equivalent);
}

TEST(EquivalenceTest, EquivalentExactlyWhenTheIntervalIsInsideTheMargins) {
  for (const double margin : {0.5, 0.6, 0.61, 0.612, 0.7}) {
    const auto result = *equivalence_test(example(), {margin, margin}, {});
    const auto& interval = result.equivalence_interval;
    EXPECT_EQ(result.equivalent, interval.lower > -margin && interval.upper < margin) << margin;
  }
}

TEST(EquivalenceTest, ARelativeMarginIsTestedWithBothVariances) {
  ComparisonOptions options;
  options.margin_scale = "relative";
  const auto result = *equivalence_test(example(), {0.05, 0.06}, options);
  const double se = std::sqrt(0.95 * 0.95 * 4.0 / 100 + 5.0 / 90);
  EXPECT_NEAR(result.lower_test.statistic, (10.1 - 9.5) / se, 1e-12);
}

TEST(EquivalenceTest, MarginsMustBePositive) {
  EXPECT_EQ(equivalence_test(example(), {-0.5, 0.5}, {}).error().where, "lower_margin");
  EXPECT_EQ(equivalence_test(example(), {0.5, 0}, {}).error().where, "upper_margin");
  ComparisonOptions options;
  options.margin_scale = "relative";
  EXPECT_EQ(equivalence_test(example(), {1.0, 0.5}, options).error().where, "lower_margin");
}

TEST(EquivalenceTest, TooFewUnitsGiveNothingButAWarning) {
  const auto pair = *pair_of(moments(1, 10, 4), moments(90, 10.1, 5));
  const auto result = *equivalence_test(pair, {0.5, 0.5}, {});
  EXPECT_TRUE(std::isnan(result.comparison.p_value));
  EXPECT_FALSE(result.equivalent);
  EXPECT_EQ(result.comparison.warnings.front().code, "too_few_units");
}

}  // namespace
}  // namespace descant::stats
