// SPDX-License-Identifier: Apache-2.0
#include "simulator/catalogue.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

namespace descant::simulator {
namespace {

TEST(Catalogue, TracksLieTogetherByGenreAndAFewHaveNoLabel) {
  const Catalogue catalogue = make_catalogue(7);
  double unlabelled = 0;
  for (std::size_t genre = 0; genre < catalogue.genres.size(); ++genre) {
    for (std::uint32_t i = catalogue.genre_begin[genre]; i < catalogue.genre_begin[genre + 1];
         ++i) {
      const Track& track = catalogue.tracks[i];
      EXPECT_TRUE(track.genre == kNoGenre || track.genre == static_cast<std::int32_t>(genre));
      unlabelled += track.genre == kNoGenre;
      EXPECT_GE(track.duration_ms, 60'000U);
      EXPECT_LE(track.duration_ms, 600'000U);
    }
  }
  EXPECT_EQ(catalogue.genre_begin.back(), catalogue.tracks.size());
  EXPECT_NEAR(unlabelled / static_cast<double>(catalogue.tracks.size()), 0.015, 0.004);
}

TEST(Catalogue, AFewTracksAreMostOfWhatIsPlayed) {
  const Catalogue catalogue = make_catalogue(7);
  Random random(1, Purpose::kSession);
  std::vector<double> plays(catalogue.tracks.size());
  for (int i = 0; i < 300'000; ++i) {
    const std::uint32_t track =
        catalogue.pick(catalogue.genre_popularity.pick(random), random.next());
    ASSERT_LT(track, plays.size());
    plays[track] += 1;
  }
  std::sort(plays.begin(), plays.end(), std::greater<>());
  const auto hundredth = static_cast<std::ptrdiff_t>(plays.size() / 100);
  const double top = std::accumulate(plays.begin(), plays.begin() + hundredth, 0.0) / 300'000;
  EXPECT_GT(top, 0.15);
  EXPECT_LT(top, 0.40);
}

}  // namespace
}  // namespace descant::simulator
