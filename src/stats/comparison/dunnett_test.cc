// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/dunnett.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

ArmOutcome rows(std::vector<double> values) {
  Sample sample;
  sample.values = std::move(values);
  return *outcome_of(sample, "arm");
}

ArmOutcome share(std::int64_t n, std::int64_t successes) {
  Sample sample;
  sample.n = n;
  sample.successes = successes;
  return *outcome_of(sample, "arm");
}

// Blood counts of Dunnett 1955, table 1.
const ArmOutcome kControl = rows({7.40, 8.50, 7.20, 8.24, 9.84, 8.32});
const std::vector<ArmOutcome> kDrugs = {rows({9.76, 8.80, 7.68, 9.36}),
                                        rows({12.80, 9.68, 12.16, 9.20, 10.55})};

TEST(DunnettTest, CriticalValuesAreThoseOfTheTables) {
  const auto equal = [](int k) {
    return std::vector<double>(static_cast<std::size_t>(k), M_SQRT1_2);
  };
  // Dunnett 1955, table 1, and 1964, table II: 5 %.
  EXPECT_NEAR(dunnett_critical_value(0.05, equal(2), kUndefined, false), 1.92, 0.005);
  EXPECT_NEAR(dunnett_critical_value(0.05, equal(3), kUndefined, false), 2.06, 0.005);
  EXPECT_NEAR(dunnett_critical_value(0.05, equal(2), kUndefined, true), 2.21, 0.005);
  EXPECT_NEAR(dunnett_critical_value(0.05, equal(3), kUndefined, true), 2.35, 0.005);
  EXPECT_NEAR(dunnett_critical_value(0.05, equal(2), 12, true), 2.50, 0.005);
}

TEST(DunnettTest, OneTreatmentIsStudentsT) {
  for (const double degrees : {1.0, 3.5, 40.0, 1e6, kUndefined})
    for (const double t : {0.5, 2.0, 9.0, 30.0}) {
      const std::vector<double> lambda = {0.6};
      EXPECT_NEAR(dunnett_upper_tail(t, lambda, degrees, true) / (2 * t_upper_tail(t, degrees)), 1,
                  1e-9)
          << degrees << " " << t;
    }
}

TEST(DunnettTest, BloodCounts) {
  const auto result = *many_to_one_difference(kControl, kDrugs, {}, {});
  EXPECT_EQ(result.variances, "pooled");
  // The double integral by adaptive quadrature to 1e-10.
  EXPECT_NEAR(result.effects[0].adjusted_p_value, 0.6201019800184548, 1e-12);
  EXPECT_NEAR(result.effects[1].adjusted_p_value, 0.0058253608479469044, 1e-14);
  EXPECT_FALSE(result.effects[0].rejected);
  EXPECT_TRUE(result.effects[1].rejected);
  EXPECT_EQ(result.effects[0].comparison.degrees_of_freedom, 12);
  const auto& interval = result.effects[1].simultaneous.absolute;
  const double critical = (interval.upper - interval.estimate) / interval.standard_error;
  const std::vector<double> lambda = {std::sqrt(4.0 / 10), std::sqrt(5.0 / 11)};
  EXPECT_NEAR(dunnett_upper_tail(critical, lambda, 12, true), 0.05, 1e-10);
}

TEST(DunnettTest, LiesBetweenNoAdjustmentAndBonferroni) {
  const std::vector<ArmOutcome> shares = {share(1000, 130), share(500, 60), share(2000, 190)};
  const auto dunnett = *many_to_one_difference(share(1000, 100), shares, {}, {});
  const auto bonferroni = *many_to_one_difference(share(1000, 100), shares, {"bonferroni", {}}, {});
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& one = dunnett.effects[i];
    EXPECT_GT(one.adjusted_p_value, one.comparison.p_value);
    EXPECT_LT(one.adjusted_p_value, bonferroni.effects[i].adjusted_p_value + 1e-15);
    EXPECT_GT(one.simultaneous.absolute.upper, one.comparison.absolute.upper);
    EXPECT_LT(one.simultaneous.absolute.upper, bonferroni.effects[i].simultaneous.absolute.upper);
  }
}

TEST(DunnettTest, OneSidedTestsBoundOneSide) {
  ComparisonOptions options;
  options.alternative = "greater";
  const auto result = *many_to_one_difference(kControl, kDrugs, {}, options);
  EXPECT_NEAR(result.effects[1].adjusted_p_value, 0.0029138830371391055, 1e-13);
  EXPECT_TRUE(std::isnan(result.effects[1].simultaneous.absolute.upper));
  EXPECT_GT(result.effects[1].simultaneous.absolute.lower, 0);
}

TEST(DunnettTest, TinyPValuesKeepTheirPrecision) {
  const std::vector<double> lambda = {0.5, 0.7};
  const double p = dunnett_upper_tail(20, lambda, kUndefined, true);
  EXPECT_NEAR(p / (4 * normal_upper_tail(20)), 1, 1e-10);
}

TEST(DunnettTest, AnArmWithoutEnoughUnitsIsLeftOut) {
  const std::vector<ArmOutcome> drugs = {kDrugs[0], kDrugs[1], rows({9})};
  const auto result = *many_to_one_difference(kControl, drugs, {}, {});
  EXPECT_TRUE(std::isnan(result.effects[2].adjusted_p_value));
  EXPECT_NEAR(result.effects[1].adjusted_p_value, 0.0058253608479469044, 1e-14);
  EXPECT_EQ(result.warnings.front().code, "too_few_units");
  EXPECT_TRUE(many_to_one_difference(kControl, {}, {}, {})->effects.empty());
}

TEST(DunnettTest, OptionsAreChecked) {
  EXPECT_EQ(many_to_one_difference(kControl, kDrugs, {"dunnet", {}}, {}).error().where, "method");
  const std::vector<ArmOutcome> shares = {share(10, 3)};
  EXPECT_EQ(many_to_one_difference(kControl, shares, {}, {}).error().where, "treatments[0]");
  EXPECT_EQ(many_to_one_difference(share(9, 2), shares, {"dunnett", "pooled"}, {}).error().where,
            "variances");
  const std::vector<ArmOutcome> many(kMostDunnett + 1, kDrugs[0]);
  EXPECT_EQ(many_to_one_difference(kControl, many, {}, {}).error().where, "treatments");
  EXPECT_EQ(many_to_one_difference(kControl, many, {"holm", {}}, {})->effects.size(), many.size());
}

}  // namespace
}  // namespace descant::stats
