// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/bootstrap_difference.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"
#include "stats/comparison/mean_difference.h"
#include "stats/comparison/quantile_difference.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

struct Columns {
  std::vector<double> numerator;
  std::vector<double> denominator;
  std::vector<std::uint32_t> cluster;  // five rows each, which share an effect
};

Columns columns(std::size_t n, std::uint64_t index) {
  Random random(1, Purpose::kTest, index);
  Columns out;
  double shared = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 5 == 0) shared = random.normal();
    out.cluster.push_back(static_cast<std::uint32_t>(i / 5));
    out.denominator.push_back(1 + random.exponential(2));
    out.numerator.push_back(0.3 * out.denominator.back() + shared + random.exponential(1) + 2);
  }
  return out;
}

const Columns kControl = columns(4000, 0);
const Columns kTreatment = columns(4000, 1);

Moments moments(const Columns& c) {
  Moments out(2);
  for (std::size_t i = 0; i < c.numerator.size(); ++i) {
    const double row[] = {c.numerator[i], c.denominator[i]};
    out.add(row);
  }
  return out;
}

BootstrapRows rows(const Columns& c, bool ratio, bool cluster = false) {
  BootstrapRows out{c.numerator};
  if (ratio) out.denominator = c.denominator;
  if (cluster) out.cluster = c.cluster;
  return out;
}

void expect_near(const Comparison& found, const Comparison& wanted) {
  const double se = wanted.absolute.standard_error;
  EXPECT_NEAR(found.absolute.estimate, wanted.absolute.estimate, 1e-12);
  EXPECT_NEAR(found.absolute.standard_error, se, 0.06 * se);
  EXPECT_NEAR(found.absolute.lower, wanted.absolute.lower, 0.25 * se);
  EXPECT_NEAR(found.absolute.upper, wanted.absolute.upper, 0.25 * se);
  const double relative = wanted.relative.standard_error;
  EXPECT_NEAR(found.relative.lower, wanted.relative.lower, 0.25 * relative);
  EXPECT_NEAR(found.relative.upper, wanted.relative.upper, 0.25 * relative);
  EXPECT_NEAR(found.p_value, wanted.p_value, 0.05);
}

TEST(BootstrapDifference, AgreesWithTheDeltaMethodInLargeArms) {
  for (const bool ratio : {false, true}) {
    const auto wanted =
        ratio ? *ratio_difference(moments(kControl), moments(kTreatment), {0, 1}, "delta", {})
              : *mean_difference(moments(kControl), moments(kTreatment), "z", {});
    for (const char* interval : {"percentile", "bca", "studentized"}) {
      SCOPED_TRACE(interval);
      BootstrapOptions bootstrap{ratio ? "ratio" : "mean"};
      bootstrap.interval = interval;
      const auto found =
          *bootstrap_difference(rows(kControl, ratio), rows(kTreatment, ratio), bootstrap, {});
      EXPECT_EQ(found.method, interval);
      expect_near(found, wanted);
    }
  }
}

TEST(BootstrapDifference, AgreesWithOrderStatisticsForQuantiles) {
  const QuantileRows control{kControl.numerator, kControl.cluster};
  const QuantileRows treatment{kTreatment.numerator, kTreatment.cluster};
  for (const bool cluster : {false, true})
    for (const char* interval : {"percentile", "bca", "studentized"}) {
      SCOPED_TRACE(interval);
      BootstrapOptions bootstrap{"quantile", 0.75};
      bootstrap.interval = interval;
      const auto found = bootstrap_difference(rows(kControl, false, cluster),
                                              rows(kTreatment, false, cluster), bootstrap, {});
      if (cluster && bootstrap.interval == "studentized") {
        EXPECT_EQ(found.error().where, "interval");
        continue;
      }
      const auto wanted = *quantile_difference(control, treatment,
                                               {0.75, cluster ? "cluster" : "order_statistic"}, {});
      EXPECT_NEAR(found->absolute.estimate, wanted.absolute.estimate, 1e-12);
      EXPECT_NEAR(found->absolute.standard_error, wanted.absolute.standard_error,
                  0.12 * wanted.absolute.standard_error);
    }
}

TEST(BootstrapDifference, ClustersWidenTheInterval) {
  const auto plain =
      *bootstrap_difference(rows(kControl, false), rows(kTreatment, false), {"mean"}, {});
  const auto clustered = *bootstrap_difference(rows(kControl, false, true),
                                               rows(kTreatment, false, true), {"mean"}, {});
  EXPECT_NEAR(plain.absolute.estimate, clustered.absolute.estimate, 1e-12);
  EXPECT_GT(clustered.absolute.standard_error, 1.2 * plain.absolute.standard_error);
  EXPECT_EQ(clustered.control.n, 4000);
}

TEST(BootstrapDifference, BcaFollowsTheSkew) {
  // Of a skewed mean the better interval reaches further to the right.
  const auto control = columns(60, 2), treatment = columns(60, 3);
  std::vector<double> few = treatment.numerator;
  for (double& x : few) x = std::exp(x);
  const std::vector<double> zero_like(1000, 0.0);
  auto noise = zero_like;
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = i % 2 == 0 ? 1e-3 : -1e-3;
  BootstrapOptions bootstrap;
  const auto percentile = *bootstrap_difference({noise}, {few}, bootstrap, {});
  bootstrap.interval = "bca";
  const auto bca = *bootstrap_difference({noise}, {few}, bootstrap, {});
  EXPECT_GT(bca.absolute.lower, percentile.absolute.lower);
  EXPECT_GT(bca.absolute.upper, percentile.absolute.upper);
}

TEST(BootstrapDifference, OneSidedTestsAndMarginsAreConsistentWithTheInterval) {
  for (const char* interval : {"percentile", "bca", "studentized"}) {
    SCOPED_TRACE(interval);
    BootstrapOptions bootstrap;
    bootstrap.interval = interval;
    ComparisonOptions options;
    options.alternative = "greater";
    const auto run = [&] {
      return *bootstrap_difference(rows(kControl, false), rows(kTreatment, false), bootstrap,
                                   options);
    };
    const auto bound = run();
    EXPECT_TRUE(std::isnan(bound.absolute.upper));
    options.null_value = bound.absolute.lower;  // then p is what the bound leaves out
    EXPECT_NEAR(run().p_value, 0.05, 0.002);
    options.null_value = 0;
    options.alternative = "two_sided";
    if (bound.absolute.lower < 0) {
      options.non_inferiority_margin = -bound.absolute.lower;
      EXPECT_NEAR(run().p_value, 0.05, 0.002);
    }
    options.non_inferiority_margin = 0.5;
    options.margin_scale = "relative";
    EXPECT_LT(run().p_value, 0.001);
  }
}

TEST(BootstrapDifference, TooLittleDataWarns) {
  const std::vector<double> none, one = {1}, equal = {2, 2, 2}, zeros = {0, 0, 0};
  const std::vector<std::uint32_t> same = {0, 0, 0};
  const std::vector<double> three = {1, 2, 4};
  const auto code = [](const BootstrapRows& arm, const std::string& statistic) {
    const auto result = *bootstrap_difference(arm, arm, {statistic}, {});
    EXPECT_TRUE(std::isnan(result.p_value));
    return result.warnings.empty() ? "" : result.warnings.front().code;
  };
  for (const char* statistic : {"mean", "quantile"}) {
    EXPECT_EQ(code({none}, statistic), "too_few_units");
    EXPECT_EQ(code({one}, statistic), "too_few_units");
    EXPECT_EQ(code({equal}, statistic), "no_variance");
    EXPECT_EQ(code({three, {}, same}, statistic), "too_few_clusters");
  }
  EXPECT_EQ(code({three, zeros}, "ratio"), "undefined_estimate");
}

TEST(BootstrapDifference, WrongOptionsNameTheField) {
  const std::vector<double> y = {1, 2, 3}, d = {1, 1, 1};
  const auto where = [](const BootstrapRows& arm, const BootstrapOptions& options) {
    return bootstrap_difference(arm, arm, options, {}).error().where;
  };
  EXPECT_EQ(where({y}, {"median"}), "statistic");
  EXPECT_EQ(where({y}, {"ratio"}), "control.denominator");
  EXPECT_EQ(where({y, d}, {"mean"}), "control.denominator");
  EXPECT_EQ(where({y}, {"quantile", 1.5}), "quantile");
  EXPECT_EQ(where({y}, {"mean", 0.5, 0}), "replicates");
  EXPECT_EQ(where({y}, {"mean", 0.5, 100, 1, "basic"}), "interval");
}

}  // namespace
}  // namespace descant::stats
