// SPDX-License-Identifier: Apache-2.0
#include "base/calendar.h"

#include <gtest/gtest.h>

namespace descant {
namespace {

constexpr std::int64_t kHour = 3600 * kMicrosecondsPerSecond;

Date date_of_text(const char* text) { return parse_date(text).value(); }
Instant instant_of(const char* text) { return parse_instant(text).value(); }

TEST(Calendar, ReadsAndWritesDates) {
  EXPECT_EQ(date_of_text("1970-01-01"), 0);
  EXPECT_EQ(date_of_text("2026-03-02"), 20514);
  for (const char* text : {"1969-12-31", "2000-02-29", "2099-12-31", "0001-01-01"})
    EXPECT_EQ(format_date(date_of_text(text)), text);
  for (const char* text : {"", "2026-3-2", "2026-02-29", "2026-13-01", "2026-00-01", "26-03-02",
                           "2026-03-02 ", "2026/03/02", "20260302"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Calendar, ReadsAndWritesInstants) {
  EXPECT_EQ(instant_of("1970-01-01"), 0);
  EXPECT_EQ(instant_of("1970-01-01T00:00:01Z"), kMicrosecondsPerSecond);
  EXPECT_EQ(instant_of("2026-03-02 12:30"), instant_of("2026-03-02T12:30:00.000Z"));
  EXPECT_EQ(instant_of("2026-03-02T12:30:00+02:00"), instant_of("2026-03-02T10:30:00Z"));
  EXPECT_EQ(instant_of("2026-03-02T12:30:00-0530"), instant_of("2026-03-02T18:00:00Z"));
  EXPECT_EQ(instant_of("2026-03-02T00:00:00.1234567") % kMicrosecondsPerSecond, 123456);
  EXPECT_EQ(format_instant(instant_of("2026-03-02T12:30:05.25Z")), "2026-03-02T12:30:05.250000Z");
  EXPECT_EQ(format_instant(-1), "1969-12-31T23:59:59.999999Z");
  for (const char* text : {"", "now", "2026-03-02T", "2026-03-02T24:00", "2026-03-02T12:60",
                           "2026-03-02T12:30:60", "2026-03-02T12:30:00.", "2026-03-02T12:30X",
                           "2026-03-02T12:30:00+25:00", "2026-03-02T12:30:00Zx"})
    EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(Calendar, ReadsAndWritesDurations) {
  EXPECT_EQ(parse_duration("14d").value(), 14 * kMicrosecondsPerDay);
  EXPECT_EQ(parse_duration("0s").value(), 0);
  for (const char* text : {"14d", "36h", "90m", "61s"})
    EXPECT_EQ(format_duration(parse_duration(text).value()), text);
  EXPECT_EQ(format_duration(48 * kHour), "2d");
  for (const char* text : {"", "d", "14", "1.5d", "-1d", "14 d", "14days", "14w", "99999999999d",
                           "9223372036854775807d", "99999999999999999999d"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(TimeZone, DaysOfTwentyThreeAndTwentyFiveHours) {
  const auto zone = TimeZone::find("America/New_York").value();
  const auto length = [&](const char* day) {
    const auto bounds = zone.day_boundaries(date_of_text(day), date_of_text(day));
    EXPECT_EQ(bounds.size(), 2U);
    return bounds[1] - bounds[0];
  };
  EXPECT_EQ(length("2026-03-07"), 24 * kHour);
  EXPECT_EQ(length("2026-03-08"), 23 * kHour);
  EXPECT_EQ(length("2026-11-01"), 25 * kHour);
  EXPECT_EQ(zone.start_of(date_of_text("2026-03-02")), instant_of("2026-03-02T05:00:00Z"));
  EXPECT_EQ(zone.date_of(instant_of("2026-03-02T04:59:59Z")), date_of_text("2026-03-01"));
}

TEST(TimeZone, StartOfADayIsItsFirstInstant) {
  // Zones that change their clocks at midnight, or are far from UTC, or off by a quarter of an
  // hour.
  for (const char* name : {"UTC", "America/Havana", "America/Sao_Paulo", "Asia/Beirut",
                           "Pacific/Kiritimati", "Asia/Kathmandu", "Europe/Stockholm"}) {
    const auto zone = TimeZone::find(name).value();
    for (Date day = date_of_text("2017-01-01"); day < date_of_text("2020-01-01"); ++day) {
      ASSERT_EQ(zone.date_of(zone.start_of(day)), day) << name << " " << format_date(day);
      ASSERT_EQ(zone.date_of(zone.start_of(day) - 1), day - 1) << name << " " << format_date(day);
    }
  }
}

TEST(TimeZone, ADayThatAZoneSkippedIsEmpty) {
  const auto zone = TimeZone::find("Pacific/Apia").value();
  const Date skipped = date_of_text("2011-12-30");
  EXPECT_EQ(zone.start_of(skipped), zone.start_of(skipped + 1));
}

TEST(TimeZone, UnknownNamesAreErrors) {
  for (const char* name : {"", "Mars/Olympus", "../UTC", "utc+1"}) {
    const auto zone = TimeZone::find(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_EQ(zone.error().code, ErrorCode::kInvalidRequest);
  }
}

}  // namespace
}  // namespace descant
