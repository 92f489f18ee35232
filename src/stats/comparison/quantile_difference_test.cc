// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/quantile_difference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

QuantileRows exponential(std::size_t n, std::uint64_t index) {
  Random random(1, Purpose::kTest, index);
  QuantileRows rows;
  for (std::size_t i = 0; i < n; ++i) rows.values.push_back(random.exponential(1));
  return rows;
}

TEST(QuantileDifference, OrderStatisticsGiveTheStandardError) {
  // Y = i^1.5, i = 1 .. 200, in another order: ranks 171 and 189 about the 90th percentile.
  QuantileRows rows;
  for (int i = 0; i < 200; ++i) rows.values.push_back(std::pow((i * 37 % 200) + 1, 1.5));
  const auto result = *quantile_difference(rows, rows, {0.9}, {});
  EXPECT_NEAR(result.control.estimate, 2416.9686693818294, 1e-9);
  EXPECT_NEAR(result.control.standard_error, 92.400999166470598, 1e-10);
  EXPECT_NEAR(result.absolute.standard_error, std::sqrt(2.0) * 92.400999166470598, 1e-10);
  EXPECT_EQ(result.p_value, 1);
  EXPECT_TRUE(std::isnan(result.degrees_of_freedom));
}

TEST(QuantileDifference, ClustersScaleTheStandardError) {
  const QuantileRows rows = {{3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 9.7, 9.3, 2.3, 8.4, 6.2, 6.4, 3.3},
                             {0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5}};
  const auto plain = *quantile_difference(rows, rows, {0.5}, {});
  EXPECT_NEAR(plain.control.standard_error, 1.3775763336965661, 1e-12);
  const auto clustered = *quantile_difference(rows, rows, {0.5, "cluster"}, {});
  EXPECT_EQ(clustered.control.estimate, 4.5);
  EXPECT_NEAR(clustered.control.standard_error, 1.4115956867739845, 1e-12);
}

TEST(QuantileDifference, BootstrapAgreesWithTheDensity) {
  // The 90th percentile of an exponential has standard error sqrt(q (1 - q) / n) / (1 - q).
  const double theory = std::sqrt(0.9 * 0.1 / 20'000) / 0.1;
  const auto control = exponential(20'000, 0), treatment = exponential(20'000, 1);
  const auto drawn = *quantile_difference(control, treatment, {0.9, "bootstrap"}, {});
  const auto ordered = *quantile_difference(control, treatment, {0.9}, {});
  EXPECT_EQ(drawn.control.estimate, ordered.control.estimate);
  EXPECT_NEAR(drawn.control.standard_error, theory, 0.1 * theory);
  EXPECT_NEAR(ordered.control.standard_error, theory, 0.1 * theory);
  EXPECT_NEAR(drawn.absolute.lower, ordered.absolute.lower, 0.4 * theory);
  EXPECT_NEAR(drawn.absolute.upper, ordered.absolute.upper, 0.4 * theory);
  EXPECT_NEAR(drawn.p_value, ordered.p_value, 0.1);
  const auto again = *quantile_difference(control, treatment, {0.9, "bootstrap"}, {});
  EXPECT_EQ(drawn.absolute.lower, again.absolute.lower);
  const auto other = *quantile_difference(control, treatment, {0.9, "bootstrap", 10'000, 2}, {});
  EXPECT_NE(drawn.absolute.standard_error, other.absolute.standard_error);
}

TEST(QuantileDifference, ScarceOrTiedRowsWarn) {
  const auto codes = [](const QuantileRows& rows, const std::string& method,
                        double quantile = 0.5) {
    std::vector<std::string> found;
    const auto result = *quantile_difference(rows, rows, {quantile, method}, {});
    for (const auto& w : result.warnings) found.push_back(w.code);
    return found;
  };
  const auto has = [](const std::vector<std::string>& found, const std::string& code) {
    return std::find(found.begin(), found.end(), code) != found.end();
  };
  for (const char* method : {"order_statistic", "bootstrap"}) {
    EXPECT_TRUE(has(codes({}, method), "too_few_units"));
    EXPECT_TRUE(has(codes({{1}}, method), "too_few_units"));
    EXPECT_TRUE(has(codes({{1, 1, 1, 1}}, method), "no_variance"));
  }
  EXPECT_TRUE(has(codes({{1, 2, 3, 4}}, "order_statistic", 0.99), "few_values_beyond_quantile"));
  EXPECT_TRUE(has(codes({{1, 1, 1, 1}}, "order_statistic"), "tied_quantile"));
  EXPECT_TRUE(has(codes({{1, 2, 3}, {0, 0, 0}}, "cluster"), "too_few_clusters"));
}

TEST(QuantileDifference, WrongOptionsNameTheField) {
  const QuantileRows rows = {{1, 2, 3}};
  const auto where = [&](const QuantileOptions& options) {
    return quantile_difference(rows, rows, options, {}).error().where;
  };
  EXPECT_EQ(where({0.0}), "quantile");
  EXPECT_EQ(where({1.0}), "quantile");
  EXPECT_EQ(where({0.5, "cluster"}), "control.cluster");
  EXPECT_EQ(where({0.5, "exact"}), "method");
  EXPECT_EQ(where({0.5, "bootstrap", 0}), "replicates");
}

}  // namespace
}  // namespace descant::stats
