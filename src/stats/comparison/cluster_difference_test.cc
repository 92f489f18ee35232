// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/cluster_difference.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/comparison/mean_difference.h"

namespace descant::stats {
namespace {

Sample rows(std::vector<double> values, Json cluster) {
  Sample sample;
  sample.values = std::move(values);
  sample.cluster = std::move(cluster);
  return sample;
}

const Sample kControl = rows({1, 2, 3, 4, 5}, {"a", "a", "b", "b", "c"});
const Sample kTreatment = rows({2, 4, 3, 5, 7, 8}, {"d", "d", "e", "f", "f", "g"});

TEST(ClusterDifferenceTest, Cr1ByHand) {
  const auto result = *cluster_difference(kControl, kTreatment, "cr1", {});
  // Residual sums of the clusters: -3, 1, 2 around 3 and -11/3, -11/6, 7/3, 19/6 around 29/6.
  const double control = (9 + 1 + 4) / 25.0;
  const double treatment = (121.0 / 9 + 121.0 / 36 + 49.0 / 9 + 361.0 / 36) / 36;
  const double factor = 7.0 / 6 * 10 / 9;
  EXPECT_NEAR(result.comparison.absolute.standard_error, std::sqrt(factor * (control + treatment)),
              1e-13);
  EXPECT_EQ(result.comparison.degrees_of_freedom, 6);
  EXPECT_EQ(result.clusters.treatment, 4);
  EXPECT_EQ(result.comparison.warnings.front().code, "few_clusters");
}

TEST(ClusterDifferenceTest, RowsAloneAreNearlyWelch) {
  const auto result = *cluster_difference(rows({1, 2, 3, 4, 6}, {1, 2, 3, 4, 5}),
                                          rows({2, 4, 3, 9, 7}, {6, 7, 8, 9, 10}), "delta", {});
  Moments control(1), treatment(1);
  for (const double x : {1, 2, 3, 4, 6}) control.add(std::vector{x});
  for (const double x : {2, 4, 3, 9, 7}) treatment.add(std::vector{x});
  const auto welch = *mean_difference(control, treatment, "welch", {});
  EXPECT_NEAR(result.comparison.p_value, welch.p_value, 1e-12);
  EXPECT_NEAR(result.design_effect, 1, 1e-12);
}

TEST(ClusterDifferenceTest, ClustersInBothArmsAreCorrelated) {
  const auto result = *cluster_difference(rows({1, 2, 6, 7, 3, 4}, {1, 1, 2, 2, 3, 3}),
                                          rows({2, 3, 7, 8, 5, 5}, {1, 1, 2, 2, 3, 3}), "cr1", {});
  EXPECT_EQ(result.clusters.in_both, 3);
  EXPECT_EQ(result.comparison.degrees_of_freedom, 2);
  // The differences within clusters are 1, 1 and 1.5: nearly constant.
  EXPECT_LT(result.comparison.absolute.standard_error, 0.3);
  EXPECT_GT(result.comparison.control.standard_error, 1);
}

TEST(ClusterDifferenceTest, ARatioHasTheDenominatorsOfItsRows) {
  Sample control, treatment;
  control.numerator = {1, 2, 3, 4};
  control.denominator = {2, 2, 4, 5};
  control.cluster = {"a", "a", "b", "b"};
  treatment.numerator = {2, 3, 3, 5};
  treatment.denominator = {2, 4, 4, 5};
  treatment.cluster = {"c", "c", "d", "d"};
  const auto result = *cluster_difference(control, treatment, "delta", {});
  EXPECT_NEAR(result.comparison.control.estimate, 10.0 / 13, 1e-15);
  EXPECT_NEAR(result.comparison.treatment.estimate, 13.0 / 15, 1e-15);
  EXPECT_EQ(result.comparison.control.n, 2);
}

TEST(ClusterDifferenceTest, OneClusterSaysNothing) {
  for (const char* method : {"cr1", "delta"}) {
    const auto result = *cluster_difference(rows({1, 2}, {"a", "a"}), kTreatment, method, {});
    EXPECT_NEAR(result.comparison.absolute.estimate, 29.0 / 6 - 1.5, 1e-14);
    EXPECT_TRUE(std::isnan(result.comparison.p_value));
    EXPECT_EQ(result.comparison.warnings.front().code, "too_few_clusters");
  }
}

TEST(ClusterDifferenceTest, MissingClustersAndMethodsAreNamed) {
  EXPECT_EQ(cluster_difference(kControl, rows({1, 2}, Json()), "cr1", {}).error().where,
            "treatment.cluster");
  EXPECT_EQ(cluster_difference(kControl, kTreatment, "cr2", {}).error().where, "method");
  Sample moments;
  moments.n = 5;
  moments.mean = 1;
  moments.variance = 1;
  EXPECT_EQ(cluster_difference(moments, kTreatment, "cr1", {}).error().where, "control");
}

}  // namespace
}  // namespace descant::stats
