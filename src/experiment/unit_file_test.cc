// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_file.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "experiment/test_tables.h"
#include "warehouse/warehouse.h"

namespace descant::experiment {
namespace {

class UnitFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("descant_unit_file_" + std::to_string(std::random_device{}()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  UnitFileRequest request(const std::string& csv, const std::vector<std::string>& metrics,
                          const std::string& name = "players.csv") {
    UnitFileRequest made;
    made.file = (folder_ / name).string();
    std::ofstream(made.file, std::ios::binary) << csv;
    made.variant = "version";
    for (const auto& text : metrics) {
      auto metric = parse_unit_metric(text);
      EXPECT_TRUE(metric.ok()) << to_text(metric.error());
      made.metrics.push_back(*metric);
    }
    return made;
  }

  static ExperimentResult run(const UnitFileRequest& request) {
    auto result = analyze_unit_file(request);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
    if (!result) return {};
    EXPECT_EQ(testing::unexplained_nulls(*result), std::vector<std::string>{});
    return std::move(*result);
  }

  static void expect_error(const UnitFileRequest& request, const std::string& words) {
    const auto result = analyze_unit_file(request);
    ASSERT_FALSE(result.ok()) << words;
    EXPECT_NE(to_text(result.error()).find(words), std::string::npos) << to_text(result.error());
  }

  std::filesystem::path folder_;
};

constexpr const char* kPlayers =
    "id,version,rounds,kept,plays,before,country\n"
    "1,gate_30,1,true,10,2,SE\n2,gate_30,2,false,20,3,US\n3,gate_30,3,true,30,2,SE\n"
    "4,gate_30,4,false,40,6,US\n5,gate_40,3,true,50,1,SE\n6,gate_40,4,true,60,2,\n"
    "7,gate_40,5,true,70,5,US\n8,gate_40,6,false,80,4,SE\n";

TEST_F(UnitFile, MeansSharesAndRatiosByHand) {
  auto players = request(kPlayers, {"rounds:mean", "kept:proportion", "rounds/plays:ratio"});
  players.segments = {"country"};
  players.unit = "id";
  const auto result = run(players);
  ASSERT_EQ(result.metrics.size(), 3U);
  EXPECT_EQ(result.experiment.name, "players.csv");
  EXPECT_EQ(result.experiment.control, "gate_30");
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.absolute.estimate, 2.0);
  EXPECT_NEAR(result.metrics[0].p_value_one_sided, 23.0 / 648.0, 1e-14);
  EXPECT_DOUBLE_EQ(result.metrics[1].comparison.control.estimate, 0.5);
  EXPECT_DOUBLE_EQ(result.metrics[1].comparison.treatment.estimate, 0.75);
  EXPECT_DOUBLE_EQ(result.metrics[2].comparison.treatment.estimate, 18.0 / 260.0);
  ASSERT_EQ(result.metrics[0].segments.size(), 3U);
  EXPECT_EQ(result.metrics[0].segments[0].value, "SE");
  EXPECT_EQ(result.metrics[0].segments[2].value, "unknown");
  ASSERT_EQ(result.checks.size(), 1U);
  EXPECT_EQ(result.checks[0].name, "sample_ratio");
  EXPECT_TRUE(result.experiment.left_out.empty());
}

TEST_F(UnitFile, QuantilesOfAColumn) {
  std::string csv = "version,minutes,country\n";
  for (int i = 0; i < 400; ++i)
    csv += fmt::format("{},{},{}\n", i % 2 == 0 ? "a" : "b", i * 7 % 400 + (i % 2) * 5,
                       i % 3 == 0 ? "SE" : "US");
  auto asked = request(csv, {"minutes:quantile:q=0.9"});
  asked.segments = {"country"};
  const auto metric = run(asked).metrics.front();
  // The arms have the even numbers below 400, and the odd ones and 5.
  EXPECT_DOUBLE_EQ(metric.comparison.control.estimate, 358.2);
  EXPECT_DOUBLE_EQ(metric.comparison.treatment.estimate, 364.2);
  EXPECT_EQ(metric.comparison.method, "order_statistic");
  EXPECT_EQ(metric.type, "quantile");
  EXPECT_EQ(metric.quantile, 0.9);
  EXPECT_EQ(metric.segments.size(), 2U);
}

TEST_F(UnitFile, AnotherControlTurnsTheEffect) {
  auto players = request(kPlayers, {"rounds:mean"});
  players.control = "gate_40";
  EXPECT_DOUBLE_EQ(run(players).metrics[0].comparison.absolute.estimate, -2.0);
}

TEST_F(UnitFile, ACovariateAdjusts) {
  const auto result = run(request(kPlayers, {"rounds:mean:covariate=before"}));
  EXPECT_FALSE(std::isnan(result.metrics[0].variance_reduction));
  EXPECT_EQ(result.checks.back().name, "pre_exposure:rounds");
}

TEST_F(UnitFile, ExpressionsAreSql) {
  auto players = request(kPlayers, {});
  UnitMetric metric;
  metric.name = "many rounds";
  metric.type = "proportion";
  metric.numerator = "rounds >= 4";
  players.metrics = {metric};
  const auto result = run(players);
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.control.estimate, 0.25);
  players.metrics[0].numerator = "rounds >= nothing";
  expect_error(players, "nothing");
  players.metrics[0].numerator = "version || 'x'";
  expect_error(players, "VARCHAR");
}

TEST_F(UnitFile, MissingValuesAndRowsWithoutVariantAreCounted) {
  const auto result = run(request(
      "version,rounds\na,1\na,2\na,\na,NaN\na,3\nb,2\nb,inf\nb,4\nb,5\n,7\n,8\n", {"rounds:mean"}));
  EXPECT_EQ(result.metrics[0].missing_units, 3);
  EXPECT_EQ(result.metrics[0].mature_units, 6);
  ASSERT_EQ(result.experiment.left_out.size(), 1U);
  EXPECT_EQ(result.experiment.left_out[0].reason, "null_variant");
  EXPECT_EQ(result.experiment.left_out[0].message, "2 rows without a variant.");
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.control.estimate, 2.0);
}

TEST_F(UnitFile, SharesMayBeUneven) {
  std::string csv = "version,m\n";
  for (int i = 0; i < 300; ++i) csv += fmt::format("{},{}\n", i % 3 == 0 ? "b" : "a", i % 5);
  auto players = request(csv, {"m:mean"});
  EXPECT_FALSE(run(players).checks[0].passed);
  players.shares = {"a=2", "b=1"};
  const auto result = run(players);
  EXPECT_TRUE(result.checks[0].passed);
  EXPECT_NEAR(result.experiment.arms[0].expected_share, 2.0 / 3.0, 1e-15);
  players.shares = {"a=2"};
  expect_error(players, "'b' has no share");
  players.shares = {"a=2", "c=1"};
  expect_error(players, "variant 'c'");
  players.shares = {"a=2", "b=none"};
  expect_error(players, "no positive share");
}

TEST_F(UnitFile, WhatIsWrongIsNamed) {
  auto players = request(kPlayers, {"rounds:mean"});
  players.variant = "versoin";
  expect_error(players, "Did you mean 'version'?");
  players = request(kPlayers, {"round:mean"});
  expect_error(players, "Did you mean 'rounds'?");
  players = request(kPlayers, {"country:mean"});
  expect_error(players, "'country' is of type VARCHAR, not a number");
  players = request(kPlayers, {"rounds:proportion"});
  expect_error(players, "neither 0 nor 1");
  players = request(kPlayers, {"rounds:mean"});
  players.control = "gate_3";
  expect_error(players, "gate_30, gate_40");
  players.control.clear();
  players.segments = {"contry"};
  expect_error(players, "Did you mean 'country'?");
  players = request(kPlayers, {"rounds:mean", "rounds:mean"});
  expect_error(players, "stands twice");
  players = request(kPlayers, {});
  expect_error(players, "no metric");
  players = request(kPlayers, {"rounds:mean"});
  players.variant.clear();
  expect_error(players, "no variant column");
  players = request(kPlayers, {"rounds:mean"});
  players.alpha = 2;
  expect_error(players, "alpha");
  players.alpha = 0.05;
  players.file += ".gone.csv";
  expect_error(players, "does not exist");
  expect_error(request(kPlayers, {"rounds:mean"}, "players.xyz"), "format");
}

TEST_F(UnitFile, TablesThatAreNoExperiment) {
  expect_error(request("version,m\n", {"m:mean"}), "has no rows");
  expect_error(request("version,m\na,1\na,2\n", {"m:mean"}), "only value");
  expect_error(request("version,m\n,1\n,2\n", {"m:mean"}), "no row of");
  std::string csv = "version,m\n";
  for (int i = 0; i < 30; ++i) csv += fmt::format("user{},1\n", i);
  expect_error(request(csv, {"m:mean"}), "identifier of units");
  auto repeated =
      request("id,version,m\n1,a,1\n1,a,2\n2,b,1\n3,b,1\n3,b,1\n3,a,1\n,a,1\n", {"m:mean"});
  repeated.unit = "id";
  expect_error(repeated, "2 values of 'id' stand in more than one row (5 rows together)");
}

TEST_F(UnitFile, RowsWithoutAUnitAreLeftOut) {
  auto players = request("id,version,m\n1,a,1\n2,a,2\n,a,9\n4,b,3\n5,b,4\n", {"m:mean"});
  players.unit = "id";
  const auto result = run(players);
  EXPECT_EQ(result.experiment.left_out[0].reason, "null_key");
  EXPECT_EQ(result.metrics[0].mature_units, 4);
}

TEST_F(UnitFile, BytesFollowFromTheRowsNotFromTheirOrderOrThreads) {
  std::mt19937_64 generator(4);
  std::vector<std::string> rows;
  for (int i = 0; i < 40'000; ++i)
    rows.push_back(fmt::format("{},{},{}\n", generator() % 2 == 0 ? "a" : "b",
                               static_cast<double>(generator() % 100'000) / 7.0, generator() % 9));
  const auto text = [&] {
    std::string csv = "version,m,country\n";
    for (const auto& row : rows) csv += row;
    return csv;
  };
  auto players = request(text(), {"m:mean:cap=p99"});
  players.segments = {"country"};
  players.threads = 1;
  const std::string one = write_json(to_json_document(run(players)));
  players.threads = 4;
  EXPECT_EQ(one, write_json(to_json_document(run(players))));
  std::shuffle(rows.begin(), rows.end(), generator);
  auto shuffled = request(text(), {"m:mean:cap=p99"});
  shuffled.segments = {"country"};
  EXPECT_EQ(one, write_json(to_json_document(run(shuffled))));
}

TEST_F(UnitFile, ParquetSaysTheSameAsCsv) {
  const auto csv = request(kPlayers, {"rounds:mean", "kept:proportion"});
  auto engine = warehouse::Warehouse::open(":memory:", folder_.string(), 1);
  ASSERT_TRUE(engine.ok());
  auto parquet = csv;
  parquet.file = (folder_ / "players.parquet").string();
  ASSERT_TRUE(engine
                  ->execute(fmt::format("COPY (SELECT * FROM read_csv({})) TO {}",
                                        warehouse::quote_string(csv.file),
                                        warehouse::quote_string(parquet.file)))
                  .ok());
  auto a = run(csv);
  auto b = run(parquet);
  b.experiment.name = a.experiment.name;
  EXPECT_EQ(write_json(to_json_document(a)), write_json(to_json_document(b)));
}

}  // namespace
}  // namespace descant::experiment
