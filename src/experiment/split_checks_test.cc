// SPDX-License-Identifier: Apache-2.0
#include "experiment/split_checks.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;

constexpr double kLevel = 0.001;

std::vector<Check> checks_of(const folds::UnitTable& table, double level = kLevel) {
  const auto segments = choose_segments(table, 50, 1);
  EXPECT_TRUE(segments.ok());
  auto checks = split_checks(drawn_plan(table), table, *segments, level);
  EXPECT_TRUE(checks.ok());
  return *checks;
}

const Check& named(const std::vector<Check>& checks, const std::string& name) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  EXPECT_NE(found, checks.end()) << name;
  return *found;
}

// Drops a share of one arm's units among those that match.
template <class Matches>
folds::UnitTable without_some(const folds::UnitTable& table, const Matches& matches,
                              std::size_t every) {
  std::vector<std::size_t> kept;
  std::size_t seen = 0;
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    if (!(table.arm[unit] == 1 && matches(unit) && seen++ % every == 0)) kept.push_back(unit);
  return testing::reordered(table, kept);
}

TEST(SplitChecks, AnEvenSplitPassesEverywhere) {
  const auto checks = checks_of(drawn_table({}));
  ASSERT_EQ(checks.size(), 4U);  // two dimensions, by day, sequential
  for (const auto& check : checks) {
    EXPECT_TRUE(check.passed) << check.name << ": " << check.message;
    EXPECT_FALSE(check.quality_test);
    EXPECT_EQ(check.threshold, kLevel);
  }
}

TEST(SplitChecks, NamesTheSegmentThatLostUnits) {
  const auto table = drawn_table({});
  const auto checks = checks_of(without_some(
      table, [&](std::size_t unit) { return table.segments[0].codes[unit] == 1; }, 4));
  const auto& platform = named(checks, "segment_sample_ratio:platform");
  EXPECT_FALSE(platform.passed);
  EXPECT_NE(platform.message.find("some value of platform"), std::string::npos);
  EXPECT_NE(platform.message.find("furthest from it is phone"), std::string::npos);
  EXPECT_NE(platform.message.find("after correction for 3 values"), std::string::npos);
}

TEST(SplitChecks, NamesTheDayThatLostUnits) {
  const auto table = drawn_table({});
  const auto checks = checks_of(without_some(
      table, [&](std::size_t unit) { return table.exposed_from[unit] == 3; }, 4));
  const auto& day = named(checks, kDaySampleRatio);
  EXPECT_FALSE(day.passed);
  EXPECT_NE(day.message.find(format_date(table.days[3].date)), std::string::npos);
}

TEST(SplitChecks, CorrectsForTheNumberOfValues) {
  const auto table = drawn_table({.units = 4000});
  const auto checks = checks_of(table);
  std::vector<std::int64_t> counts(2 * 3, 0);
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    ++counts[2 * table.segments[0].codes[unit] + table.arm[unit]];
  double largest = 0;
  for (std::size_t value = 0; value < 3; ++value) {
    const auto a = static_cast<double>(counts[2 * value]);
    const auto b = static_cast<double>(counts[2 * value + 1]);
    largest = std::max(largest, (a - b) * (a - b) / (a + b));
  }
  const auto& platform = named(checks, "segment_sample_ratio:platform");
  EXPECT_NEAR(platform.statistic, largest, 1e-10);
  EXPECT_NEAR(platform.p_value, std::min(1.0, 3 * std::erfc(std::sqrt(largest / 2))), 1e-12);
}

// A split that is off on the first days and mends afterwards stays found.
TEST(SplitChecks, TheSequentialTestRemembers) {
  const auto table = drawn_table({});
  const auto checks = checks_of(without_some(
      table, [&](std::size_t unit) { return table.exposed_from[unit] < 3; }, 3));
  const auto& sequential = named(checks, kSequentialSampleRatio);
  EXPECT_FALSE(sequential.passed);
  EXPECT_NE(sequential.message.find(format_date(table.days[2].date)), std::string::npos);
}

TEST(SplitChecks, LeavesOutWhatIsTooSmall) {
  auto table = drawn_table({.units = 300});
  const auto checks = checks_of(table);
  const auto& country = named(checks, "segment_sample_ratio:country");
  EXPECT_NE(country.message.find("Too small to test"), std::string::npos);
  auto tiny = drawn_table({.units = 12});
  for (const auto& check : checks_of(tiny)) EXPECT_NE(check.name, "segment_sample_ratio:country");
}

TEST(SplitChecks, NoSharesNoChecks) {
  const auto table = drawn_table({});
  auto plan = drawn_plan(table);
  plan.shares.clear();
  const auto segments = choose_segments(table, 50, 1);
  ASSERT_TRUE(segments.ok());
  const auto checks = split_checks(plan, table, *segments, kLevel);
  ASSERT_TRUE(checks.ok());
  EXPECT_TRUE(checks->empty());
}

}  // namespace
}  // namespace descant::experiment
