// SPDX-License-Identifier: Apache-2.0
#include "report/text_layout.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace descant::report {
namespace {

TEST(TextLayout, WidthCountsColumnsOfTheScreen) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("né"), 2U);
  EXPECT_EQ(display_width("音楽"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e with a combining accent
  EXPECT_EQ(display_width("\xFF"), 1U);       // not UTF-8
  EXPECT_EQ(pad_left("音", 4), "  音");
  EXPECT_EQ(pad_right("音", 1), "音");
}

TEST(TextLayout, NamesCannotControlTheTerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\rc\x07"), "a?[31mb?c?");
  EXPECT_EQ(printable("two\nlines"), "two lines");
  EXPECT_EQ(printable("\xFFok"), "?ok");
}

TEST(TextLayout, WrapKeepsEveryWordWithinTheWidth) {
  const std::string text = "one two three four five six seven eight nine ten eleven";
  const auto wrapped = wrap(text, 30, 4);
  std::string joined;
  for (const auto& line : split(trim(wrapped), '\n')) {
    EXPECT_LE(display_width(line), 30U);
    if (!joined.empty()) joined += ' ';
    joined += trim(line);
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(wrap("", 30), "");
}

TextTable sample_table() {
  TextTable table({{"name"}, {"count", true}});
  table.add_row({{"音楽"}, {"1"}});
  table.add_group("others");
  table.add_row({{"plain", Tone::kStrong}, {"1,000"}});
  return table;
}

TEST(TextLayout, TableAlignsByScreenColumns) {
  EXPECT_EQ(sample_table().render(40, false),
            "  name   count\n"
            "  音楽       1\n"
            "  others\n"
            "  plain  1,000\n");
}

TEST(TextLayout, TableTooWideBreaksTheLinesOfItsLastColumn) {
  TextTable table({{"name"}, {"remark"}});
  table.add_row({{"first"}, {"a remark that is too long for this terminal"}});
  table.add_row({{"second"}, {"short"}});
  EXPECT_EQ(table.render(40, false),
            "  name    remark\n"
            "  first   a remark that is too long for\n"
            "          this terminal\n"
            "  second  short\n");
}

TEST(TextLayout, TableMuchTooWideBecomesBlocks) {
  TextTable table({{"name"}, {"remark"}, {"number", true}});
  table.add_row({{"first"}, {"a remark that is far too long for so narrow a terminal"}, {"1"}});
  const auto text = table.render(32, false);
  EXPECT_NE(text.find("  first\n    remark: a remark"), std::string::npos) << text;
  for (const auto& line : split(text, '\n')) EXPECT_LE(display_width(line), 32U);
}

TEST(TextLayout, ColourOnlyWhenAsked) {
  EXPECT_EQ(sample_table().render(40, false).find('\x1b'), std::string::npos);
  EXPECT_NE(sample_table().render(40, true).find("\x1b[1mplain\x1b[0m"), std::string::npos);
  EXPECT_EQ(paint("x", Tone::kPlain, true), "x");
}

}  // namespace
}  // namespace descant::report
