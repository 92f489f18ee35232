// SPDX-License-Identifier: Apache-2.0
#include "warehouse/warehouse.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "warehouse/sql_error.h"

namespace descant::warehouse {
namespace {

Warehouse open_memory(const std::string& folder = ".") {
  auto opened = Warehouse::open(":memory:", folder, 2);
  EXPECT_TRUE(opened.ok());
  return std::move(opened).value();
}

TEST(Warehouse, StreamsEveryRowWithItsNulls) {
  Warehouse warehouse = open_memory();
  std::mutex mutex;
  std::int64_t sum = 0;
  std::size_t nulls = 0;
  std::set<std::string> texts;
  const auto rows = warehouse.stream(
      "range(100000) t(i)",
      {"CASE WHEN i % 7 = 0 THEN NULL ELSE i END", "'item ' || (i % 3)", "i / 2.0"},
      {ColumnType::kInt64, ColumnType::kString, ColumnType::kDouble}, "i < 50000",
      [&](const Batch& batch) -> Result<void> {
        const std::lock_guard lock(mutex);
        for (std::size_t r = 0; r < batch.rows; ++r) {
          if (batch.columns[0].valid(r))
            sum += batch.columns[0].int64s[r];
          else
            ++nulls;
          texts.insert(std::string(batch.columns[1].string_at(r)));
        }
        return {};
      },
      {}, "test");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(*rows, 50000U);
  EXPECT_EQ(nulls, 7143U);
  EXPECT_EQ(sum, 50000LL * 49999 / 2 - 7LL * 7142 * 7143 / 2);
  EXPECT_EQ(texts, (std::set<std::string>{"item 0", "item 1", "item 2"}));
}

TEST(Warehouse, ConstantsReachTheSinkForEveryRow) {
  Warehouse warehouse = open_memory();
  std::atomic<std::int64_t> sum{0};
  const auto rows = warehouse.stream(
      "range(10000)", {"1"}, {ColumnType::kInt64}, "",
      [&](const Batch& batch) -> Result<void> {
        for (std::size_t r = 0; r < batch.rows; ++r) sum += batch.columns[0].int64s[r];
        return {};
      },
      {}, "test");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(sum.load(), 10000);
}

TEST(Warehouse, SinkErrorStopsTheQueryAndComesBackWhole) {
  Warehouse warehouse = open_memory();
  const auto rows = warehouse.stream(
      "range(100000) t(i)", {"i"}, {ColumnType::kInt64}, "",
      [](const Batch&) -> Result<void> { return invalid_data("too odd", "here"); }, {}, "test");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().message, "too odd");
}

TEST(Warehouse, StopFlagCancels) {
  Warehouse warehouse = open_memory();
  const std::atomic<bool> stop{true};
  const auto rows = warehouse.stream(
      "range(100000) t(i)", {"i"}, {ColumnType::kInt64}, "",
      [](const Batch&) -> Result<void> { return {}; }, {nullptr, &stop}, "test");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::kCancelled);
}

TEST(Warehouse, UnknownColumnNamesThePlaceAndTheCandidates) {
  Warehouse warehouse = open_memory();
  const auto type = warehouse.expression_type("(SELECT 1 AS ms_played)", "ms_playd / 2",
                                              "fact_tables.plays.measures.minutes");
  ASSERT_FALSE(type.ok());
  EXPECT_EQ(type.error().code, ErrorCode::kInvalidDefinition);
  EXPECT_EQ(type.error().where, "fact_tables.plays.measures.minutes");
  EXPECT_NE(type.error().message.find("ms_playd"), std::string::npos);
  EXPECT_EQ(type.error().message.find("DESCRIBE"), std::string::npos);
  EXPECT_NE(type.error().hint.find("ms_played"), std::string::npos);
}

TEST(Warehouse, ABadCsvRowIsNamedWithoutTheEnginesOptions) {
  const auto folder = std::filesystem::temp_directory_path() / "descant_warehouse_bad_csv";
  std::filesystem::create_directories(folder);
  {
    std::ofstream csv(folder / "a.csv");
    csv << "id,skipped\n";
    for (int i = 0; i < 30000; ++i) csv << i << ",true\n";
    csv << "30000,maybe\n";
  }
  Warehouse warehouse = open_memory(folder.string());
  const auto relation = warehouse.relation("a.csv", "");
  ASSERT_TRUE(relation.ok());
  const auto rows = warehouse.query_text("SELECT count(skipped) FROM " + *relation);
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("\"maybe\" to 'BOOLEAN'"), std::string::npos);
  EXPECT_NE(rows.error().message.find("30002"), std::string::npos) << rows.error().message;
  EXPECT_EQ(rows.error().message.find("solutions"), std::string::npos) << rows.error().message;
  EXPECT_EQ(rows.error().message.find("sample_size"), std::string::npos) << rows.error().message;
  std::filesystem::remove_all(folder);
}

TEST(Warehouse, MissingFileSaysWhichPathWasSearched) {
  Warehouse warehouse = open_memory("/nowhere");
  const auto relation = warehouse.relation("plays/*.parquet", "");
  ASSERT_FALSE(relation.ok());
  EXPECT_EQ(relation.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(relation.error().where, "/nowhere/plays/*.parquet");
}

TEST(Warehouse, ReadsCsvRelativeToItsFolder) {
  const auto folder = std::filesystem::temp_directory_path() / "descant_warehouse_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.csv") << "id,x\n1,2.5\n2,\n";
  Warehouse warehouse = open_memory(folder.string());
  const auto relation = warehouse.relation("a.csv", "");
  ASSERT_TRUE(relation.ok()) << relation.error().message;
  const auto columns = warehouse.columns(*relation, "test");
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  ASSERT_EQ(columns->size(), 2U);
  EXPECT_EQ((*columns)[1].sql_type, "DOUBLE");
  const auto table = warehouse.query_text("SELECT * FROM " + *relation + " ORDER BY id");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows[0][1], "2.5");
  EXPECT_EQ(table->rows[1][1], std::nullopt);
  std::filesystem::remove_all(folder);
}

TEST(SqlError, IsShortAndSaysWhatToDo) {
  const std::string line = "CSV Error on Line: 7 " + std::string(100'000, '9');
  const Error data = sql_error("Invalid Input Error: " + line, "f.csv");
  EXPECT_LT(data.message.size(), 700U);
  EXPECT_EQ(exit_status(data.code), 3);
  EXPECT_FALSE(data.hint.empty());
  const Error types = sql_error(
      "Binder Error: No function matches. Candidate functions:\n\t+(TINYINT) -> TINYINT", "m");
  EXPECT_EQ(types.message, "No function matches.");
  EXPECT_FALSE(types.hint.empty());
}

TEST(Warehouse, QuotesDoNotEndStringsOrNames) {
  EXPECT_EQ(quote_string("it's"), "'it''s'");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace descant::warehouse
