// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/compare.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

EstimatePair pair_of(double control, double treatment, double vc = 0.04, double vt = 0.09) {
  EstimatePair pair;
  pair.method = "z";
  pair.control = {100, control, std::sqrt(vc)};
  pair.treatment = {120, treatment, std::sqrt(vt)};
  pair.control_variance = vc;
  pair.treatment_variance = vt;
  return pair;
}

Comparison compared(const EstimatePair& pair, const ComparisonOptions& options = {}) {
  auto result = compare(pair, options);
  EXPECT_TRUE(result.ok());
  return result ? *result : Comparison{};
}

TEST(CompareTest, OneSidedBoundsHaveTheWholeLevelOnOneSide) {
  ComparisonOptions options;
  const auto two = compared(pair_of(5, 6), {.confidence_level = 0.9});
  options.alternative = "greater";
  const auto greater = compared(pair_of(5, 6), options);
  EXPECT_NEAR(greater.absolute.lower, two.absolute.lower, 1e-14);
  EXPECT_TRUE(std::isnan(greater.absolute.upper));
  options.alternative = "less";
  const auto less = compared(pair_of(5, 6), options);
  EXPECT_NEAR(less.absolute.upper, two.absolute.upper, 1e-14);
  EXPECT_NEAR(greater.p_value + less.p_value, 1, 1e-14);
  EXPECT_NEAR(compared(pair_of(5, 6)).p_value, 2 * greater.p_value, 1e-14);
}

TEST(CompareTest, AMarginIsAShiftedNull) {
  ComparisonOptions margin, shifted;
  margin.non_inferiority_margin = 0.5;
  shifted.null_value = -0.5;
  shifted.alternative = "greater";
  EXPECT_NEAR(compared(pair_of(5, 5), margin).p_value, compared(pair_of(5, 5), shifted).p_value,
              1e-15);
  // Where a decrease is good, the mirror image is the same test.
  margin.direction = "decrease";
  EXPECT_NEAR(
      compared(pair_of(5, 4.8), margin).p_value,
      [] {
        ComparisonOptions up;
        up.non_inferiority_margin = 0.5;
        return compared(pair_of(5, 5.2), up).p_value;
      }(),
      1e-14);
}

TEST(CompareTest, AnExactRelativeMarginCarriesTheControlsVariance) {
  ComparisonOptions options;
  options.non_inferiority_margin = 0.1;
  options.margin_scale = "relative";
  EXPECT_NEAR(compared(pair_of(5, 5), options).statistic, 0.5 / std::sqrt(0.09 + 0.81 * 0.04),
              1e-13);
  options.margin_treatment = "fixed";
  EXPECT_NEAR(compared(pair_of(5, 5), options).statistic, 0.5 / std::sqrt(0.13), 1e-13);
}

TEST(CompareTest, FiellerContainsWhatItsOwnTestKeeps) {
  ComparisonOptions options;
  options.relative_method = "fieller";
  const auto result = compared(pair_of(5, 6), options);
  for (const double ratio : {1 + result.relative.lower, 1 + result.relative.upper})
    EXPECT_NEAR(std::abs(6 - ratio * 5) / std::sqrt(0.09 + ratio * ratio * 0.04), 1.959963984540054,
                1e-9);
}

TEST(CompareTest, RelativeIntervalsAgreeWhenTheErrorsAreSmall) {
  const auto small = pair_of(5, 6, 1e-8, 1e-8);
  const auto delta = compared(small).relative;
  for (const char* method : {"fieller", "log"}) {
    ComparisonOptions options;
    options.relative_method = method;
    EXPECT_NEAR(compared(small, options).relative.lower, delta.lower, 1e-7) << method;
  }
}

TEST(CompareTest, WeakZeroAndNegativeControlsWarn) {
  EXPECT_TRUE(compared(pair_of(5, 6)).warnings.empty());
  EXPECT_EQ(compared(pair_of(0.3, 6)).warnings.at(0).code, "weak_control");
  EXPECT_EQ(compared(pair_of(-5, 6)).warnings.at(0).code, "weak_control");
  const auto zero = compared(pair_of(0, 6));
  EXPECT_EQ(zero.warnings.at(0).code, "zero_control");
  EXPECT_TRUE(std::isnan(zero.relative.estimate));
  EXPECT_FALSE(std::isnan(zero.p_value));
}

TEST(CompareTest, TooLittleDataIsAResultWithAReason) {
  auto few = pair_of(5, 6);
  few.control.n = 1;
  EXPECT_EQ(compared(few).warnings.at(0).field, "control");
  EXPECT_TRUE(std::isnan(compared(few).p_value));
  const auto still = compared(pair_of(5, 6, 0, 0));
  EXPECT_EQ(still.warnings.at(0).code, "no_variance");
  EXPECT_EQ(still.absolute.standard_error, 0);
  EXPECT_TRUE(std::isnan(still.absolute.lower));
}

TEST(CompareTest, RejectsOptionsOutsideTheirDomain) {
  const auto where = [](const ComparisonOptions& options) {
    return compare(pair_of(5, 6), options).error().where;
  };
  EXPECT_EQ(where({.confidence_level = 1}), "confidence_level");
  EXPECT_EQ(where({.alternative = "larger"}), "alternative");
  EXPECT_EQ(where({.null_value = std::nan("")}), "null_value");
  EXPECT_EQ(where({.non_inferiority_margin = -0.1}), "non_inferiority_margin");
  EXPECT_EQ(where({.null_value = 1, .non_inferiority_margin = 0.1}), "null_value");
  EXPECT_EQ(where({.non_inferiority_margin = 1.5, .margin_scale = "relative"}),
            "non_inferiority_margin");
}

}  // namespace
}  // namespace descant::stats
