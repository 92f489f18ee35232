// SPDX-License-Identifier: Apache-2.0
#pragma once

// The closed sets of words in the simulated tables and, for each, how common or how engaging it is.
// A code is an index into its list. Reasons follow the Music Streaming Sessions Dataset.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace descant::simulator {

enum Surface : std::uint8_t { kHome, kSearch, kPlaylist, kLibrary, kRadio, kAutoplay, kDiscover };
constexpr std::size_t kSurfaceCount = 7;

struct SurfaceTraits {
  const char* name;
  double starts;    // weight as the place where a session begins
  double organic;   // share of plays that the listener chose
  double familiar;  // share of plays from the listener's own favourites
  double skip;      // probability of a skip before taste
};
constexpr std::array<SurfaceTraits, kSurfaceCount> kSurfaces{
    {{"home", 0.30, 0.00, 0.35, 0.27},
     {"search", 0.14, 1.00, 0.50, 0.15},
     {"playlist", 0.24, 0.70, 0.45, 0.22},
     {"library", 0.14, 1.00, 0.85, 0.20},
     {"radio", 0.09, 0.00, 0.15, 0.31},
     {"autoplay", 0.02, 0.00, 0.20, 0.33},
     {"discover", 0.07, 0.00, 0.02, 0.38}}};

struct Share {
  const char* name;
  double share;
};
constexpr std::array<Share, 6> kPlatforms{{{"android", 0.38},
                                           {"ios", 0.35},
                                           {"desktop", 0.13},
                                           {"web", 0.05},
                                           {"tv", 0.04},
                                           {"car", 0.05}}};
enum Platform : std::uint8_t { kAndroid, kIos, kDesktop, kWeb, kTv, kCar };

struct PlanTraits {
  const char* name;
  double share;
  double activity;       // relative sessions per day
  double lifetime_days;  // mean time to churn
};
enum Plan : std::uint8_t { kFree, kPremium, kFamily, kStudent };
constexpr std::array<PlanTraits, 4> kPlans{{{"free", 0.46, 0.7, 160},
                                            {"premium", 0.31, 1.5, 420},
                                            {"family", 0.13, 1.1, 600},
                                            {"student", 0.10, 1.4, 300}}};

constexpr std::array<Share, 6> kAgeBands{{{"18-24", 0.27},
                                          {"25-34", 0.31},
                                          {"35-44", 0.19},
                                          {"45-54", 0.12},
                                          {"55-64", 0.07},
                                          {"65+", 0.04}}};

enum StartReason : std::uint8_t {
  kStartTrackDone,
  kStartForward,
  kStartBack,
  kClickRow,
  kPlayButton,
  kAppLoad,
  kStartRemote
};
constexpr std::array<const char*, 7> kStartReasons{"trackdone", "fwdbtn",  "backbtn", "clickrow",
                                                   "playbtn",   "appload", "remote"};
enum EndReason : std::uint8_t { kEndTrackDone, kEndForward, kEndBack, kEndPlay, kLogout };
constexpr std::array<const char*, 5> kEndReasons{"trackdone", "fwdbtn", "backbtn", "endplay",
                                                 "logout"};

// Names of a list, for a table's labels.
template <class List>
std::vector<std::string> names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.emplace_back(entry.name);
  return names;
}

// One number of each entry, for weights: weights_of(kPlans, &PlanTraits::share).
template <class Entry, std::size_t n>
std::array<double, n> weights_of(const std::array<Entry, n>& list, double Entry::*member) {
  std::array<double, n> weights{};
  for (std::size_t i = 0; i < n; ++i) weights[i] = list[i].*member;
  return weights;
}

}  // namespace descant::simulator
