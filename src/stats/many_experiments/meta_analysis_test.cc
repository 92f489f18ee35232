// SPDX-License-Identifier: Apache-2.0
#include "stats/many_experiments/meta_analysis.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

// Thirteen trials of the BCG vaccine (Colditz and others 1994): cases and others, vaccinated first.
MetaAnalysisRequest bcg(const std::string& method, bool knapp_hartung = false) {
  constexpr double kTrials[13][4] = {
      {4, 119, 11, 128},       {6, 300, 29, 274},        {3, 228, 11, 209},
      {62, 13536, 248, 12619}, {33, 5036, 47, 5761},     {180, 1361, 372, 1079},
      {8, 2537, 10, 619},      {505, 87886, 499, 87892}, {29, 7470, 45, 7232},
      {17, 1699, 65, 1600},    {186, 50448, 141, 27197}, {5, 2493, 3, 2338},
      {27, 16886, 29, 17825}};
  MetaAnalysisRequest request;
  for (const auto& [a, b, c, d] : kTrials) {
    request.estimates.push_back(std::log(a / (a + b) / (c / (c + d))));
    request.standard_errors.push_back(std::sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)));
  }
  request.method = method;
  request.knapp_hartung = knapp_hartung;
  return request;
}

// metafor 4.6 prints these of the same trials.
TEST(MetaAnalysisTest, BcgByRestrictedMaximumLikelihood) {
  const auto result = *meta_analysis(bcg("reml"));
  EXPECT_NEAR(result.tau_squared, 0.3132, 5e-5);
  EXPECT_NEAR(result.estimate, -0.7145, 5e-5);
  EXPECT_NEAR(result.standard_error, 0.1798, 5e-5);
  EXPECT_NEAR(result.lower, -1.0669, 5e-5);
  EXPECT_NEAR(result.upper, -0.3622, 5e-5);
  EXPECT_NEAR(result.i_squared, 0.9222, 5e-5);
  EXPECT_NEAR(result.q, 152.2330, 5e-5);
  EXPECT_EQ(result.q_degrees_of_freedom, 12);
}

// statsmodels 0.15, combine_effects.
TEST(MetaAnalysisTest, BcgByMomentsAndFixed) {
  const auto dl = *meta_analysis(bcg("dersimonian_laird"));
  EXPECT_NEAR(dl.tau_squared, 0.30876026286237634, 1e-13);
  EXPECT_NEAR(dl.estimate, -0.7141172220732269, 1e-13);
  const auto pm = *meta_analysis(bcg("paule_mandel", true));
  EXPECT_NEAR(pm.tau_squared, 0.3180684522050242, 1e-12);
  EXPECT_NEAR(pm.standard_error, 0.18089219153762356, 1e-12);
  EXPECT_EQ(pm.degrees_of_freedom, 12);
  const auto fixed = *meta_analysis(bcg("fixed"));
  EXPECT_NEAR(fixed.estimate, -0.43028516365409053, 1e-13);
  EXPECT_NEAR(fixed.standard_error, 0.04049875171086381, 1e-14);
  EXPECT_EQ(fixed.tau_squared, 0);
  EXPECT_TRUE(std::isnan(fixed.prediction_interval.lower));
}

TEST(MetaAnalysisTest, HomogeneousStudiesHaveNoVarianceBetweenThem) {
  for (const char* method : {"fixed", "dersimonian_laird", "reml", "paule_mandel"}) {
    const auto result = *meta_analysis({{1, 1.01, 0.99}, {0.5, 0.4, 0.6}, method});
    EXPECT_EQ(result.tau_squared, 0) << method;
    EXPECT_EQ(result.i_squared, 0) << method;
  }
}

TEST(MetaAnalysisTest, FewStudies) {
  const auto none = *meta_analysis({});
  EXPECT_TRUE(std::isnan(none.estimate));
  EXPECT_EQ(none.warnings.front().code, "no_studies");
  const auto one = *meta_analysis({{2}, {0.5}});
  EXPECT_EQ(one.estimate, 2);
  EXPECT_EQ(one.standard_error, 0.5);
  EXPECT_EQ(one.q, 0);
  EXPECT_TRUE(std::isnan(one.q_p_value));
  const auto same = *meta_analysis({{2, 2}, {0.5, 1}, "reml", 0.95, true});
  EXPECT_TRUE(std::isnan(same.p_value));
  EXPECT_EQ(same.warnings.front().code, "no_variance");
}

TEST(MetaAnalysisTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(meta_analysis({{1, 2}, {1}}).error().where, "standard_errors");
  EXPECT_EQ(meta_analysis({{1, 2}, {1, 0}}).error().where, "standard_errors[1]");
  EXPECT_EQ(meta_analysis({{1, NAN}, {1, 1}}).error().where, "estimates[1]");
  EXPECT_EQ(meta_analysis({{1}, {1}, "relm"}).error().hint, "Did you mean 'reml'?");
}

}  // namespace
}  // namespace descant::stats
