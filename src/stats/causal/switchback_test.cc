// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/switchback.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

SwitchbackRequest four_runs() {
  SwitchbackRequest request;
  request.time_bucket = {1, 2, 3, 4, 5, 6, 7, 8};
  request.arm = {0, 0, 1, 1, 0, 0, 1, 1};
  request.outcome = {10, 11, 14, 13, 10.5, 11.5, 13, 15};
  return request;
}

TEST(SwitchbackTest, IsWelchsTestOnBucketMeans) {
  const auto result = *switchback_of_rows(four_runs());
  EXPECT_NEAR(result.comparison.statistic, 5.196152422706632, 1e-12);
  EXPECT_NEAR(result.comparison.degrees_of_freedom, 5.26027397260274, 1e-12);
  EXPECT_NEAR(result.comparison.p_value, 0.0029977607489700673, 1e-13);
  EXPECT_EQ(result.buckets.switches, 3);
  EXPECT_EQ(result.buckets.blocks, 4);
  EXPECT_EQ(result.comparison.warnings.at(0).code, "few_buckets");
}

TEST(SwitchbackTest, LeavesOutTheBucketsAfterASwitchButNotTheFirst) {
  auto request = four_runs();
  request.options.carryover_buckets = 1;
  const auto result = *switchback_of_rows(request);
  EXPECT_EQ(result.buckets.control, 3);
  EXPECT_EQ(result.buckets.treatment, 2);
  EXPECT_EQ(result.buckets.dropped, 3);
  EXPECT_NEAR(result.comparison.statistic, 2.8974728363194884, 1e-12);
  request.options.carryover_buckets = 2;
  const auto all_dropped = *switchback_of_rows(request);
  EXPECT_EQ(all_dropped.buckets.treatment, 0);
  EXPECT_TRUE(std::isnan(all_dropped.comparison.p_value));
}

TEST(SwitchbackTest, RowsOfABucketAddUpInAnyOrder) {
  auto request = four_runs();
  const auto once = *switchback_of_rows(request);
  request.time_bucket = {8, 7, 6, 5, 4, 3, 2, 1, 8};
  request.arm = {1, 1, 0, 0, 1, 1, 0, 0, 1};
  request.outcome = {14, 13, 11.5, 10.5, 13, 14, 11, 10, 16};
  EXPECT_NEAR(switchback_of_rows(request)->comparison.p_value, once.comparison.p_value, 1e-13);
  request.options.weighting = "rows";
  EXPECT_NEAR(switchback_of_rows(request)->comparison.treatment.estimate, 14, 1e-13);
  request.arm[0] = 0;
  EXPECT_EQ(switchback_of_rows(request).error().where, "arm[8]");
}

TEST(SwitchbackTest, PlacesSwitchEachAtTheirOwnTimes) {
  auto request = four_runs();
  request.place = {"north", "north", "north", "north", "south", "south", "south", "south"};
  request.time_bucket = {1, 2, 3, 4, 1, 2, 3, 4};
  request.options.carryover_buckets = 1;
  const auto result = *switchback_of_rows(request);
  EXPECT_EQ(result.buckets.switches, 2);
  EXPECT_EQ(result.buckets.dropped, 2);
}

TEST(SwitchbackTest, DrawsRepeatByTheirSeed) {
  auto request = four_runs();
  request.options.bootstrap_replicates = 200;
  request.options.randomisation_replicates = 500;
  request.options.seed = 7;
  const auto first = *switchback_of_rows(request);
  const auto second = *switchback_of_rows(request);
  EXPECT_EQ(first.bootstrap->lower, second.bootstrap->lower);
  // Six ways to deal four blocks, two of them at least as extreme as the data.
  EXPECT_NEAR(*first.randomisation_p_value, 2.0 / 6, 0.08);
  request.options.block_buckets = 3;
  EXPECT_EQ(switchback_of_rows(request).error().where, "block_buckets");
}

TEST(SwitchbackTest, TheRandomisationTestHoldsItsLevel) {
  int rejected = 0;
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    SwitchbackRequest request;
    enum class Purpose { kTrial = 1 };
    Random random(11, Purpose::kTrial, static_cast<std::uint64_t>(trial));
    double level = 0;
    for (int block = 0; block < 12; ++block) {
      const int arm = random.chance(0.5) ? 1 : 0;
      for (int bucket = 0; bucket < 4; ++bucket) {
        level = 0.7 * level + random.normal();
        request.time_bucket.push_back(4 * block + bucket);
        request.arm.push_back(arm);
        request.outcome.push_back(level);
      }
    }
    request.options.block_buckets = 4;
    request.options.randomisation_replicates = 99;
    rejected += *switchback_of_rows(request)->randomisation_p_value <= 0.1 ? 1 : 0;
  }
  EXPECT_NEAR(rejected / static_cast<double>(kTrials), 0.1, 3 * std::sqrt(0.09 / kTrials));
}

TEST(SwitchbackTest, NoBucketsAreAResultAndEmptyWeightsAnError) {
  SwitchbackOptions options;
  options.bootstrap_replicates = 10;
  const auto empty = *switchback({}, options);
  EXPECT_TRUE(std::isnan(empty.comparison.absolute.estimate));
  EXPECT_EQ(switchback({{0, 1, 0, 2, 0}}, options).error().where, "denominator");
  EXPECT_FALSE(switchback({{0, 1, 0, 2, 1}, {0, 1, 1, 2, 1}}, options));
}

}  // namespace
}  // namespace descant::stats
