// SPDX-License-Identifier: Apache-2.0
#include "simulator/rhythm.h"

#include <numeric>

namespace descant::simulator {
namespace {

using Profile = std::array<double, 24>;

// Relative activity by local hour. Weekdays peak on the way to work and home, weekends at noon and
// in the evening; both nearly stop at four in the morning.
constexpr Profile kWeekday{0.35, 0.20, 0.12, 0.08, 0.08, 0.20, 0.60, 1.35, 1.70, 1.35, 1.15, 1.10,
                           1.20, 1.15, 1.15, 1.25, 1.50, 1.85, 1.75, 1.45, 1.30, 1.20, 0.95, 0.60};
constexpr Profile kWeekend{0.70, 0.50, 0.32, 0.20, 0.12, 0.12, 0.20, 0.40, 0.75, 1.10, 1.40, 1.55,
                           1.60, 1.55, 1.50, 1.50, 1.55, 1.60, 1.60, 1.55, 1.45, 1.35, 1.20, 0.95};
constexpr double kFridayEvening = 1.15;  // from 18:00

// 0 Monday .. 6 Sunday; 1970-01-01 was a Thursday.
int weekday_of(Date date) { return ((date % 7) + 10) % 7; }

double local_weight(int weekday, int hour) {
  const auto at = static_cast<std::size_t>(hour);
  if (weekday >= 5) return kWeekend[at];
  return kWeekday[at] * (weekday == 4 && hour >= 18 ? kFridayEvening : 1.0);
}

// Mean weight of a day over a week.
double mean_day() {
  double total = 0;
  for (int weekday = 0; weekday < 7; ++weekday) {
    for (int hour = 0; hour < 24; ++hour) total += local_weight(weekday, hour);
  }
  return total / 7;
}

}  // namespace

const std::vector<Market>& markets() {
  static const std::vector<Market> kMarkets{
      {"US", "America/New_York", 0.19},    {"US", "America/Chicago", 0.09},
      {"US", "America/Los_Angeles", 0.08}, {"GB", "Europe/London", 0.12},
      {"BR", "America/Sao_Paulo", 0.12},   {"DE", "Europe/Berlin", 0.10},
      {"MX", "America/Mexico_City", 0.09}, {"SE", "Europe/Stockholm", 0.06},
      {"IN", "Asia/Kolkata", 0.07},        {"JP", "Asia/Tokyo", 0.05},
      {"AU", "Australia/Sydney", 0.03}};
  return kMarkets;
}

Result<Rhythm> Rhythm::make(Date first, std::uint32_t days) {
  Rhythm rhythm;
  rhythm.length_ = days;
  const double mean = mean_day();
  for (const Market& market : markets()) {
    DESCANT_ASSIGN(const TimeZone zone, TimeZone::find(market.zone));
    for (std::uint32_t number = 0; number < days; ++number) {
      const Date date = first + static_cast<Date>(number);
      const std::int64_t east_us = date * kMicrosecondsPerDay - zone.start_of(date);
      const auto east_hours =
          static_cast<int>(east_us / (3600 * kMicrosecondsPerSecond));  // Kolkata's half is dropped
      Day& day = rhythm.days_.emplace_back();
      std::array<double, 24> running{};
      for (int hour = 0; hour < 24; ++hour) {
        const int local = hour + east_hours;
        const int shift = local < 0 ? -1 : local / 24;
        day.total += local_weight(weekday_of(date + shift), local - 24 * shift);
        running[static_cast<std::size_t>(hour)] = day.total;
      }
      for (std::size_t hour = 0; hour < 24; ++hour)
        day.cumulative[hour] = static_cast<float>(running[hour] / day.total);
      day.total /= mean;
    }
  }
  return rhythm;
}

std::uint32_t Rhythm::pick_second(std::size_t market, std::uint32_t day, Random& random) const {
  const auto& cumulative = at(market, day).cumulative;
  const auto share = static_cast<float>(random.uniform());
  std::uint32_t hour = 0;
  while (hour < 23 && share >= cumulative[hour]) ++hour;
  return hour * 3600 + static_cast<std::uint32_t>(3600 * random.uniform());
}

}  // namespace descant::simulator
