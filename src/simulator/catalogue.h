// SPDX-License-Identifier: Apache-2.0
#pragma once

// The music there is: tracks with artist, genre and duration. Within a genre the popularity of
// artists, and of an artist's tracks, falls as a power of the rank, as in public listening logs; a
// few tracks have no genre label.

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/random.h"

namespace descant::simulator {

constexpr std::int32_t kNoGenre = -1;

struct Track {
  std::uint32_t artist = 0;
  std::int32_t genre = kNoGenre;  // as labelled
  std::uint32_t duration_ms = 0;
};

struct Catalogue {
  std::vector<std::string> genres;
  AliasTable genre_popularity;
  std::vector<Track> tracks;
  std::vector<std::uint32_t> genre_begin;    // first track of each genre, and the end
  std::vector<AliasTable> track_popularity;  // by genre, over its tracks

  // A track of a genre, by popularity.
  std::uint32_t pick(std::uint32_t genre, std::uint64_t bits) const {
    return genre_begin[genre] + track_popularity[genre].pick(bits);
  }
};

Catalogue make_catalogue(std::uint64_t seed);

}  // namespace descant::simulator
