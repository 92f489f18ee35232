// SPDX-License-Identifier: Apache-2.0
#pragma once

// When people listen: how likely each hour of a UTC day is in a market, from an hourly profile of
// weekdays and weekends in the market's own time zone. A market is a country's time zone; its
// offset is the one at the UTC day's local date. Weights average 1 a day over a week, so that a
// listener's sessions per day keep their meaning everywhere.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "base/result.h"
#include "simulator/random.h"

namespace descant::simulator {

struct Market {
  std::string country;  // ISO 3166
  std::string zone;     // IANA
  double share = 0;     // of listeners
};

const std::vector<Market>& markets();

class Rhythm {
 public:
  // For `days` UTC days from `first`. Fails when the tz database lacks a market's zone.
  static Result<Rhythm> make(Date first, std::uint32_t days);

  // Expected activity of the day relative to an average one.
  double weight(std::size_t market, std::uint32_t day) const { return at(market, day).total; }
  // A second of the UTC day.
  std::uint32_t pick_second(std::size_t market, std::uint32_t day, Random& random) const;

 private:
  struct Day {
    double total = 0;
    std::array<float, 24> cumulative{};  // share of the day's activity up to the end of each hour
  };
  const Day& at(std::size_t market, std::uint32_t day) const {
    return days_[market * length_ + day];
  }

  std::uint32_t length_ = 0;
  std::vector<Day> days_;  // by market, then day
};

}  // namespace descant::simulator
