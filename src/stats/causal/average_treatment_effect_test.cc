// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/average_treatment_effect.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose { kRows = 1 };

// A 0/1 covariate moves both treatment and outcome: the models are saturated, and every method is
// the difference within its two strata, weighted by their share of all (or of the treated).
AverageTreatmentEffectRequest two_strata(std::size_t n) {
  AverageTreatmentEffectRequest request;
  Random random(5, Purpose::kRows);
  for (std::size_t i = 0; i < n; ++i) {
    const bool x = random.chance(0.4);
    const bool treated = random.chance(x ? 0.7 : 0.2);
    request.covariates["x"].push_back(x ? 1.0 : 0.0);
    request.treated.push_back(treated ? 1 : 0);
    request.outcome.push_back((x ? 3.0 : 1.0) + (treated ? 1.0 + (x ? 1.0 : 0.0) : 0.0) +
                              random.normal());
  }
  return request;
}

double stratified(const AverageTreatmentEffectRequest& request, bool of_treated) {
  double sum[2][2] = {}, n[2][2] = {};
  for (std::size_t i = 0; i < request.outcome.size(); ++i) {
    const int x = *request.covariates.at("x")[i] == 1 ? 1 : 0;
    const int t = request.treated[i] == 1 ? 1 : 0;
    sum[x][t] += request.outcome[i];
    n[x][t] += 1;
  }
  double effect = 0, weights = 0;
  for (const int x : {0, 1}) {
    const double weight = of_treated ? n[x][1] : n[x][0] + n[x][1];
    effect += weight * (sum[x][1] / n[x][1] - sum[x][0] / n[x][0]);
    weights += weight;
  }
  return effect / weights;
}

TEST(AverageTreatmentEffectTest, SaturatedModelsAllAgreeWithStratification) {
  auto request = two_strata(2000);
  for (const char* estimand : {"ate", "att"}) {
    request.estimand = estimand;
    const double expected = stratified(request, request.estimand == "att");
    double error = 0;
    for (const char* model : {"logit", "probit"}) {
      request.propensity_model = model;
      for (const char* method : {"regression_adjustment", "ipw", "aipw", "ipwra"}) {
        request.method = method;
        const auto result = *average_treatment_effect(request);
        EXPECT_NEAR(result.comparison.absolute.estimate, expected, 1e-9) << method;
        if (error == 0) error = result.comparison.absolute.standard_error;
        EXPECT_NEAR(result.comparison.absolute.standard_error, error, 1e-8) << method;
      }
    }
  }
}

TEST(AverageTreatmentEffectTest, WithoutCovariatesItIsTheDifferenceInMeans) {
  AverageTreatmentEffectRequest request;
  request.outcome = {1, 2, 4, 3, 6, 5};
  request.treated = {0, 0, 0, 1, 1, 1};
  const auto result = *average_treatment_effect(request);
  EXPECT_NEAR(result.comparison.absolute.estimate, 14.0 / 3 - 7.0 / 3, 1e-12);
  const double within = 2 * (14.0 / 3) / 9;  // sums of squares / n^2 of both arms
  EXPECT_NEAR(result.comparison.absolute.standard_error, std::sqrt(within), 1e-12);
}

TEST(AverageTreatmentEffectTest, WeightsBalanceTheCovariatesAndTellTheirCost) {
  const auto result = *average_treatment_effect(two_strata(2000));
  const auto& balance = result.overlap.balance.at(0);
  EXPECT_GT(balance.before, 0.5);
  EXPECT_NEAR(balance.after, 0, 1e-9);
  EXPECT_LT(result.overlap.treatment.effective_sample_size,
            static_cast<double>(result.comparison.treatment.n));
  EXPECT_EQ(result.overlap.outside_support, 0);
}

// VanderWeele and Ding 2017: a risk ratio of 3.9 has the E-value 7.26.
TEST(AverageTreatmentEffectTest, TheEValueOfAKnownRiskRatio) {
  AverageTreatmentEffectRequest request;
  for (int i = 0; i < 1000; ++i) {
    request.treated.push_back(i % 2);
    const int place = i / 2;
    request.outcome.push_back(place < (i % 2 == 1 ? 390 : 100) ? 1.0 : 0.0);
  }
  const auto result = *average_treatment_effect(request);
  EXPECT_EQ(result.e_value.scale, "risk_ratio");
  EXPECT_NEAR(result.e_value.risk_ratio, 3.9, 1e-12);
  EXPECT_NEAR(result.e_value.estimate, 7.26, 0.005);
  EXPECT_LT(result.e_value.interval, result.e_value.estimate);
}

TEST(AverageTreatmentEffectTest, ClustersOfCopiesKeepTheError) {
  auto request = two_strata(300);
  const auto once = *average_treatment_effect(request);
  const auto original = request;
  std::vector<Json> cluster;
  for (int copy = 0; copy < 3; ++copy)
    for (std::size_t i = 0; i < 300; ++i) cluster.push_back(i);
  for (int copy = 0; copy < 2; ++copy) {
    request.outcome.insert(request.outcome.end(), original.outcome.begin(), original.outcome.end());
    request.treated.insert(request.treated.end(), original.treated.begin(), original.treated.end());
    auto& x = request.covariates["x"];
    x.insert(x.end(), original.covariates.at("x").begin(), original.covariates.at("x").end());
  }
  request.cluster = cluster;
  const auto copied = *average_treatment_effect(request);
  EXPECT_NEAR(copied.comparison.absolute.standard_error, once.comparison.absolute.standard_error,
              1e-9);
}

TEST(AverageTreatmentEffectTest, SeparationIsAResultAndUnknownCovariatesAreErrors) {
  AverageTreatmentEffectRequest request;
  request.outcome = {1, 2, 4, 3, 6, 5};
  request.treated = {0, 0, 0, 1, 1, 1};
  request.covariates["x"] = {1, 2, 3, 4, 5, 6};
  const auto separated = *average_treatment_effect(request);
  EXPECT_TRUE(std::isnan(separated.comparison.p_value));
  EXPECT_EQ(separated.comparison.warnings.at(0).code, "no_propensity");
  request.propensity_covariates = {"y"};
  EXPECT_EQ(average_treatment_effect(request).error().where, "propensity_covariates[0]");
  EXPECT_TRUE(std::isnan(average_treatment_effect({})->comparison.p_value));
}

TEST(AverageTreatmentEffectTest, ConstantAndMissingCovariatesAreSaid) {
  auto request = two_strata(300);
  request.covariates["flat"].assign(300, 2.0);
  request.covariates["x"][0] = std::nullopt;
  const auto result = *average_treatment_effect(request);
  EXPECT_EQ(result.comparison.warnings.at(0).code, "missing_covariate");
  EXPECT_EQ(result.comparison.warnings.at(1).code, "missing_in_one_arm");
  EXPECT_EQ(result.comparison.warnings.at(2).code, "collinear_covariate");
  EXPECT_TRUE(std::isfinite(result.comparison.p_value));
}

}  // namespace
}  // namespace descant::stats
