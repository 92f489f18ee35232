// SPDX-License-Identifier: Apache-2.0
#include "stats/sample.h"

#include <gtest/gtest.h>

#include "base/describe_json.h"

namespace descant::stats {
namespace {

Sample sample(const Json& json) { return *from_json<Sample>(json); }

TEST(SampleTest, LabelsAreNumbersOrTextInOrderOfAppearance) {
  const auto rows = rows_of(sample({{"values", {1, 2, 3, 4}},
                                    {"cluster", {7, 7.0, "7", 8}},
                                    {"stratum", {"b", "a", 0.5, "b"}}}),
                            "control");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->cluster->index, (std::vector<std::uint32_t>{0, 0, 0, 1}));
  EXPECT_EQ(rows->cluster->names, (std::vector<std::string>{"7", "8"}));
  EXPECT_EQ(rows->stratum->index, (std::vector<std::uint32_t>{0, 1, 2, 0}));
  EXPECT_EQ(rows->stratum->names, (std::vector<std::string>{"b", "a", "0.5"}));
}

TEST(SampleTest, RowsWithoutLabelsHaveNone) {
  const auto rows = rows_of(sample({{"values", {1, 2}}}), "control");
  EXPECT_FALSE(rows->cluster || rows->stratum);
}

TEST(SampleTest, LabelErrorsNameTheRow) {
  const auto where = [](const Json& json) {
    const auto rows = rows_of(sample(json), "control");
    return rows ? std::string() : rows.error().where;
  };
  EXPECT_EQ(where({{"values", {1, 2}}, {"cluster", {1}}}), "control.cluster");
  EXPECT_EQ(where({{"values", {1, 2}}, {"cluster", 1}}), "control.cluster");
  EXPECT_EQ(where({{"values", {1, 2}}, {"stratum", {1, nullptr}}}), "control.stratum[1]");
  EXPECT_EQ(where({{"values", {1, 2}}, {"stratum", {true, 1}}}), "control.stratum[0]");
}

TEST(SampleTest, LabelsBelongToRows) {
  const auto moments =
      moments_of(sample({{"n", 2}, {"mean", 1}, {"variance", 1}, {"cluster", {1, 2}}}), "control");
  ASSERT_FALSE(moments.ok());
  EXPECT_EQ(moments.error().where, "control.cluster");
}

TEST(SampleTest, MomentsIgnoreLabels) {
  const auto moments = moments_of(sample({{"values", {1, 3}}, {"cluster", {1, 1}}}), "control");
  EXPECT_EQ(moments->moments.mean[0], 2);
}

}  // namespace
}  // namespace descant::stats
