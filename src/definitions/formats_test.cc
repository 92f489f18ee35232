// SPDX-License-Identifier: Apache-2.0
#include "definitions/formats.h"

#include <gtest/gtest.h>

namespace descant::definitions {
namespace {

TEST(Formats, NamesAreSmallLettersDigitsAndUnderscores) {
  for (const char* name : {"a", "minutes_played", "week2"}) EXPECT_TRUE(is_name(name)) << name;
  for (const char* name : {"", "2week", "_a", "Minutes", "a-b", "a b", "é", "../a"})
    EXPECT_FALSE(is_name(name)) << name;
}

TEST(Formats, NumbersOfAnyForm) {
  for (const char* text : {"0.5", ".5", "+0.5", "5e-1", "5E-1", "50.0e-2"}) {
    const auto read = parse_number(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, 0.5) << text;
  }
  EXPECT_EQ(*parse_number("-3"), -3);
  EXPECT_EQ(*parse_number("5."), 5);
  for (const char* text : {"", "+", "-", ".", "nan", "inf", ".inf", "-inf", "+-1", "1e999", "1 ",
                           " 1", "1,5", "0.5x", "5%"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Formats, EffectSizesAreRelativePointsOrAbsolute) {
  const auto read = [](const char* text) {
    const auto effect = EffectSizeText::read(text);
    EXPECT_TRUE(effect) << text;
    return effect ? std::pair(effect->value, effect->relative) : std::pair(-1.0, false);
  };
  EXPECT_EQ(read("1%"), std::pair(0.01, true));
  EXPECT_EQ(read(" 0.1 % "), std::pair(0.001, true));
  EXPECT_EQ(read("1pp"), std::pair(0.01, false));
  EXPECT_EQ(read("2.5"), std::pair(2.5, false));
  for (const char* text : {"", "%", "pp", "1 percent", "1%%", "x%"})
    EXPECT_FALSE(EffectSizeText::read(text)) << text;
}

TEST(Formats, WhatIsWrittenReadsBackTheSame) {
  for (const double value : {0.01, 0.07, 1.0 / 3, 0.005, 1e-9, 123.456})
    for (const bool relative : {false, true}) {
      const auto text = EffectSizeText::write({value, relative});
      const auto read = EffectSizeText::read(text);
      ASSERT_TRUE(read) << text;
      EXPECT_DOUBLE_EQ(read->value, value) << text;
      EXPECT_EQ(read->relative, relative) << text;
    }
  EXPECT_EQ(EffectSizeText::write({0.01, true}), "1%");
  EXPECT_EQ(Duration::write(*Duration::read("36h")), "36h");
  EXPECT_EQ(CalendarDate::write(*CalendarDate::read("2026-03-02")), "2026-03-02");
  for (const auto& [name, role] : names<Role>()) {
    EXPECT_EQ(name_of(role), name);
    EXPECT_EQ(*NameOf<Role>::read(name), role);
    EXPECT_EQ(NameOf<Role>::write(role), name);
  }
}

TEST(Formats, ColumnsMayNotLeadOutOfAFolder) {
  EXPECT_TRUE(Column::read("Track ID"));
  EXPECT_TRUE(Column::read("é"));
  for (const std::string& text :
       {std::string(), std::string("../x"), std::string("a\nb"), std::string(201, 'a')})
    EXPECT_FALSE(Column::read(text)) << text;
}

}  // namespace
}  // namespace descant::definitions
