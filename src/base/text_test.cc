// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <limits>

#include <gtest/gtest.h>

namespace descant {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(EditDistance, CountsSlips) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("metric", "metrics"), 1U);
  EXPECT_EQ(edit_distance("metric", "Metric"), 0U);
  EXPECT_EQ(edit_distance("alhpa", "alpha"), 1U);  // neighbours swapped
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestName, FindsSlipsAndPartsButNotStrangers) {
  const std::vector<std::string_view> known = {"to", "from", "timestamp", "alpha",
                                               "non_inferiority_margin"};
  EXPECT_EQ(nearest_name("alhpa", known), "alpha");
  EXPECT_EQ(nearest_name("TIMESTMAP", known), "timestamp");
  EXPECT_EQ(nearest_name("margin", known), "non_inferiority_margin");
  EXPECT_EQ(nearest_name("ot", known), "to");
  EXPECT_EQ(nearest_name("x", known), "");
  EXPECT_EQ(nearest_name("", known), "");
  EXPECT_EQ(nearest_name("colour", known), "");
}

TEST(DidYouMean, NamesTheNearestOrListsTheKnown) {
  EXPECT_EQ(did_you_mean("alhpa", std::vector<std::string>{"alpha"}), "Did you mean 'alpha'?");
  EXPECT_EQ(did_you_mean("colour", std::vector<std::string>{"a", "b"}), "Known: a, b.");
  EXPECT_EQ(did_you_mean("colour", std::vector<std::string>{}), "");
  const auto many = did_you_mean("zzzzzz", std::vector<std::string>(13, "known"));
  EXPECT_TRUE(many.ends_with("known, …")) << many;
}

TEST(FormatNumber, KeepsSignificantDigits) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(-0.0), "0");
  EXPECT_EQ(format_number(1234567.8), "1,234,568");
  EXPECT_EQ(format_number(-1234.5), "-1,234");  // half to even
  EXPECT_EQ(format_number(-123456), "-123,456");
  EXPECT_EQ(format_number(12.3456), "12.35");
  EXPECT_EQ(format_number(0.00012345), "0.0001234");
  EXPECT_EQ(format_number(999.96), "1,000");
  EXPECT_EQ(format_number(9.99996), "10.00");
  EXPECT_EQ(format_number(1.5, 2), "1.5");
  EXPECT_EQ(format_number(1e-9), "1.000e-09");
  EXPECT_EQ(format_number(kNaN), "–");
  EXPECT_EQ(format_number(kInfinity), "∞");
  EXPECT_EQ(format_number(-kInfinity), "-∞");
}

TEST(FormatPercent, HasNoNegativeZero) {
  EXPECT_EQ(format_percent(0.0123), "1.23%");
  EXPECT_EQ(format_percent(-0.00001), "0.00%");
  EXPECT_EQ(format_percent(kNaN), "–");
  EXPECT_EQ(format_signed_percent(0.0123, 1), "+1.2%");
  EXPECT_EQ(format_signed_percent(-0.0123, 1), "-1.2%");
  EXPECT_EQ(format_signed_percent(-0.00001), "+0.00%");
}

TEST(Format, CountsBytesSecondsAndPValues) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1000), "1.0 kB");
  EXPECT_EQ(format_bytes(999'499), "999 kB");
  EXPECT_EQ(format_bytes(999'500), "1.0 MB");
  EXPECT_EQ(format_bytes(1'234'567'890), "1.2 GB");
  EXPECT_EQ(format_seconds(0.0854), "85 ms");
  EXPECT_EQ(format_seconds(0.9996), "1.0 s");
  EXPECT_EQ(format_seconds(59.96), "1 min 00 s");
  EXPECT_EQ(format_seconds(245), "4 min 05 s");
  EXPECT_EQ(format_seconds(3725), "1 h 02 min");
  EXPECT_EQ(format_p_value(0.03124), "0.0312");
  EXPECT_EQ(format_p_value(1e-9), "<0.0001");
  EXPECT_EQ(format_p_value(kNaN), "–");
}

TEST(Text, CountsInWords) {
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(0, "row"), "0 rows");
  EXPECT_EQ(counted(1234, "listener"), "1,234 listeners");
}

TEST(Text, JoinsSplitsAndTrims) {
  const std::vector<std::string> parts = {"a", "", "c"};
  EXPECT_EQ(join(parts, ", "), "a, , c");
  EXPECT_EQ(split("a,,c", ','), parts);
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

}  // namespace
}  // namespace descant
