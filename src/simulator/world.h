// SPDX-License-Identifier: Apache-2.0
#pragma once

// All that is fixed before anybody plays a track: the period, the music, the listeners and the
// hours at which they listen. Seconds count from the period's first UTC midnight.

#include <cstdint>

#include "base/parallel.h"
#include "simulator/catalogue.h"
#include "simulator/population.h"
#include "simulator/rhythm.h"

namespace descant::simulator {

constexpr std::uint32_t kSecondsPerDay = 86'400;

struct World {
  std::uint64_t seed = 0;
  Period period;
  Catalogue catalogue;
  Rhythm rhythm;
  Population population;

  std::uint32_t end_second() const { return period.days * kSecondsPerDay; }
  Instant instant_of(std::uint32_t second) const {
    return period.first * kMicrosecondsPerDay + second * kMicrosecondsPerSecond;
  }
};

}  // namespace descant::simulator
