// SPDX-License-Identifier: Apache-2.0
#pragma once

// The listeners: who they are, when they signed up and will churn, how much they listen and what
// they like. Each is drawn from a stream of its own. Activity is log-normal, so a few listen a
// great deal; sessions per day are scaled so that the whole period is expected to hold the wanted
// number of plays.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/catalogue.h"
#include "simulator/rhythm.h"

namespace descant::simulator {

struct Listener {
  std::int32_t signup_day = 0;  // days since the period's first day; negative: before it
  std::int32_t churn_day = 0;   // listens in [signup_day, churn_day)
  float sessions_per_day = 0;   // on an average day while listening
  float session_length = 0;     // mean of the plays in a session, see expected_plays()
  float skip_tendency = 1;      // factor on skip probabilities
  std::uint8_t market = 0;      // index into markets()
  std::uint8_t plan = 0;        // index into kPlans
  std::int8_t age_band = 0;     // index into kAgeBands; -1 not stated
  std::uint8_t platform = 0;    // usual one, index into kPlatforms
  bool country_known = true;
  std::array<std::uint8_t, 3> genres{};  // favourites, the first most of all
};

struct Period {
  Date first = 0;
  std::uint32_t days = 0;
};

// Plays of a session are 1 + floor(exponential(length)), at most kSessionPlaysMax.
constexpr unsigned kSessionPlaysMax = 80;
double expected_plays(double session_length);

struct Population {
  std::vector<Listener> listeners;
  double expected_plays = 0;
};

Result<Population> make_population(std::uint64_t seed, std::uint64_t listeners, Period period,
                                   double plays_per_listener, const Rhythm& rhythm,
                                   const Catalogue& catalogue, std::size_t threads);

// The key under which tables know a listener: dense from 1, or a 63-bit number without pattern.
std::int64_t dense_key(std::uint32_t listener);
std::int64_t sparse_key(std::uint64_t seed, std::uint32_t listener);
std::string string_key(std::uint64_t seed, std::uint32_t listener);  // 22 letters and digits

}  // namespace descant::simulator
