// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a group of listeners does in the window after their exposure under a given influence. Run
// twice on the same listeners, with and without a treatment, the two outcomes share every random
// number that the treatment does not touch, so their difference is the treatment's expected effect
// on these listeners with very little noise. Windows must end within the period.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "simulator/planted/planted.h"

namespace descant::simulator {

constexpr std::uint32_t kWindowDays = 14;

struct Exposure {
  std::uint32_t listener = 0;
  std::uint32_t second = 0;
};

// Totals over listeners of what they played in [exposure, exposure + 14 days).
struct Outcome {
  double listeners = 0;
  double plays = 0;
  double skips = 0;
  double discovery_minutes = 0;  // on discover and radio
  double returned = 0;           // listeners with a play in the second week
  std::array<double, kWindowDays> minutes_by_day{};

  void merge(const Outcome& other);
  double minutes_per_listener() const;
  double discovery_minutes_per_listener() const { return discovery_minutes / listeners; }
  double skip_rate() const { return skips / plays; }
  double week2_retention() const { return returned / listeners; }
};

struct Outcomes {
  Outcome all;
  std::array<Outcome, kPlans.size()> by_plan;
};

Result<Outcomes> simulate_outcomes(const World& world, std::span<const Exposure> exposures,
                                   const InfluenceAt& influence, std::size_t threads);

// Keeps every k-th exposure, so that at most 200,000 are left: enough for three digits of a lift.
void thin(std::vector<Exposure>& exposures);

}  // namespace descant::simulator
