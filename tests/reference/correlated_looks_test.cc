// SPDX-License-Identifier: Apache-2.0
// The bounds of looks with any correlation against those of tests/reference/correlated_looks.json.
#include "stats/sequential/correlated_looks.h"

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "base/json.h"

namespace descant::stats {
namespace {

// What correlated_looks.h promises.
constexpr double kTolerance = 1e-3;

CorrelatedLooks looks_of(const Json& item) {
  CorrelatedLooks looks;
  looks.information = item["information"].get<std::vector<double>>();
  for (const auto& row : item["correlation"])
    for (const double value : row.get<std::vector<double>>()) looks.covariance.push_back(value);
  looks.alpha = item["alpha"];
  looks.sides = item["sides"];
  looks.spending.function = item["spending"]["function"];
  if (item["spending"].contains("parameter"))
    looks.spending.parameter = item["spending"]["parameter"].get<double>();
  return looks;
}

TEST(CorrelatedLooksReferenceTest, BoundsAreThoseOfNestedQuadrature) {
  std::ifstream stream("tests/reference/correlated_looks.json");
  const Json document = Json::parse(stream);
  ASSERT_FALSE(document["cases"].empty());
  for (const auto& item : document["cases"]) {
    const auto bounds = correlated_bounds(looks_of(item));
    ASSERT_TRUE(bounds.ok()) << item["name"];
    const auto expected = item["bounds"].get<std::vector<double>>();
    ASSERT_EQ(bounds->upper.size(), expected.size()) << item["name"];
    for (std::size_t k = 0; k < expected.size(); ++k)
      EXPECT_NEAR(bounds->upper[k], expected[k], kTolerance) << item["name"] << " look " << k + 1;
  }
}

}  // namespace
}  // namespace descant::stats
