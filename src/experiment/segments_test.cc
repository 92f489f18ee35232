// SPDX-License-Identifier: Apache-2.0
#include "experiment/segments.h"

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

folds::UnitTable table_with(std::vector<std::uint32_t> codes, std::vector<std::string> labels) {
  std::vector<double> values(codes.size(), 1.0);
  auto table = testing::one_day_table({"a", "b"}, std::vector<std::uint8_t>(codes.size(), 0),
                                      {testing::mean_values("m", values)});
  table.segments.push_back({"country", std::move(codes), std::move(labels)});
  return table;
}

TEST(Segments, MostFrequentFirstTiesByLabelOthersPooled) {
  const auto table = table_with({0, 1, 1, 2, 2, 3, 4}, {"SE", "US", "BR", "AR", "CL", "nobody"});
  const auto shown = choose_segments(table, 3, 2);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ((*shown)[0].labels, (std::vector<std::string>{"BR", "US", "AR", "(other: 2 values)"}));
  EXPECT_EQ((*shown)[0].codes, (std::vector<std::uint16_t>{3, 1, 1, 0, 0, 2, 3}));
  EXPECT_EQ((*shown)[0].pooled_values, 2U);
}

TEST(Segments, AllAreShownWhenTheyFit) {
  const auto shown = choose_segments(table_with({0, 1, 1}, {"SE", "US", "nobody"}), 50, 1);
  EXPECT_EQ((*shown)[0].labels, (std::vector<std::string>{"US", "SE"}));
  EXPECT_EQ((*shown)[0].pooled_values, 0U);
}

TEST(Segments, UnexposedUnitsDoNotCount) {
  auto table = table_with({0, 0, 1}, {"SE", "US"});
  table.exposed_from = {9, 9, 0};
  const auto shown = choose_segments(table, 50, 1);
  EXPECT_EQ((*shown)[0].labels, (std::vector<std::string>{"US"}));
}

TEST(Segments, ACodeWithoutLabelIsAnError) {
  EXPECT_FALSE(choose_segments(table_with({0, 7}, {"SE"}), 50, 1).ok());
}

TEST(Segments, AMillionValues) {
  constexpr std::uint32_t kValues = 1'000'000;
  std::vector<std::uint32_t> codes(kValues);
  std::vector<std::string> labels(kValues);
  for (std::uint32_t i = 0; i < kValues; ++i) {
    codes[i] = i < 100 ? 99 : i;
    labels[i] = "value " + std::to_string(i);
  }
  const auto shown = choose_segments(table_with(std::move(codes), std::move(labels)), 50, 2);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ((*shown)[0].labels.size(), 51U);
  EXPECT_EQ((*shown)[0].labels.front(), "value 99");
  EXPECT_EQ((*shown)[0].labels.back(), "(other: 999,851 values)");
}

}  // namespace
}  // namespace descant::experiment
