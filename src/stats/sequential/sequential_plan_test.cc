// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/sequential_plan.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

std::map<std::string, PlannedMethod> by_name(const SequentialPlanRequest& request) {
  std::map<std::string, PlannedMethod> methods;
  const auto result = *sequential_plan(request);
  for (const auto& method : result.methods) methods[method.method] = method;
  return methods;
}

TEST(SequentialPlan, HasTheKnownInflationFactors) {
  SequentialPlanRequest request;
  request.effect = 0.1;
  const auto methods = by_name(request);
  EXPECT_EQ(methods.at("fixed").n_maximum, 3140);
  EXPECT_EQ(methods.at("fixed_power").n_maximum, 3140);
  EXPECT_NEAR(methods.at("lan_demets_obrien_fleming").inflation_factor, 1.0247, 5e-5);
  EXPECT_NEAR(methods.at("lan_demets_pocock").inflation_factor, 1.2126, 5e-5);
  EXPECT_NEAR(methods.at("power").inflation_factor, 1.0634, 5e-5);
  // Jennison and Turnbull 2000, tables 2.2 and 2.4: 1.228 and 1.028 for five looks.
  EXPECT_NEAR(methods.at("pocock").inflation_factor, 1.228, 2e-3);
  EXPECT_NEAR(methods.at("obrien_fleming").inflation_factor, 1.028, 1e-3);
}

TEST(SequentialPlan, GivesEveryMethodThePowerAndKeepsAlpha) {
  for (const std::int64_t sides : {1, 2}) {
    SequentialPlanRequest request;
    request.effect = -0.2;
    request.sides = sides;
    request.looks = 10;
    request.allocation = 0.3;
    request.power = 0.9;
    request.spending = SpendingFunction{"wang_tsiatis", 0.25};
    const auto methods = by_name(request);
    EXPECT_EQ(methods.size(), 13);
    for (const auto& [name, method] : methods) {
      EXPECT_NEAR(method.power, 0.9, 1e-8) << name;
      EXPECT_LE(method.false_positive_rate, 0.05 + 1e-9) << name;
      EXPECT_LE(method.n_expected, method.n_maximum) << name;
      EXPECT_LE(method.n_expected_without_effect, method.n_maximum) << name;
      EXPECT_GE(method.inflation_factor, 1 - 1e-9) << name;
    }
  }
}

TEST(SequentialPlan, NamesTheWrongField) {
  SequentialPlanRequest request;
  EXPECT_EQ(sequential_plan(request).error().where, "effect");
  request.effect = 1;
  request.information = {0.5, 0.9};
  EXPECT_EQ(sequential_plan(request).error().where, "information");
  request.information = {0.5, 0.4, 1};
  EXPECT_EQ(sequential_plan(request).error().where, "information[1]");
  request.information.clear();
  request.standard_deviation = 0;
  EXPECT_EQ(sequential_plan(request).error().where, "standard_deviation");
}

}  // namespace
}  // namespace descant::stats
