// SPDX-License-Identifier: Apache-2.0
#pragma once

// One listener's one UTC day: how many sessions, when, where and on what, and the plays of each.
// Sessions of a listener never overlap and lie more than half an hour apart; plays of a session
// follow each other within half an hour. Random numbers are keyed by listener, day and session, so
// an influence that adds a session or lengthens one leaves all the others as they were.

#include <cstdint>
#include <vector>

#include "simulator/planted/planted.h"
#include "simulator/world.h"

namespace descant::simulator {

constexpr std::uint32_t kSessionGapSeconds = 30 * 60;

struct Play {
  std::uint32_t second = 0;  // when it began
  std::uint32_t listener = 0;
  std::uint32_t track = 0;  // index into the catalogue
  std::uint32_t ms_played = 0;
  std::uint32_t session = 0;  // of this listener: 16 times the day plus a number
  std::uint8_t surface = 0;
  std::uint8_t platform = 0;
  std::uint8_t start_reason = 0;
  std::uint8_t end_reason = 0;
  bool is_organic = false;
  bool is_skipped = false;
};
constexpr std::uint32_t kSessionsPerDayMax = 16;

// Appends the plays of the sessions that begin on `day`; each begins before the end of the next
// day. `busy_until` is the second at which the listener's last play ended, 0 at first, and is kept
// by the caller from day to day.
void simulate_day(const World& world, const InfluenceAt& influence, std::uint32_t listener,
                  std::uint32_t day, std::uint32_t& busy_until, std::vector<Play>& plays);

}  // namespace descant::simulator
