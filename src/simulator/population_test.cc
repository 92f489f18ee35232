// SPDX-License-Identifier: Apache-2.0
#include "simulator/population.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "simulator/test_world.h"
#include "simulator/vocabulary.h"

namespace descant::simulator {
namespace {

TEST(Population, ActivityIsHeavyTailed) {
  const TestWorld test = make_test_world(20'000);
  std::vector<double> activity;
  for (const Listener& listener : test.world->population.listeners)
    activity.push_back(listener.sessions_per_day);
  std::sort(activity.begin(), activity.end(), std::greater<>());
  const double total = std::accumulate(activity.begin(), activity.end(), 0.0);
  const double top = std::accumulate(activity.begin(), activity.begin() + 2'000, 0.0) / total;
  EXPECT_GT(top, 0.35);  // the tenth that listens most
  EXPECT_LT(top, 0.55);
}

TEST(Population, SharesSignUpsAndChurnAreAsDescribed) {
  const TestWorld test = make_test_world(20'000);
  double free = 0, fresh = 0, gone_before = 0, leave = 0, no_age = 0;
  for (const Listener& listener : test.world->population.listeners) {
    free += listener.plan == kFree;
    fresh += listener.signup_day >= 0;
    gone_before += listener.churn_day <= 0;
    leave += listener.churn_day > 0 && listener.churn_day < 70;
    no_age += listener.age_band < 0;
    EXPECT_TRUE(listener.churn_day > listener.signup_day);
    EXPECT_LT(listener.signup_day, 70);
  }
  EXPECT_NEAR(free / 20'000, 0.46, 0.015);
  EXPECT_NEAR(fresh / 20'000, 0.12, 0.01);
  EXPECT_NEAR(gone_before / 20'000, 0.88 * 0.12, 0.01);
  EXPECT_GT(leave / 20'000, 0.1);
  EXPECT_NEAR(no_age / 20'000, 0.03, 0.005);
}

TEST(Population, ListenersDoNotDependOnHowManyThereAre) {
  const TestWorld few = make_test_world(10), many = make_test_world(1'000);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(few.world->population.listeners[i].signup_day,
              many.world->population.listeners[i].signup_day);
    EXPECT_EQ(few.world->population.listeners[i].genres,
              many.world->population.listeners[i].genres);
  }
}

TEST(Population, KeysAreUniqueAndFitTheirKind) {
  std::set<std::int64_t> sparse;
  std::set<std::string> strings;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    sparse.insert(sparse_key(7, i));
    strings.insert(string_key(7, i));
  }
  EXPECT_EQ(sparse.size(), 20'000U);
  EXPECT_EQ(strings.size(), 20'000U);
  EXPECT_GE(*sparse.begin(), 0);
  EXPECT_GT(*sparse.rbegin(), std::int64_t{1} << 62);
  EXPECT_EQ(strings.begin()->size(), 22U);
  EXPECT_EQ(dense_key(0), 1);
}

TEST(Population, ExpectedPlaysIsTheMeanOfASession) {
  Random random(1, Purpose::kSession);
  double plays = 0;
  for (int i = 0; i < 200'000; ++i) plays += 1 + std::floor(random.exponential(6.0));
  EXPECT_NEAR(plays / 200'000, expected_plays(6.0), 0.05);
}

}  // namespace
}  // namespace descant::simulator
