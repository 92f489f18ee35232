// SPDX-License-Identifier: Apache-2.0
#include "simulator/sessions.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "simulator/test_world.h"

namespace descant::simulator {
namespace {

const InfluenceAt kNone = [](std::uint32_t, std::uint32_t, Influence&) {};

std::vector<Play> plays_of(const World& world, std::uint32_t listener,
                           const InfluenceAt& at = kNone) {
  std::vector<Play> plays;
  std::uint32_t busy_until = 0;
  for (std::uint32_t day = 0; day < world.period.days; ++day)
    simulate_day(world, at, listener, day, busy_until, plays);
  return plays;
}

class SessionsTest : public testing::Test {
 protected:
  TestWorld test_ = make_test_world(2'000, 120);
  const World& world_ = *test_.world;

  std::vector<Play> all(const InfluenceAt& at = kNone) const {
    std::vector<Play> plays;
    for (std::uint32_t i = 0; i < world_.population.listeners.size(); ++i) {
      const std::vector<Play> more = plays_of(world_, i, at);
      plays.insert(plays.end(), more.begin(), more.end());
    }
    return plays;
  }
};

TEST_F(SessionsTest, AreFarApartAndTheirPlaysCloseTogether) {
  std::size_t sessions = 0, plays = 0;
  for (std::uint32_t listener = 0; listener < 2'000; ++listener) {
    std::set<std::uint32_t> seen;
    const Play* last = nullptr;
    const std::vector<Play> own = plays_of(world_, listener);
    for (const Play& play : own) {
      if (last == nullptr || play.session != last->session) {
        EXPECT_TRUE(seen.insert(play.session).second) << "sessions do not interleave";
        if (last != nullptr) {
          EXPECT_GT(play.second, last->second + kSessionGapSeconds);
        }
      } else {
        EXPECT_GT(play.second, last->second);
        EXPECT_LT(play.second, last->second + kSessionGapSeconds);
        EXPECT_EQ(play.platform, last->platform);
        // The next play begins when the last has ended.
        EXPECT_GE(play.second + 1, last->second + last->ms_played / 1000);
      }
      last = &play;
    }
    sessions += seen.size();
    plays += own.size();
  }
  EXPECT_GT(static_cast<double>(plays) / static_cast<double>(sessions), 6);
  EXPECT_LT(static_cast<double>(plays) / static_cast<double>(sessions), 11);
}

TEST_F(SessionsTest, NobodyPlaysBeforeSigningUpOrAfterChurn) {
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    const Listener& listener = world_.population.listeners[i];
    for (const Play& play : plays_of(world_, i)) {
      EXPECT_GE(double{1} * play.second, listener.signup_day * double{kSecondsPerDay});
      // A last session may run over midnight.
      EXPECT_LT(double{1} * play.second, (listener.churn_day + 1) * double{kSecondsPerDay});
    }
  }
}

TEST_F(SessionsTest, SkipsDurationsAndReasonsFitEachOther) {
  std::array<double, kSurfaceCount> plays{}, skips{};
  for (const Play& play : all()) {
    const std::uint32_t duration = world_.catalogue.tracks[play.track].duration_ms;
    const bool forward_or_back = play.end_reason == kEndForward || play.end_reason == kEndBack;
    EXPECT_EQ(play.is_skipped, forward_or_back);
    EXPECT_EQ(play.end_reason == kEndTrackDone, play.ms_played == duration);
    EXPECT_LE(play.ms_played, duration);
    EXPECT_GT(play.ms_played, 0U);
    plays[play.surface] += 1;
    skips[play.surface] += play.is_skipped;
  }
  const auto rate = [&](Surface surface) { return skips[surface] / plays[surface]; };
  EXPECT_GT(rate(kDiscover), rate(kHome));
  EXPECT_GT(rate(kHome), rate(kPlaylist));
  EXPECT_GT(rate(kPlaylist), rate(kSearch));
}

TEST_F(SessionsTest, TasteShowsInWhatIsPlayed) {
  double favourite = 0, total = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> repeats;
  for (const Play& play : all()) {
    const auto& genres = world_.population.listeners[play.listener].genres;
    const std::int32_t genre = world_.catalogue.tracks[play.track].genre;
    if (genre == kNoGenre) continue;
    total += 1;
    favourite += std::find(genres.begin(), genres.end(), genre) != genres.end();
    ++repeats[{play.listener, play.track}];
  }
  EXPECT_GT(favourite / total, 0.75);
  EXPECT_LT(static_cast<double>(repeats.size()) / total, 0.85) << "favourites come again";
}

TEST_F(SessionsTest, InfluenceScalesWhatItNames) {
  const auto count = [](const std::vector<Play>& plays) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> sessions;
    double skips = 0;
    for (const Play& play : plays) {
      sessions.insert({play.listener, play.session});
      skips += play.is_skipped;
    }
    return std::array<double, 3>{static_cast<double>(sessions.size()),
                                 static_cast<double>(plays.size()), skips};
  };
  const auto [sessions, plays, skips] = count(all());
  const auto more = count(all([](auto, auto, Influence& to) { to.sessions = 1.5; }));
  EXPECT_NEAR(more[0] / sessions, 1.5, 0.03);
  const auto fewer = count(all([](auto, auto, Influence& to) { to.sessions = 0.5; }));
  EXPECT_NEAR(fewer[0] / sessions, 0.5, 0.03);
  const auto longer = count(all([](auto, auto, Influence& to) { to.session_length = 1.2; }));
  EXPECT_NEAR(longer[0] / sessions, 1, 0.005);
  EXPECT_NEAR(longer[1] / plays, 1.18, 0.03);
  const auto calmer = count(all([](auto, auto, Influence& to) { to.skip.fill(0.5); }));
  EXPECT_NEAR(calmer[2] / calmer[1] / (skips / plays), 0.5, 0.01);
}

TEST_F(SessionsTest, AnInfluenceLeavesOtherSessionsAsTheyWere) {
  const auto at = [](auto, auto, Influence& to) { to.sessions = 1.2; };
  std::size_t same = 0, usual = 0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    std::map<std::uint32_t, std::uint32_t> tracks;
    for (const Play& play : plays_of(world_, i, at)) tracks.emplace(play.session, play.track);
    std::uint32_t session = 0;
    for (const Play& play : plays_of(world_, i)) {
      if (play.session == session) continue;
      session = play.session;
      ++usual;
      const auto found = tracks.find(session);
      same += found != tracks.end() && found->second == play.track;
    }
  }
  EXPECT_GT(usual, 1'000U);
  EXPECT_GE(same + usual / 100, usual);
}

}  // namespace
}  // namespace descant::simulator
