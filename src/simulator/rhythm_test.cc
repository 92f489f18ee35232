// SPDX-License-Identifier: Apache-2.0
#include "simulator/rhythm.h"

#include <gtest/gtest.h>

namespace descant::simulator {
namespace {

class RhythmTest : public testing::Test {
 protected:
  static std::size_t market_of(const std::string& zone) {
    for (std::size_t i = 0; i < markets().size(); ++i) {
      if (markets()[i].zone == zone) return i;
    }
    ADD_FAILURE() << zone;
    return 0;
  }
  // Share of a day's activity in each UTC hour.
  std::array<double, 24> hours(std::size_t market, std::uint32_t day) const {
    std::array<double, 24> shares{};
    Random random(1, Purpose::kDay, market, day);
    for (int i = 0; i < 40'000; ++i)
      shares[rhythm_.pick_second(market, day, random) / 3600] += 1.0 / 40'000;
    return shares;
  }

  Rhythm rhythm_ = *Rhythm::make(*parse_date("2026-02-02"), 70);  // a Monday
};

TEST_F(RhythmTest, NightsAreQuietInTheMarketsOwnTime) {
  const auto berlin = hours(market_of("Europe/Berlin"), 1);
  EXPECT_LT(berlin[2], 0.01);   // 03:00
  EXPECT_GT(berlin[16], 0.06);  // 17:00
  const auto tokyo = hours(market_of("Asia/Tokyo"), 1);
  EXPECT_LT(tokyo[18], 0.01);  // 03:00 of the next day
  EXPECT_GT(tokyo[8], 0.06);   // 17:00
}

TEST_F(RhythmTest, SummerTimeMovesTheDay) {
  const std::size_t market = market_of("America/New_York");
  const auto winter = hours(market, 1), summer = hours(market, 36);  // from 8 March; Tuesdays
  EXPECT_NEAR(winter[22], summer[21], 0.006);                        // 17:00 there
  EXPECT_NEAR(winter[13], summer[12], 0.006);                        // 08:00 there
}

TEST_F(RhythmTest, AWeekWeighsSevenDays) {
  for (std::size_t market = 0; market < markets().size(); ++market) {
    double week = 0;
    for (std::uint32_t day = 7; day < 14; ++day) week += rhythm_.weight(market, day);
    EXPECT_NEAR(week, 7, 0.05) << markets()[market].zone;
  }
}

TEST_F(RhythmTest, WeekendMorningsBeginLater) {
  const std::size_t market = market_of("Europe/London");
  EXPECT_GT(hours(market, 2)[7], 2 * hours(market, 5)[7]);  // Wednesday, Saturday
}

}  // namespace
}  // namespace descant::simulator
