// SPDX-License-Identifier: Apache-2.0
#pragma once

// Instants, dates and time zones. An instant is microseconds since 1970-01-01T00:00:00 UTC; a date
// is days since 1970-01-01. A zone only decides which instants a date covers, so that days of 23
// and 25 hours are right. Zones come from the system's tz database.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace descant {

using Instant = std::int64_t;  // microseconds since the epoch, UTC
using Date = std::int32_t;     // days since the epoch

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

// Instants a project may hold: [1970-01-01, 2100-01-01) UTC. Others are left out and counted.
constexpr Instant kFirstInstant = 0;
constexpr Instant kEndInstant = 47'482 * kMicrosecondsPerDay;

Result<Date> parse_date(std::string_view text);  // 2026-03-02
std::string format_date(Date date);              // 2026-03-02
// 2026-03-02, 2026-03-02T12:30:05.25, with Z or +02:00; without a zone it is UTC.
Result<Instant> parse_instant(std::string_view text);
std::string format_instant(Instant instant);  // 2026-03-02T12:30:05Z, microseconds if any

// "14d", "36h", "30m", "90s"; a whole positive number (0 allowed) and a unit. Microseconds.
Result<std::int64_t> parse_duration(std::string_view text);
std::string format_duration(std::int64_t microseconds);  // the largest unit that divides it

class TimeZone {
 public:
  // An IANA name such as America/New_York or UTC.
  static Result<TimeZone> find(std::string_view name);

  const std::string& name() const { return name_; }
  Instant start_of(Date date) const;  // the first instant of the local date
  Date date_of(Instant instant) const;
  // start_of for every date in [first, last + 1]: days + 1 boundaries.
  std::vector<Instant> day_boundaries(Date first, Date last) const;

 private:
  TimeZone() = default;
  std::string name_;
  const void* zone_ = nullptr;  // lives as long as the process, in the tz database
};

}  // namespace descant
