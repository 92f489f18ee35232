// SPDX-License-Identifier: Apache-2.0
#include "experiment/decision_record.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

DecisionRecord drawn_record() {
  const auto table = testing::drawn_table({.units = 500, .days = 2});
  const auto result = analyze(testing::drawn_plan(table), table, std::nullopt, 1);
  EXPECT_TRUE(result.ok());
  auto record = record_of({}, *result);
  record.as_of = "2026-03-02T00:00:00Z";
  return record;
}

TEST(DecisionRecord, ReadsBackToTheSameBytes) {
  const auto record = drawn_record();
  const std::string text = write_record(record);
  const auto again = read_record(text, "r.json");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(write_record(*again), text);
}

TEST(DecisionRecord, AnythingElseIsRefusedWithItsFile) {
  for (const char* text : {"", "[]", "{}", R"({"experiment": "a", "as_of": "b", "wrong": 1})"}) {
    const auto found = read_record(text, "r.json");
    ASSERT_FALSE(found.ok()) << text;
    EXPECT_NE(to_text(found.error()).find("r.json"), std::string::npos) << text;
  }
}

TEST(DecisionRecord, KeptOnceAndNeverReplaced) {
  const auto folder = std::filesystem::temp_directory_path() / "descant_decision_record_test";
  std::filesystem::remove_all(folder);
  auto record = drawn_record();
  record.experiment = "../a b";  // stays inside the folder
  const auto first = keep_record(folder.string(), record);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->starts_with((folder / "records" / "___a_b").string())) << *first;
  EXPECT_EQ(*keep_record(folder.string(), record), *first);
  record.result["record"]["alpha"] = 0.1;
  const auto second = keep_record(folder.string(), record);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*second, *first);
  EXPECT_TRUE(std::filesystem::exists(*first));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace descant::experiment
