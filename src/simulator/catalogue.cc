// SPDX-License-Identifier: Apache-2.0
#include "simulator/catalogue.h"

namespace descant::simulator {
namespace {

constexpr std::uint32_t kArtists = 4'000;
constexpr std::uint32_t kTracksPerArtist = 10;
constexpr double kGenreExponent = 0.6;
constexpr double kArtistExponent = 0.9;
constexpr double kTrackExponent = 0.7;
constexpr double kUnlabelledShare = 0.015;

std::uint32_t draw_duration_ms(Random& random) {
  const double seconds = 205 * std::exp(0.28 * random.normal());
  return static_cast<std::uint32_t>(std::clamp(seconds, 60.0, 600.0) * 1000);
}

}  // namespace

Catalogue make_catalogue(std::uint64_t seed) {
  Catalogue catalogue;
  catalogue.genres = {"pop",   "hip-hop",   "rock",    "latin", "electronic", "r&b",
                      "indie", "country",   "metal",   "folk",  "jazz",       "classical",
                      "k-pop", "reggaeton", "ambient", "blues"};
  const std::vector<double> genre_weights = zipf_weights(catalogue.genres.size(), kGenreExponent);
  catalogue.genre_popularity = AliasTable(genre_weights);
  double total = 0;
  for (const double weight : genre_weights) total += weight;

  const std::vector<double> track_weights = zipf_weights(kTracksPerArtist, kTrackExponent);
  Random random(seed, Purpose::kCatalogue);
  std::uint32_t artist = 0;
  for (std::size_t genre = 0; genre < catalogue.genres.size(); ++genre) {
    catalogue.genre_begin.push_back(static_cast<std::uint32_t>(catalogue.tracks.size()));
    const auto artists = std::max<std::size_t>(
        20, static_cast<std::size_t>(kArtists * genre_weights[genre] / total));
    std::vector<double> weights;
    for (const double artist_weight : zipf_weights(artists, kArtistExponent)) {
      for (const double track_weight : track_weights) {
        const bool labelled = !random.chance(kUnlabelledShare);
        catalogue.tracks.push_back({artist, labelled ? static_cast<std::int32_t>(genre) : kNoGenre,
                                    draw_duration_ms(random)});
        weights.push_back(artist_weight * track_weight);
      }
      ++artist;
    }
    catalogue.track_popularity.emplace_back(weights);
  }
  catalogue.genre_begin.push_back(static_cast<std::uint32_t>(catalogue.tracks.size()));
  return catalogue;
}

}  // namespace descant::simulator
