// SPDX-License-Identifier: Apache-2.0
#include "base/calendar.h"

#include <charconv>
#include <optional>

#include <date/tz.h>
#include <fmt/format.h>

namespace descant {
namespace {

using std::chrono::microseconds;
using SystemTime = date::sys_time<microseconds>;
using LocalTime = date::local_time<microseconds>;

// Reads exactly `width` digits at the front of `text` and removes them.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Date> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const date::year_month_day ymd{date::year{*year}, date::month{static_cast<unsigned>(*month)},
                                 date::day{static_cast<unsigned>(*day)}};
  if (!ymd.ok()) return std::nullopt;
  return static_cast<Date>(date::sys_days{ymd}.time_since_epoch().count());
}

// hh:mm[:ss[.ffffff]] in microseconds.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t total = (*hour * 3600LL + *minute * 60LL) * kMicrosecondsPerSecond;
  if (!take(text, ':')) return total;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  total += *second * kMicrosecondsPerSecond;
  if (!take(text, '.')) return total;
  std::int64_t scale = kMicrosecondsPerSecond / 10;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    total += (text[0] - '0') * scale;
    scale /= 10;
  }
  return digits == 0 ? std::nullopt : std::optional(total);
}

// Z, +hh:mm or -hh:mm in microseconds east of UTC.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return 0;
  const bool west = text[0] == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  take(text, ':');
  const auto minute = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::int64_t east = (*hour * 3600LL + *minute * 60LL) * kMicrosecondsPerSecond;
  return west ? -east : east;
}

Error not_an_instant(std::string_view text) {
  return invalid_request(fmt::format("'{}' is not a date or time", text), {},
                         "Write 2026-03-02 or 2026-03-02T12:30:00Z.");
}

const date::time_zone& zone_of(const void* zone) {
  return *static_cast<const date::time_zone*>(zone);
}

}  // namespace

Result<Date> parse_date(std::string_view text) {
  std::string_view rest = text;
  const auto day = take_date(rest);
  if (!day || !rest.empty())
    return invalid_request(fmt::format("'{}' is not a date", text), {}, "Write it as 2026-03-02.");
  return *day;
}

std::string format_date(Date day) {
  const date::year_month_day ymd{date::sys_days{date::days{day}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
}

Result<Instant> parse_instant(std::string_view text) {
  std::string_view rest = text;
  const auto day = take_date(rest);
  if (!day) return not_an_instant(text);
  const std::int64_t midnight = *day * kMicrosecondsPerDay;
  if (rest.empty()) return midnight;
  if (!take(rest, 'T') && !take(rest, ' ')) return not_an_instant(text);
  const auto time = take_time(rest);
  if (!time) return not_an_instant(text);
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return not_an_instant(text);
  return midnight + *time - *offset;
}

std::string format_instant(Instant instant) {
  std::int64_t day = instant / kMicrosecondsPerDay;
  std::int64_t rest = instant % kMicrosecondsPerDay;
  if (rest < 0) {
    rest += kMicrosecondsPerDay;
    --day;
  }
  const std::int64_t seconds = rest / kMicrosecondsPerSecond;
  const std::int64_t fraction = rest % kMicrosecondsPerSecond;
  std::string text = fmt::format("{}T{:02}:{:02}:{:02}", format_date(static_cast<Date>(day)),
                                 seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) text += fmt::format(".{:06}", fraction);
  return text + "Z";
}

Result<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t seconds = 0;
  if (unit == "d") seconds = 86'400;
  if (unit == "h") seconds = 3'600;
  if (unit == "m") seconds = 60;
  if (unit == "s") seconds = 1;
  constexpr std::int64_t kLongest = 100LL * 366 * 86'400;
  if (failure != std::errc{} || count < 0 || seconds == 0 || count > kLongest / seconds)
    return invalid_request(fmt::format("'{}' is not a duration", text), {},
                           "Write a whole number and a unit: 14d, 36h, 30m or 90s.");
  return count * seconds * kMicrosecondsPerSecond;
}

std::string format_duration(std::int64_t microseconds_count) {
  const std::int64_t seconds = microseconds_count / kMicrosecondsPerSecond;
  if (seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds % 3'600 == 0) return fmt::format("{}h", seconds / 3'600);
  if (seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone zone;
  zone.name_ = std::string(name);
  try {
    zone.zone_ = date::locate_zone(zone.name_);
  } catch (const std::exception&) {
    return invalid_request(fmt::format("unknown time zone '{}'", name), {},
                           "Use an IANA name such as UTC, Europe/Stockholm or America/New_York.");
  }
  return zone;
}

Instant TimeZone::start_of(Date day) const {
  const LocalTime midnight{date::local_days{date::days{day}}};
  // Where midnight does not exist the day starts at the jump; where it exists twice, at the first.
  const SystemTime start = zone_of(zone_).to_sys(midnight, date::choose::earliest);
  return start.time_since_epoch().count();
}

Date TimeZone::date_of(Instant instant) const {
  const SystemTime time{microseconds{instant}};
  const auto local = zone_of(zone_).to_local(time);
  return static_cast<Date>(date::floor<date::days>(local).time_since_epoch().count());
}

std::vector<Instant> TimeZone::day_boundaries(Date first, Date last) const {
  std::vector<Instant> boundaries;
  for (Date day = first; day <= last + 1; ++day) boundaries.push_back(start_of(day));
  return boundaries;
}

}  // namespace descant
