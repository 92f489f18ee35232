// SPDX-License-Identifier: Apache-2.0
#include "stats/labels.h"

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

TEST(LabelsTest, NumbersStandInOrderOfSizeAndTextsOfTheAlphabet) {
  const auto numbers = *code_labels({10, 9, "10", 2.5}, "unit");
  EXPECT_EQ(numbers.names, (std::vector<std::string>{"2.5", "9", "10"}));
  EXPECT_EQ(numbers.codes, (std::vector<std::uint32_t>{2, 1, 2, 0}));
  const auto texts = *code_labels({"b", 10, "a", true}, "unit");
  EXPECT_EQ(texts.names, (std::vector<std::string>{"10", "a", "b", "true"}));
}

TEST(LabelsTest, WhatIsNoLabelIsAnErrorNamingItsPlace) {
  EXPECT_EQ(code_labels({1, nullptr}, "unit").error().where, "unit[1]");
  EXPECT_EQ(code_labels({Json::array()}, "unit").error().where, "unit[0]");
  EXPECT_TRUE(code_labels({}, "unit")->names.empty());
}

TEST(LabelsTest, ArmsAreKnownByNameOrByTheControlsLabel) {
  using Arms = std::vector<std::uint8_t>;
  EXPECT_EQ(*code_arms({"treatment", "control"}, std::nullopt, "arm"), (Arms{1, 0}));
  EXPECT_EQ(*code_arms({0, 1, 1}, std::nullopt, "arm"), (Arms{0, 1, 1}));
  EXPECT_EQ(*code_arms({false, true}, std::nullopt, "arm"), (Arms{0, 1}));
  EXPECT_EQ(*code_arms({"old", "new"}, Json("old"), "arm"), (Arms{0, 1}));
  EXPECT_EQ(code_arms({"old", "new"}, std::nullopt, "arm").error().where, "arm");
  EXPECT_EQ(code_arms({"old", "new"}, Json("odl"), "arm").error().where, "control");
  EXPECT_EQ(code_arms({"control", "0"}, std::nullopt, "arm").error().where, "arm");
  EXPECT_FALSE(code_arms({"a", "b", "c"}, Json("a"), "arm"));
}

}  // namespace
}  // namespace descant::stats
