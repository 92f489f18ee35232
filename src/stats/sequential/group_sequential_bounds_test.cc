// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/group_sequential_bounds.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "stats/distributions.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

std::vector<double> equal_looks(std::size_t looks) {
  std::vector<double> information;
  for (std::size_t k = 1; k <= looks; ++k)
    information.push_back(static_cast<double>(k) / static_cast<double>(looks));
  return information;
}

GroupSequentialBoundsRequest request_of(std::size_t looks, SpendingFunction spending) {
  GroupSequentialBoundsRequest request;
  request.information = equal_looks(looks);
  request.spending = std::move(spending);
  return request;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance);
}

struct Published {
  std::string function;
  std::optional<double> parameter;
  std::vector<double> upper;
};

class PublishedBounds : public ::testing::TestWithParam<Published> {};

// Jennison and Turnbull 2000, tables 2.1 and 2.3, and the printed values of gsDesign and ld98.
INSTANTIATE_TEST_SUITE_P(
    Families, PublishedBounds,
    ::testing::Values(
        Published{"lan_demets_obrien_fleming", {}, {4.8769, 3.3570, 2.6803, 2.2898, 2.0310}},
        Published{"lan_demets_obrien_fleming", {}, {3.7103, 2.5114, 1.9930}},
        Published{"lan_demets_pocock", {}, {2.4380, 2.4268, 2.4102, 2.3966, 2.3860}},
        Published{"power", 2.0, {3.0902, 2.7141, 2.4728, 2.2799, 2.1140}},
        Published{"hwang_shih_decani", -4.0, {3.2527, 2.9860, 2.6917, 2.3737, 2.0253}},
        Published{"pocock", {}, {2.4132, 2.4132, 2.4132, 2.4132, 2.4132}},
        Published{"obrien_fleming", {}, {4.5617, 3.2256, 2.6337, 2.2809, 2.0401}}));

TEST_P(PublishedBounds, AreReached) {
  const auto& published = GetParam();
  const auto result = group_sequential_bounds(
      request_of(published.upper.size(), {published.function, published.parameter}));
  ASSERT_TRUE(result.ok());
  expect_near(result->upper, published.upper, 6e-5);
  for (std::size_t k = 0; k < result->upper.size(); ++k) {
    EXPECT_EQ((*result->lower)[k], -result->upper[k]);
    EXPECT_NEAR(result->nominal_p[k], 2 * normal_upper_tail(result->upper[k]), 1e-15);
  }
  EXPECT_NEAR(result->alpha_spent.back(), 0.05, 1e-10);
}

TEST(GroupSequentialBounds, InflateTheSampleAsPublished) {
  const auto factor = [](std::string function, std::optional<double> parameter, double power) {
    auto request = request_of(5, {std::move(function), parameter});
    request.power = power;
    return group_sequential_bounds(request)->inflation_factor;
  };
  EXPECT_NEAR(factor("lan_demets_obrien_fleming", {}, 0.8), 1.0247, 5e-5);
  EXPECT_NEAR(factor("lan_demets_obrien_fleming", {}, 0.9), 1.0231, 5e-5);
  EXPECT_NEAR(factor("power", 2.0, 0.8), 1.0634, 5e-5);
  EXPECT_NEAR(factor("power", 2.0, 0.9), 1.0583, 1e-4);
}

// The default design of gsDesign: 3 looks, alpha .025, beta .1.
TEST(GroupSequentialBounds, HaveFutilityBoundsThatMeetAtTheEnd) {
  auto request = request_of(3, {"hwang_shih_decani", -4.0});
  request.alpha = 0.025;
  request.sides = 1;
  request.power = 0.9;
  request.beta_spending = SpendingFunction{"hwang_shih_decani", -2.0};
  auto result = group_sequential_bounds(request);
  ASSERT_TRUE(result.ok());
  expect_near(result->upper, {3.010739, 2.546531, 1.999226}, 1e-6);
  expect_near(*result->lower, {-0.2387240, 0.9410673, 1.999226}, 1e-6);
  EXPECT_NEAR(result->inflation_factor, 1.069883, 1e-6);

  request = request_of(5, {"power", 2.0});
  request.sides = 1;
  request.power = 0.95;
  request.beta_spending = SpendingFunction{"power", 2.0};
  request.binding_futility = true;
  result = group_sequential_bounds(request);
  ASSERT_TRUE(result.ok());
  expect_near(result->upper, {2.878161739, 2.470227576, 2.200766755, 1.977843224, 1.726038784},
              2e-5);
  expect_near(*result->lower, {-1.334340300, -0.286934359, 0.473210395, 1.109799112, 1.726038784},
              2e-5);
  EXPECT_NEAR(result->inflation_factor, 1.101157991, 2e-5);
}

TEST(GroupSequentialBounds, DependOnlyOnTheLooksSoFar) {
  const std::vector<double> information = {0.1, 0.13, 0.4, 0.41, 0.8, 1.0};
  GroupSequentialBoundsRequest request;
  request.information = information;
  const auto all = *group_sequential_bounds(request);
  for (std::size_t k = 1; k < information.size(); ++k) {
    request.information.assign(information.begin(),
                               information.begin() + static_cast<std::ptrdiff_t>(k));
    const auto early = *group_sequential_bounds(request);
    for (std::size_t j = 0; j < k; ++j) EXPECT_EQ(early.upper[j], all.upper[j]);
    EXPECT_TRUE(std::isnan(early.inflation_factor));
    EXPECT_EQ(early.warnings.size(), 1);
  }
}

// A daily look for 16 weeks, by the probabilities of both tails.
TEST(GroupSequentialBounds, OfManyLooksSpendTheirAlpha) {
  const auto request = request_of(112, {"power", 2.0});
  const auto bounds = *look_bounds(request);
  const auto stops = stop_probabilities(request.information, bounds, 0);
  double spent = 0;
  for (std::size_t k = 0; k < 112; ++k) {
    spent += stops.above[k] + stops.below[k];
    EXPECT_NEAR(spent, 2 * bounds.alpha_spent[k], 1e-9);
  }
  EXPECT_NEAR(bounds.upper.back(), 2.28858288, 1e-7);
}

TEST(GroupSequentialBounds, AboveEightAreNeverCrossed) {
  GroupSequentialBoundsRequest request;
  request.information = {0.01, 0.02, 1};
  const auto result = *group_sequential_bounds(request);
  EXPECT_EQ(result.upper[0], 8);
  EXPECT_EQ(result.upper[1], 8);
  EXPECT_NEAR(result.upper[2], -normal_quantile(0.025), 1e-9);
}

TEST(GroupSequentialBounds, OfOneLookAreTheOrdinaryTest) {
  for (const auto* function : {"lan_demets_pocock", "obrien_fleming", "pocock"}) {
    const auto result = *group_sequential_bounds(request_of(1, {function, {}}));
    EXPECT_NEAR(result.upper[0], 1.959963984540054, 1e-12);
    EXPECT_NEAR(result.inflation_factor, 1, 1e-10);
  }
}

std::string where_of(const GroupSequentialBoundsRequest& request) {
  const auto result = group_sequential_bounds(request);
  return result.ok() ? "no error" : result.error().where;
}

TEST(GroupSequentialBounds, NameTheWrongField) {
  GroupSequentialBoundsRequest request;
  EXPECT_EQ(where_of(request), "information");
  request.information = {0.5, 0.5};
  EXPECT_EQ(where_of(request), "information[1]");
  request.information = {0.5, 1.1};
  EXPECT_EQ(where_of(request), "information[1]");
  request.information = {0, 1};
  EXPECT_EQ(where_of(request), "information[0]");
  request.information = {0.99999999999, 1};
  EXPECT_EQ(where_of(request), "information[1]");
  request.information = {0.5, 1};
  request.spending = {"power", {}};
  EXPECT_EQ(where_of(request), "spending.parameter");
  request.spending = {"pocock", 1.0};
  EXPECT_EQ(where_of(request), "spending.parameter");
  request.spending = {"bonferroni", {}};
  EXPECT_EQ(where_of(request), "spending.function");
  request.spending = {};
  request.beta_spending = SpendingFunction{};
  EXPECT_EQ(where_of(request), "sides");
  request.beta_spending.reset();
  request.alpha = 1;
  EXPECT_EQ(where_of(request), "alpha");
}

}  // namespace
}  // namespace descant::stats
