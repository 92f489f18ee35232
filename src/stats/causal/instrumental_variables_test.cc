// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/instrumental_variables.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/causal/anderson_rubin.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

// The expected numbers are those of linearmodels' IV2SLS, with debiased errors.
InstrumentalVariablesRequest twelve_rows() {
  InstrumentalVariablesRequest request;
  request.outcome = {3.1, 4.0, 5.2, 2.8, 6.1, 4.4, 7.0, 3.9, 5.8, 6.6, 2.2, 5.1};
  request.treatment_received = {1.0, 1.5, 2.2, .7, 3.1, 1.2, 3.3, 1.9, 2.0, 2.9, .4, 2.4};
  request.instrument = {{"z1", {.5, 1.1, 1.0, .2, 2.0, .9, 1.8, .7, 1.9, 1.6, .1, 1.2}},
                        {"z2", {1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0}}};
  request.covariates["x"] = {.2, .4, -.1, .3, .9, -.5, .7, .1, .6, -.2, -.4, .8};
  return request;
}

InstrumentalVariablesRequest encouraged() {
  auto request = twelve_rows();
  request.covariates.clear();
  request.treatment_received = {1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0};
  request.instrument = {1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0};
  return request;
}

TEST(InstrumentalVariablesTest, TwoStageLeastSquaresWithEveryKindOfError) {
  auto request = twelve_rows();
  const auto classical = *instrumental_variables(request);
  EXPECT_NEAR(classical.comparison.absolute.estimate, 1.9147208581061361, 1e-10);
  EXPECT_NEAR(classical.comparison.absolute.standard_error, 0.25956852986072465, 1e-10);
  EXPECT_NEAR(classical.first_stage.f_statistic, 10.004351276625856, 1e-9);
  EXPECT_NEAR(classical.sargan->statistic, 0.7251612465157198, 1e-9);
  EXPECT_NEAR(classical.sargan->p_value, 0.39445612746390024, 1e-9);
  EXPECT_NEAR(classical.anderson_rubin.statistic, 29.157102951274695, 1e-8);
  EXPECT_NEAR(classical.anderson_rubin.p_value, 0.00021180375451222914, 1e-12);
  request.standard_errors = "robust";
  const auto robust = *instrumental_variables(request);
  EXPECT_NEAR(robust.comparison.absolute.standard_error, 0.22199174642929748, 1e-10);
  request.standard_errors = "auto";
  request.cluster = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6};
  const auto clustered = *instrumental_variables(request);
  EXPECT_EQ(clustered.standard_errors, "cluster");
  EXPECT_NEAR(clustered.comparison.absolute.standard_error, 0.1570394192825353, 1e-10);
  EXPECT_EQ(clustered.comparison.degrees_of_freedom, 5);
}

TEST(InstrumentalVariablesTest, WaldsRatioIsTheDifferenceOfTheCompliersMeans) {
  const auto result = *instrumental_variables(encouraged());
  EXPECT_EQ(result.comparison.method, "wald");
  EXPECT_NEAR(result.comparison.absolute.estimate, 1.55, 1e-12);
  EXPECT_NEAR(result.comparison.absolute.standard_error, 1.2982921473998064, 1e-10);
  EXPECT_NEAR(result.comparison.treatment.estimate, 4.4, 1e-12);
  EXPECT_NEAR(result.comparison.control.estimate, 2.85, 1e-12);
  EXPECT_FALSE(result.sargan.has_value());
  EXPECT_EQ(result.comparison.warnings.back().code, "weak_instrument");
}

// The ends of a region are the effects whose own test is on the edge.
TEST(InstrumentalVariablesTest, TheRegionInvertsTheTest) {
  for (const char* errors : {"classical", "robust"}) {
    auto request = twelve_rows();
    request.standard_errors = errors;
    const auto result = *instrumental_variables(request);
    ASSERT_EQ(result.anderson_rubin.region.size(), 1U);
    for (const double end :
         {result.anderson_rubin.region[0].lower, result.anderson_rubin.region[0].upper}) {
      request.options.null_value = end;
      EXPECT_NEAR(instrumental_variables(request)->anderson_rubin.p_value, 0.05, 1e-8) << errors;
    }
  }
}

TEST(InstrumentalVariablesTest, ASearchedRegionFindsTheClosedOnesPieces) {
  // Proportional covariances, so that both ways apply; weak, so that there are two rays.
  ReducedForm form;
  form.outcome = Eigen::Vector2d(2.0, 1.8);
  form.treatment = Eigen::Vector2d(0.5, 0.4);
  const Eigen::Matrix2d shape = Eigen::Matrix2d::Identity();
  form.outcome_covariance = 0.2 * shape;
  form.cross_covariance = 0.01 * shape;
  form.treatment_covariance = 0.1 * shape;
  form.denominator_degrees = 200;
  form.proportional = true;
  const auto closed = anderson_rubin_region(form, 0.95, 4, 1);
  form.proportional = false;
  const auto searched = anderson_rubin_region(form, 0.95, 4, 1);
  ASSERT_EQ(closed.size(), 2U);
  ASSERT_EQ(searched.size(), 2U);
  EXPECT_NEAR(searched[0].upper, closed[0].upper, 1e-9);
  EXPECT_NEAR(searched[1].lower, closed[1].lower, 1e-9);
  EXPECT_TRUE(std::isnan(searched[0].lower) && std::isnan(searched[1].upper));
}

TEST(InstrumentalVariablesTest, FullComplianceIsThePlainComparison) {
  auto request = encouraged();
  request.instrument = {1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0};
  const auto result = *instrumental_variables(request);
  EXPECT_NEAR(result.comparison.absolute.estimate, result.least_squares.estimate, 1e-12);
  EXPECT_NEAR(result.anderson_rubin.region.at(0).lower, result.least_squares.lower, 1e-9);
  EXPECT_TRUE(std::isnan(result.first_stage.f_statistic));
}

TEST(InstrumentalVariablesTest, TooLittleDataIsAResultAndWrongFieldsAreErrors) {
  auto request = encouraged();
  request.instrument = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const auto constant = *instrumental_variables(request);
  EXPECT_TRUE(std::isnan(constant.comparison.absolute.estimate));
  EXPECT_EQ(constant.comparison.warnings.back().code, "no_first_stage");
  request.instrument = Json::object();
  EXPECT_EQ(instrumental_variables(request).error().where, "instrument");
  request.instrument = {1, 0};
  EXPECT_EQ(instrumental_variables(request).error().where, "instrument");
  request = encouraged();
  request.standard_errors = "cluster";
  EXPECT_EQ(instrumental_variables(request).error().where, "cluster");
  InstrumentalVariablesRequest empty;
  empty.instrument = Json::array();
  EXPECT_TRUE(std::isnan(instrumental_variables(empty)->comparison.p_value));
}

}  // namespace
}  // namespace descant::stats
