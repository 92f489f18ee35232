// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/confidence_sequence.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

LookInput numbers(double n, double estimate, double standard_error) {
  LookInput look;
  look.n = n;
  look.estimate = estimate;
  look.standard_error = standard_error;
  return look;
}

Sample moments(std::int64_t n, double mean, double variance) {
  Sample sample;
  sample.n = n;
  sample.mean = mean;
  sample.variance = variance;
  return sample;
}

TEST(ConfidenceSequence, OfAPairIsThatOfItsEstimate) {
  ConfidenceSequenceRequest request;
  request.parameters.optimal_n = 1000;
  request.pair.control = moments(400, 10, 9);
  request.pair.treatment = moments(500, 10.5, 16);
  const auto pair = *confidence_sequence(request);
  request.pair = {};
  request.looks = {numbers(900, 0.5, std::sqrt(9 / 400.0 + 16 / 500.0))};
  const auto same = *confidence_sequence(request);
  EXPECT_NEAR(pair.looks[0].result.lower, same.looks[0].result.lower, 1e-12);
  EXPECT_NEAR(pair.looks[0].result.p_value, same.looks[0].result.p_value, 1e-12);
}

TEST(ConfidenceSequence, YeastIsOneSidedUnlessAsked) {
  ConfidenceSequenceRequest request;
  request.method = "yeast";
  request.parameters.planned_n = 1000;
  request.looks = {numbers(500, 0.2, 0.1)};
  EXPECT_EQ(confidence_sequence(request)->alternative, "greater");
  request.alternative = "two_sided";
  const auto two = *confidence_sequence(request);
  EXPECT_NEAR(two.looks[0].result.bound, 2.241402727604947 * std::sqrt(2), 1e-12);
}

TEST(ConfidenceSequence, TellsTheFirstCrossing) {
  ConfidenceSequenceRequest request;
  request.method = "msprt";
  request.parameters.tau_squared = 0.1;
  request.looks = {numbers(10, 0.1, 0.1), numbers(20, 0.5, 0.09), numbers(30, 0.0, 0.08)};
  const auto result = *confidence_sequence(request);
  EXPECT_EQ(result.first_crossed_look, 2);
  EXPECT_TRUE(result.looks[2].result.crossed);
  EXPECT_EQ(result.looks[2].result.p_value, result.looks[1].result.p_value);
}

std::string where_of(const ConfidenceSequenceRequest& request) {
  const auto result = confidence_sequence(request);
  return result.ok() ? "no error" : result.error().where;
}

TEST(ConfidenceSequence, NamesTheWrongField) {
  ConfidenceSequenceRequest request;
  EXPECT_EQ(where_of(request), "optimal_n");
  request.parameters.optimal_n = 100;
  EXPECT_EQ(where_of(request), "looks");
  request.looks = {numbers(10, 1, 1)};
  request.parameters.rho = 1;
  EXPECT_EQ(where_of(request), "rho");
  request.parameters.rho.reset();
  request.alpha = 0.05;
  request.confidence_level = 0.95;
  EXPECT_EQ(where_of(request), "alpha");
  request.alpha.reset();
  request.looks[0].n.reset();
  EXPECT_EQ(where_of(request), "looks[0].n");
  request.looks[0] = numbers(10, 1, -1);
  EXPECT_EQ(where_of(request), "looks[0].standard_error");
  request.looks[0] = {};
  request.looks[0].control = moments(10, 1, 1);
  EXPECT_EQ(where_of(request), "looks[0].treatment");
  request.looks[0].treatment = moments(10, 1, -1);
  EXPECT_EQ(where_of(request), "looks[0].treatment.variance");
}

// Arms of one unit have no variance: numbers are undefined, and the result says so.
TEST(ConfidenceSequence, OfTooFewUnitsWarns) {
  ConfidenceSequenceRequest request;
  request.parameters.optimal_n = 100;
  request.pair.control = moments(1, 1, 0);
  request.pair.treatment = moments(0, 0, 0);
  const auto result = *confidence_sequence(request);
  EXPECT_TRUE(std::isnan(result.looks[0].result.lower));
  EXPECT_FALSE(result.warnings.empty());
}

}  // namespace
}  // namespace descant::stats
