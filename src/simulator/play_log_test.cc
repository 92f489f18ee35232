// SPDX-License-Identifier: Apache-2.0
#include "simulator/play_log.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "simulator/test_world.h"

namespace descant::simulator {
namespace {

TEST(PlayLog, IsInTimeOrderAndHoldsEverySession) {
  const TestWorld test = make_test_world(20'000, 20);
  const World& world = *test.world;
  const InfluenceAt influence = influence_of(test.planted);
  PlayLog log(world, influence, 2);
  std::vector<std::size_t> by_listener(world.population.listeners.size());
  std::size_t total = 0;
  std::uint32_t last = 0;
  for (std::uint32_t day = 0; day < world.period.days; ++day) {
    const auto plays = log.next_day();
    ASSERT_TRUE(plays);
    for (const Play& play : *plays) {
      EXPECT_GE(play.second, last);
      last = play.second;
      EXPECT_EQ(play.second / kSecondsPerDay, day);
      ++by_listener[play.listener];
    }
    total += plays->size();
  }
  EXPECT_FALSE(log.next_day());
  EXPECT_NEAR(static_cast<double>(total), world.population.expected_plays,
              0.03 * world.population.expected_plays);

  // One listener after the other gives the same plays, up to the end of the period.
  const std::vector<bool> played = log.played();
  for (std::uint32_t i = 0; i < 500; ++i) {
    std::vector<Play> own;
    std::uint32_t busy_until = 0;
    for (std::uint32_t day = 0; day < world.period.days; ++day)
      simulate_day(world, influence, i, day, busy_until, own);
    const auto kept = std::count_if(
        own.begin(), own.end(), [&](const Play& play) { return play.second < world.end_second(); });
    EXPECT_EQ(static_cast<std::size_t>(kept), by_listener[i]);
    EXPECT_EQ(played[i], kept > 0);
  }
}

}  // namespace
}  // namespace descant::simulator
