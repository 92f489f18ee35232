// SPDX-License-Identifier: Apache-2.0
#include "warehouse/table_writer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <duckdb.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace descant::warehouse {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test.
class TableWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              fmt::format("table_writer_{}",
                          testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  bool folder_is_empty() const { return fs::is_empty(folder_); }

  fs::path folder_;
};

// Every value of a query's result as text, row by row; NULL where it is null.
std::vector<std::string> query(const std::string& sql) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  EXPECT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
  EXPECT_EQ(duckdb_connect(database, &connection), DuckDBSuccess);
  duckdb_result result;
  std::vector<std::string> values;
  EXPECT_EQ(duckdb_query(connection, sql.c_str(), &result), DuckDBSuccess)
      << duckdb_result_error(&result);
  for (idx_t row = 0; row < duckdb_row_count(&result); ++row) {
    for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
      char* text = duckdb_value_varchar(&result, column, row);
      values.emplace_back(text == nullptr ? "NULL" : text);
      duckdb_free(text);
    }
  }
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return values;
}

using Strings = std::vector<std::string>;

TEST_F(TableWriterTest, EveryTypeComesBackWithNullsForNegativeCodes) {
  const std::string file = path("it's a table.parquet");
  auto writer = TableWriter::open(
      file, {{"flag", WriteType::kBool, {}},
             {"small", WriteType::kInt32, {}},
             {"large", WriteType::kInt64, {}},
             {"number", WriteType::kDouble, {}},
             {"instant", WriteType::kInstant, {}},
             {"day", WriteType::kDate, {}},
             {"label", WriteType::kLabel, {"short", "a label over twelve characters", ""}}});
  ASSERT_TRUE(writer) << to_text(writer.error());
  const std::vector<std::uint8_t> flags{1, 0, 1};
  const std::vector<std::int32_t> smalls{-7, 0, 2'147'483'647};
  const std::vector<std::int64_t> larges{-9'007'199'254'740'993, 0, 42};
  const std::vector<double> numbers{0.1, -2.5, 1e300};
  const std::vector<std::int64_t> instants{0, 1'772'409'600'000'000, 1};
  const std::vector<std::int32_t> days{0, 20'514, -1};
  const std::vector<std::int32_t> codes{1, -1, 0};
  const std::vector<WriteValues> batch{std::span(flags),   std::span(smalls),   std::span(larges),
                                       std::span(numbers), std::span(instants), std::span(days),
                                       std::span(codes)};
  ASSERT_TRUE(writer->append(batch));
  EXPECT_FALSE(fs::exists(file)) << "not in place before finish()";
  const auto finished = writer->finish();
  ASSERT_TRUE(finished) << to_text(finished.error());

  const std::string from = fmt::format("FROM '{}'", path("it''s a table.parquet"));
  EXPECT_EQ(query("SELECT flag, small, large, number, epoch_us(instant), day, label " + from),
            (Strings{"true",
                     "-7",
                     "-9007199254740993",
                     "0.1",
                     "0",
                     "1970-01-01",
                     "a label over twelve characters",  //
                     "false",
                     "0",
                     "0",
                     "-2.5",
                     "1772409600000000",
                     "2026-03-02",
                     "NULL",  //
                     "true",
                     "2147483647",
                     "42",
                     "1e+300",
                     "1",
                     "1969-12-31",
                     "short"}));
  EXPECT_EQ(query("SELECT column_type FROM (DESCRIBE " + from + ")"),
            (Strings{"BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "TIMESTAMP WITH TIME ZONE", "DATE",
                     "VARCHAR"}));
}

TEST_F(TableWriterTest, ManyBatchesKeepTheirOrder) {
  const std::string file = path("numbers.parquet");
  auto writer = TableWriter::open(file, {{"n", WriteType::kInt64, {}}});
  ASSERT_TRUE(writer);
  std::vector<std::int64_t> numbers(50'001);
  for (std::int64_t batch = 0; batch < 8; ++batch) {
    std::iota(numbers.begin(), numbers.end(), batch * std::ssize(numbers));
    ASSERT_TRUE(writer->append(std::vector<WriteValues>{std::span<const std::int64_t>(numbers)}));
    std::fill(numbers.begin(), numbers.end(), -1);  // the caller's memory is free after append()
  }
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(query(fmt::format("SELECT count(*), sum((n = file_row_number)::int) FROM "
                              "read_parquet('{}', file_row_number = true)",
                              file)),
            (Strings{"400008", "400008"}));
}

TEST_F(TableWriterTest, NoRowsMakeATableOfNoRows) {
  const std::string file = path("empty.parquet");
  auto writer = TableWriter::open(file, {{"n", WriteType::kInt32, {}}});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(std::vector<WriteValues>{std::span<const std::int32_t>()}));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(query(fmt::format("SELECT count(*), count(n) FROM '{}'", file)), (Strings{"0", "0"}));
}

TEST_F(TableWriterTest, AnUnfinishedFileIsRemoved) {
  const std::vector<std::int32_t> numbers(300'000, 1);
  {
    auto writer = TableWriter::open(path("half.parquet"), {{"n", WriteType::kInt32, {}}});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(std::vector<WriteValues>{std::span(numbers)}));
  }
  EXPECT_TRUE(folder_is_empty());
}

TEST_F(TableWriterTest, ASecondFinishIsAnError) {
  auto writer = TableWriter::open(path("n.parquet"), {{"n", WriteType::kInt32, {}}});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->finish());
  EXPECT_FALSE(writer->finish());
  EXPECT_FALSE(writer->append(std::vector<WriteValues>{std::span<const std::int32_t>()}));
}

TEST_F(TableWriterTest, ValuesThatDoNotFitAreErrorsAndNotWritten) {
  auto writer = TableWriter::open(
      path("n.parquet"), {{"n", WriteType::kInt32, {}}, {"kind", WriteType::kLabel, {"a", "b"}}});
  ASSERT_TRUE(writer);
  const std::vector<std::int32_t> three{0, 1, 1}, two{0, 1}, beyond{0, 1, 2};
  const std::vector<std::int64_t> wide{0, 1, 2};
  EXPECT_FALSE(writer->append(std::vector<WriteValues>{std::span(three)}));
  EXPECT_FALSE(writer->append(std::vector<WriteValues>{std::span(three), std::span(two)}));
  EXPECT_FALSE(writer->append(std::vector<WriteValues>{std::span(wide), std::span(three)}));
  const auto code = writer->append(std::vector<WriteValues>{std::span(three), std::span(beyond)});
  ASSERT_FALSE(code);
  EXPECT_NE(code.error().message.find("'kind'"), std::string::npos);
  ASSERT_TRUE(writer->append(std::vector<WriteValues>{std::span(three), std::span(three)}));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(query(fmt::format("SELECT count(*) FROM '{}'", path("n.parquet"))), (Strings{"3"}));
}

TEST_F(TableWriterTest, BadTargetsAndColumnsAreErrors) {
  EXPECT_FALSE(TableWriter::open(path("none/n.parquet"), {{"n", WriteType::kInt32, {}}}));
  EXPECT_FALSE(TableWriter::open(path("n.parquet"), {}));
  EXPECT_FALSE(TableWriter::open(path("n.parquet"),
                                 {{"n", WriteType::kInt32, {}}, {"n", WriteType::kInt64, {}}}));
  fs::create_directory(path("n.parquet.partial"));  // the engine cannot write over a folder
  auto writer = TableWriter::open(path("n.parquet"), {{"n", WriteType::kInt32, {}}});
  ASSERT_TRUE(writer);
  const auto finished = writer->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace descant::warehouse
