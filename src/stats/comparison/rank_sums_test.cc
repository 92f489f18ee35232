// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/rank_sums.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"
#include "stats/order_statistics.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

const std::vector<double> kControl = {1.1, 2.3, 0.7, 4.8, 3.3, 2.9, 5.1};
const std::vector<double> kTreatment = {2.0, 3.9, 6.2, 4.4, 7.7};
const std::vector<double> kTiedControl = {1, 2, 2, 3, 3, 3, 4, 5, 0, 0};
const std::vector<double> kTiedTreatment = {2, 3, 4, 4, 5, 6, 6, 0};

ComparisonOptions one_sided(std::string alternative, double null_value = 0) {
  ComparisonOptions options;
  options.alternative = std::move(alternative);
  options.null_value = null_value;
  return options;
}

// Numbers of R 4.2's wilcox.test(treatment, control, ...).
TEST(RankSumTest, ExactIsThatOfR) {
  const auto result = *rank_sum_test(kControl, kTreatment, {"exact"}, {});
  EXPECT_EQ(result.comparison.statistic, 26);
  EXPECT_NEAR(result.comparison.p_value, 0.20202020202020204, 1e-14);
  EXPECT_NEAR(result.hodges_lehmann, 1.6, 1e-12);
  EXPECT_NEAR(result.comparison.absolute.lower, -0.9, 1e-12);
  EXPECT_NEAR(result.comparison.absolute.upper, 4.8, 1e-12);
  EXPECT_NEAR(result.probability_of_superiority, 26.0 / 35, 1e-15);
  const auto greater = *rank_sum_test(kControl, kTreatment, {"exact"}, one_sided("greater"));
  EXPECT_NEAR(greater.comparison.p_value, 0.10101010101010102, 1e-14);
  EXPECT_NEAR(greater.comparison.absolute.lower, -0.7, 1e-12);
  EXPECT_TRUE(std::isnan(greater.comparison.absolute.upper));
}

TEST(RankSumTest, NormalIsThatOfR) {
  const auto p = [](const auto& c, const auto& t, bool correction, const ComparisonOptions& o) {
    return rank_sum_test(c, t, {"normal", correction}, o)->comparison.p_value;
  };
  EXPECT_NEAR(p(kControl, kTreatment, true, {}), 0.19387643074206251, 1e-14);
  EXPECT_NEAR(p(kControl, kTreatment, true, one_sided("greater")), 0.096938215371031256, 1e-14);
  EXPECT_NEAR(p(kControl, kTreatment, false, {}), 0.16746459631208976, 1e-14);
  EXPECT_NEAR(p(kTiedControl, kTiedTreatment, true, {}), 0.11536336176616833, 1e-14);
  EXPECT_NEAR(p(kTiedControl, kTiedTreatment, true, one_sided("less", 0.5)), 0.88579965983619058,
              1e-14);
  const auto tied = *rank_sum_test(kTiedControl, kTiedTreatment, {}, {});
  EXPECT_EQ(tied.comparison.statistic, 58);
  EXPECT_EQ(tied.hodges_lehmann, 2);
}

TEST(RankSumTest, ShiftIsTheMedianOfAllDifferences) {
  Random random(5, Purpose::kTest);
  for (const std::size_t n : {40, 41, 57})
    for (const bool whole : {false, true}) {
      std::vector<double> control(n), treatment(n - 7);
      for (auto* arm : {&control, &treatment})
        for (double& x : *arm) x = whole ? std::floor(random.normal() * 4) : random.normal();
      std::vector<double> differences;
      for (const double t : treatment)
        for (const double c : control) differences.push_back(t - c);
      std::sort(differences.begin(), differences.end());
      const auto result = *rank_sum_test(control, treatment, {}, {});
      EXPECT_DOUBLE_EQ(result.hodges_lehmann, quantile_of_sorted(differences, 0.5));
      EXPECT_TRUE(std::binary_search(differences.begin(), differences.end(),
                                     result.comparison.absolute.lower));
      EXPECT_TRUE(std::binary_search(differences.begin(), differences.end(),
                                     result.comparison.absolute.upper));
    }
}

TEST(RankSumTest, MarginIsATestOfTheShiftedTreatment) {
  ComparisonOptions margin;
  margin.non_inferiority_margin = 0.5;
  const auto with_margin = *rank_sum_test(kControl, kTreatment, {}, margin);
  const auto shifted = *rank_sum_test(kControl, kTreatment, {}, one_sided("greater", -0.5));
  EXPECT_EQ(with_margin.comparison.p_value, shifted.comparison.p_value);
  margin.margin_scale = "relative";
  EXPECT_EQ(rank_sum_test(kControl, kTreatment, {}, margin).error().where, "margin_scale");
}

TEST(RankSumTest, TooLittleDataWarns) {
  for (const std::size_t n : {0, 1}) {
    const auto result = *rank_sum_test(std::vector<double>(n, 1.0), kTreatment, {}, {});
    EXPECT_TRUE(std::isnan(result.comparison.p_value));
    EXPECT_EQ(result.comparison.warnings.front().code, "too_few_units");
  }
  const auto lone = *rank_sum_test({1}, {2}, {}, {});
  EXPECT_EQ(lone.comparison.statistic, 1);
  EXPECT_EQ(lone.probability_of_superiority, 1);
  EXPECT_EQ(lone.hodges_lehmann, 1);
  const auto equal = *rank_sum_test({2, 2, 2}, {2, 2}, {}, {});
  EXPECT_TRUE(std::isnan(equal.comparison.p_value));
  EXPECT_EQ(equal.hodges_lehmann, 0);
  EXPECT_EQ(equal.comparison.warnings.front().code, "no_variance");
  const auto two = *rank_sum_test({1, 2}, {3, 4}, {"exact"}, {});
  EXPECT_NEAR(two.comparison.p_value, 1.0 / 3, 1e-15);
  EXPECT_TRUE(std::isnan(two.comparison.absolute.lower));
  EXPECT_EQ(two.comparison.warnings.front().code, "too_few_units");
}

TEST(RankSumTest, ExactRefusesTiesAndLargeArms) {
  EXPECT_EQ(rank_sum_test(kTiedControl, kTiedTreatment, {"exact"}, {}).error().where, "method");
  std::vector<double> large(101);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<double>(i);
  auto other = large;
  for (double& x : other) x += 0.5;
  EXPECT_EQ(rank_sum_test(large, other, {"exact"}, {}).error().where, "method");
}

}  // namespace
}  // namespace descant::stats
