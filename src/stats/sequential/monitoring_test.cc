// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/monitoring.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/distributions.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/normal_mixture.h"

namespace descant::stats {
namespace {

// A mean difference whose standard error falls with the units of both arms.
std::vector<MonitoredLook> looks_of(const std::vector<double>& estimates, double planned_n) {
  std::vector<MonitoredLook> looks;
  for (std::size_t k = 0; k < estimates.size(); ++k) {
    const double n = planned_n * static_cast<double>(k + 1) / static_cast<double>(estimates.size());
    looks.push_back({n / planned_n, n, estimates[k], 2 / std::sqrt(n)});
  }
  return looks;
}

const std::vector<double> kEstimates = {0.3, 0.1, 0.13, 0.12, 0.11};

std::vector<MonitoringMethod> every_method() {
  MonitoringMethod group_sequential;
  MonitoringMethod asymptotic;
  asymptotic.method = "asymptotic";
  asymptotic.optimal_n = 2000;
  MonitoringMethod gavi;
  gavi.method = "gavi";
  gavi.rho = 500;
  MonitoringMethod msprt;
  msprt.method = "msprt";
  msprt.tau_squared = 0.01;
  MonitoringMethod yeast;
  yeast.method = "yeast";
  yeast.planned_n = 4000;
  MonitoringMethod fixed_power;
  fixed_power.method = "fixed_power";
  fixed_power.minimum_detectable_effect = 0.1;
  return {group_sequential, asymptotic, gavi, msprt, yeast, fixed_power};
}

class EveryMethod : public ::testing::TestWithParam<std::tuple<std::size_t, std::string>> {
 protected:
  MonitoringMethod method() const {
    MonitoringMethod method = every_method()[std::get<0>(GetParam())];
    method.alternative = std::get<1>(GetParam());
    return method;
  }
};
INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod,
                         ::testing::Combine(::testing::Range<std::size_t>(0, 6),
                                            ::testing::Values("two_sided", "greater", "less")));

void expect_same(double a, double b) { EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))); }

TEST_P(EveryMethod, GivesTheSameLooksWhenMoreFollow) {
  const auto looks = looks_of(kEstimates, 4000);
  const auto all = *monitor(looks, method());
  for (std::size_t k = 1; k < looks.size(); ++k) {
    const auto early = *monitor(std::span(looks).first(k), method());
    for (std::size_t j = 0; j < k; ++j) {
      expect_same(early.looks[j].bound, all.looks[j].bound);
      expect_same(early.looks[j].p_value, all.looks[j].p_value);
      EXPECT_EQ(early.looks[j].crossed, all.looks[j].crossed);
    }
  }
}

// The p-value reaches alpha where the bound is crossed, and the interval excludes the null there.
TEST_P(EveryMethod, AgreesWithItself) {
  for (const double effect : {-0.3, -0.1, 0.0, 0.08, 0.2}) {
    std::vector<double> estimates;
    for (const double estimate : kEstimates) estimates.push_back(estimate - 0.1 + effect);
    const auto looks = looks_of(estimates, 4000);
    const auto monitored = *monitor(looks, method());
    for (std::size_t k = 0; k < looks.size(); ++k) {
      const auto& look = monitored.looks[k];
      if (std::isnan(look.p_value)) continue;
      EXPECT_EQ(look.p_value <= method().alpha, look.crossed) << effect << " " << k;
      if (monitored.first_crossed == k) {
        EXPECT_TRUE(look.lower > 0 || look.upper < 0) << effect << " " << k;
      }
      if (k > 0 && !std::isnan(monitored.looks[k - 1].p_value)) {
        EXPECT_LE(look.p_value, monitored.looks[k - 1].p_value);
      }
    }
  }
}

TEST_P(EveryMethod, LeavesALookWithoutAStandardErrorEmpty) {
  auto looks = looks_of(kEstimates, 4000);
  looks[1].standard_error = 0;
  looks[2].estimate = kUndefined;
  const auto monitored = *monitor(looks, method());
  EXPECT_GE(monitored.warnings.size(), 2);
  for (const std::size_t k : {1, 2}) {
    EXPECT_TRUE(std::isnan(monitored.looks[k].statistic));
    EXPECT_TRUE(std::isnan(monitored.looks[k].lower));
  }
}

// The smallest of the looks' repeated p-values is found again by solving for alpha by hand.
TEST(Monitoring, GroupSequentialPValueIsTheSmallestAlphaThatCrosses) {
  const auto looks = looks_of({0.1, 0.13, 0.12, 0.1, 0.09}, 4000);
  const auto monitored = *monitor(looks, MonitoringMethod{});
  const double p = monitored.looks.back().p_value;
  std::vector<double> information;
  for (const auto& look : looks) information.push_back(look.information);
  const auto crosses = [&](double alpha) {
    const auto bounds = spending_bounds(information, {}, alpha / 2, true);
    bool any = false;
    for (std::size_t k = 0; k < looks.size(); ++k)
      any = any || monitored.looks[k].statistic >= bounds.upper[k];
    return any;
  };
  EXPECT_TRUE(crosses(p * (1 + 1e-7)));
  EXPECT_FALSE(crosses(p * (1 - 1e-7)));
}

// Unit tests of the authors' confseq: v = 100, v_opt = 100, alpha = .05.
TEST(Monitoring, MixtureBoundariesAreThoseOfConfseq) {
  const double two = optimal_weight(100, 0.05, true);
  EXPECT_NEAR(1 / two, 12.60056, 1e-5);
  EXPECT_NEAR(10 * mixture_bound(100 * two, 0.05, MixtureSides::kTwo), 30.35209, 1e-5);
  const double one = optimal_weight(100, 0.05, false);
  EXPECT_NEAR(10 * mixture_bound(100 * one, 0.05, MixtureSides::kOne), 27.66071, 1e-5);
}

// GrowthBook's numbers for an effect of .5034 with error .3334 on 6,461 users.
TEST(Monitoring, AsymptoticIntervalsAreThoseOfGrowthBook) {
  MonitoringMethod method;
  method.method = "asymptotic";
  method.optimal_n = 1000;
  const std::vector<MonitoredLook> looks = {{1, 6461, 0.5033610858562358, 0.3334122146400735}};
  const auto two = monitor(looks, method)->looks[0];
  EXPECT_NEAR(two.lower, -0.55844, 1e-5);
  EXPECT_NEAR(two.upper, 1.56516, 1e-5);
  method.optimal_n = 5000;
  method.alternative = "greater";
  const auto one = monitor(looks, method)->looks[0];
  EXPECT_NEAR(one.lower, -0.42356454602790883, 1e-12);
  EXPECT_TRUE(std::isnan(one.upper));
}

TEST(Monitoring, MsprtIsItsClosedForm) {
  MonitoringMethod method;
  method.method = "msprt";
  method.tau_squared = 0.04;
  const double n = 500;  // per arm, variance 1
  const double d = 0.15;
  const std::vector<MonitoredLook> looks = {{1, 2 * n, d, std::sqrt(2 / n)}};
  const double likelihood_ratio =
      std::sqrt(2 / (2 + n * 0.04)) * std::exp(n * n * 0.04 * d * d / (4 * (2 + n * 0.04)));
  EXPECT_NEAR(monitor(looks, method)->looks[0].p_value, 1 / likelihood_ratio, 1e-12);
}

TEST(Monitoring, YeastHoldsTheRunningSumAgainstOneBound) {
  MonitoringMethod method;
  method.method = "yeast";
  method.alternative = "greater";
  method.planned_n = 1000;
  const double sigma = 3;
  const std::vector<MonitoredLook> looks = {{kUndefined, 250, 0.5, sigma / std::sqrt(250)},
                                            {kUndefined, 1001, 0.5, sigma / std::sqrt(1001)}};
  const auto monitored = *monitor(looks, method);
  const double sum_bound = 1.959963984540054 * sigma * std::sqrt(1000);
  EXPECT_NEAR(monitored.looks[0].lower, 0.5 - sum_bound / 250, 1e-12);
  EXPECT_TRUE(std::isnan(monitored.looks[1].p_value));
  EXPECT_EQ(monitored.warnings[0].code, "beyond_planned_n");
}

TEST(Monitoring, FixedPowerTestsOnceAtItsPrecision) {
  MonitoringMethod method;
  method.method = "fixed_power";
  method.minimum_detectable_effect = 0.2801585218;
  const std::vector<MonitoredLook> looks = {
      {1, 1, 0.9, 0.11}, {1, 1, 0.15, 0.0999}, {1, 1, 0.3, 0.09}};
  const auto monitored = *monitor(looks, method);
  EXPECT_FALSE(monitored.looks[0].crossed);
  EXPECT_TRUE(std::isnan(monitored.looks[0].p_value));
  EXPECT_NEAR(monitored.looks[1].p_value, 2 * normal_upper_tail(0.15 / 0.0999), 1e-15);
  EXPECT_EQ(monitored.looks[2].p_value, monitored.looks[1].p_value);
  EXPECT_EQ(monitored.looks[2].upper, monitored.looks[1].upper);
}

std::string where_of(const MonitoringMethod& method) {
  const auto looks = looks_of(kEstimates, 4000);
  const auto monitored = monitor(looks, method);
  return monitored.ok() ? "no error" : monitored.error().where;
}

TEST(Monitoring, NamesTheWrongField) {
  MonitoringMethod method;
  method.method = "asymptotic";
  EXPECT_EQ(where_of(method), "optimal_n");
  method.optimal_n = -1;
  EXPECT_EQ(where_of(method), "optimal_n");
  method.method = "gavi";
  EXPECT_EQ(where_of(method), "optimal_intrinsic_time");
  method.method = "sprt";
  EXPECT_EQ(where_of(method), "method");
  method.method = "group_sequential";
  method.spending.function = "pocock";
  EXPECT_EQ(where_of(method), "spending.function");
  method.spending = {};
  method.alpha = 0;
  EXPECT_EQ(where_of(method), "alpha");
}

}  // namespace
}  // namespace descant::stats
