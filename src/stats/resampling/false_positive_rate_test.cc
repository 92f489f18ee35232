// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/false_positive_rate.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

TEST(Calibration, IntervalsAreThoseOfClopperAndPearson) {
  // binom.test(x, n)$conf.int of R.
  const auto rate = clopper_pearson(7, 50, 0.95);
  EXPECT_NEAR(rate.lower, 0.058191700340372111, 1e-12);
  EXPECT_NEAR(rate.upper, 0.26739600249700846, 1e-12);
  EXPECT_EQ(clopper_pearson(0, 10, 0.95).lower, 0);
  EXPECT_NEAR(clopper_pearson(0, 10, 0.95).upper, 0.3084971078187608, 1e-12);
  EXPECT_EQ(clopper_pearson(10, 10, 0.95).upper, 1);
  EXPECT_TRUE(std::isnan(clopper_pearson(0, 0, 0.95).estimate));
}

TEST(Calibration, UniformityIsTheLargestDistance) {
  EXPECT_DOUBLE_EQ(uniformity_of({0.1, 0.4, 0.7, kUndefined}).statistic, 0.3);
  std::vector<double> even(1000);
  for (std::size_t i = 0; i < even.size(); ++i) even[i] = (static_cast<double>(i) + 0.5) / 1000;
  EXPECT_NEAR(uniformity_of(even).p_value, 1, 1e-9);
  for (double& p : even) p = p * p;
  EXPECT_LT(uniformity_of(even).p_value, 1e-9);
  // Kolmogorov's distribution exceeds 1.358 with probability 0.05.
  std::vector<double> shifted(1'000'000);
  for (std::size_t i = 0; i < shifted.size(); ++i)
    shifted[i] = std::min(1.0, (static_cast<double>(i) + 1) / 1e6 + 0.0013581);
  EXPECT_NEAR(uniformity_of(shifted).p_value, 0.05, 1e-3);
}

TEST(Calibration, EffectsInMomentsAreThoseInRows) {
  Random random(1, Purpose::kTest);
  for (const auto scale : {EffectScale::kRelative, EffectScale::kAbsolute})
    for (const bool ratio : {false, true}) {
      Moments planted(3), expected(3);
      for (int i = 0; i < 50; ++i) {
        const double row[] = {random.normal() + 3, random.exponential(2), random.normal()};
        planted.add(row);
        double outcome = row[0] * 1.2;
        if (scale == EffectScale::kAbsolute) outcome = row[0] + 0.2 * (ratio ? row[1] : 1.0);
        const double changed[] = {outcome, row[1], row[2]};
        expected.add(changed);
      }
      plant_effect(planted, ratio, scale, 0.2);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(planted.mean[i], expected.mean[i], 1e-12);
        for (std::size_t j = 0; j < 3; ++j)
          EXPECT_NEAR(planted.covariance(i, j), expected.covariance(i, j), 1e-12);
      }
    }
}

// Skewed outcomes with a covariate; clusters of four share most of the outcome.
FalsePositiveRateRequest request(const std::string& method, bool clustered = false) {
  Random random(3, Purpose::kTest);
  FalsePositiveRateRequest out;
  out.method = method;
  out.replicates = 2000;
  std::vector<double> values, denominator;
  Json cluster = Json::array();
  double shared = 0;
  for (int i = 0; i < 800; ++i) {
    if (i % 4 == 0) shared = random.exponential(3);
    const double own = random.exponential(1);
    values.push_back(shared + own + 1);
    denominator.push_back(1 + random.exponential(1));
    out.units.covariates["before"].push_back(shared + own / 2);
    cluster.push_back(i / 4);
  }
  if (clustered) out.units.cluster = cluster;
  if (method == "delta") {
    out.units.numerator = values;
    out.units.denominator = denominator;
  } else {
    out.units.values = values;
  }
  return out;
}

class CalibratedMethod : public testing::TestWithParam<const char*> {};

TEST_P(CalibratedMethod, RejectsAsOftenAsAlpha) {
  const auto result = *false_positive_rate(request(GetParam()));
  EXPECT_EQ(result.replicates, 2000);
  EXPECT_NEAR(result.rate.estimate, 0.05, 0.02);
  EXPECT_LT(result.uniformity.statistic, 0.08);  // a quantile's p-values are somewhat discrete
  EXPECT_EQ(std::accumulate(result.histogram.begin(), result.histogram.end(), std::int64_t{0}),
            2000);
}

INSTANTIATE_TEST_SUITE_P(Methods, CalibratedMethod,
                         testing::Values("welch", "student", "z", "delta", "cuped", "cuped_per_arm",
                                         "lin", "mann_whitney", "quantile"));

TEST(FalsePositiveRate, SeesThatIgnoredClustersRejectTooOften) {
  const auto ignored = *false_positive_rate(request("welch", true));
  EXPECT_GT(ignored.rate.estimate, 0.15);
  EXPECT_FALSE(ignored.calibrated);
  EXPECT_EQ(ignored.warnings.back().code, "not_calibrated");
  EXPECT_LT(ignored.uniformity.p_value, 1e-6);
  EXPECT_LT(false_positive_rate(request("quantile_cluster", true))->rate.estimate, 0.09);
  EXPECT_GT(false_positive_rate(request("quantile", true))->rate.estimate, 0.12);
}

TEST(FalsePositiveRate, PowerIsThatOfTheFormula) {
  auto asked = request("welch");
  asked.effects = {0.0, 0.1, 0.2};
  const auto result = *false_positive_rate(asked);
  EXPECT_EQ(result.effects[0].power.estimate, result.rate.estimate);
  const auto& y = *asked.units.values;
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / 800;
  double variance = 0;
  for (const double x : y) variance += (x - mean) * (x - mean) / 799;
  for (const std::size_t e : {std::size_t{1}, std::size_t{2}}) {
    const double factor = 1 + asked.effects[e];
    const double se = std::sqrt(variance / 400 * (1 + factor * factor));
    const double power = normal_cdf(asked.effects[e] * mean / se - 1.96);
    EXPECT_NEAR(result.effects[e].power.estimate, power, 0.05);
    EXPECT_LE(result.effects[e].power.lower, result.effects[e].power.estimate);
  }
  asked.method = "mann_whitney";
  asked.replicates = 200;
  EXPECT_GT(false_positive_rate(asked)->effects[2].power.estimate, 0.3);
  asked.effect_scale = "absolute";
  asked.effects = {1.0};
  EXPECT_GT(false_positive_rate(asked)->effects[0].power.estimate, 0.9);
}

TEST(FalsePositiveRate, MissingCovariatesAndTooFewUnitsWarn) {
  auto asked = request("cuped");
  asked.units.covariates["before"][3] = std::nullopt;
  EXPECT_EQ(false_positive_rate(asked)->warnings.front().code, "missing_covariate");
  FalsePositiveRateRequest few;
  few.units.values = std::vector<double>{1.0};
  const auto result = *false_positive_rate(few);
  EXPECT_EQ(result.replicates, 0);
  EXPECT_TRUE(std::isnan(result.rate.estimate));
  EXPECT_EQ(result.warnings.front().code, "undefined_replicates");
}

TEST(FalsePositiveRate, WrongRequestsNameTheField) {
  const auto where = [](const std::function<void(FalsePositiveRateRequest&)>& change) {
    auto asked = request("welch");
    change(asked);
    return false_positive_rate(asked).error().where;
  };
  EXPECT_EQ(where([](auto& r) { r.method = "delta"; }), "method");
  EXPECT_EQ(where([](auto& r) { r.method = "t"; }), "method");
  EXPECT_EQ(where([](auto& r) { r.alpha = 1; }), "alpha");
  EXPECT_EQ(where([](auto& r) { r.replicates = 0; }), "replicates");
  EXPECT_EQ(where([](auto& r) { r.treatment_share = 0; }), "treatment_share");
  EXPECT_EQ(where([](auto& r) { r.alternative = "up"; }), "alternative");
  EXPECT_EQ(where([](auto& r) { r.effects = {kUndefined}; }), "effects[0]");
  EXPECT_EQ(where([](auto& r) { r.units = Sample(); }), "units");
  EXPECT_EQ(where([](auto& r) {
              r.units.covariates.clear();
              r.method = "lin";
            }),
            "units.covariates");
  EXPECT_EQ(where([](auto& r) { r.method = "quantile_cluster"; }), "units.cluster");
}

}  // namespace
}  // namespace descant::stats
