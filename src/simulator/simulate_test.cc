// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "definitions/load.h"
#include "simulator/planted/experiment.h"
#include "warehouse/warehouse.h"

namespace descant::simulator {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every file below a folder.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).generic_string()] = read(entry.path());
  }
  return files;
}

class SimulateTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ =
        fs::path(testing::TempDir()) /
        fmt::format("simulate_{}", testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  SimulateOptions options(const std::string& name) const {
    SimulateOptions options;
    options.folder = (root_ / name).string();
    options.listeners = 3'000;
    options.plays_per_listener = 30;
    return options;
  }

  // The first row of a query run in a simulated folder.
  static std::vector<std::string> row(const SimulateOptions& simulated, const std::string& sql) {
    auto warehouse = warehouse::Warehouse::open(":memory:", simulated.folder);
    if (!warehouse) return {to_text(warehouse.error())};
    std::string query = sql;
    for (const auto& [name, path] : {std::pair{"PLAYS", "/data/plays/*.parquet"},
                                     std::pair{"LISTENERS", "/data/listeners.parquet"},
                                     std::pair{"ASSIGNMENTS", "/data/assignments.parquet"}}) {
      for (std::size_t at; (at = query.find(name)) != std::string::npos;)
        query.replace(at, std::string(name).size(),
                      warehouse::quote_string(simulated.folder + path));
    }
    auto table = warehouse->query_text(query);
    if (!table) return {to_text(table.error())};
    std::vector<std::string> values;
    for (const auto& value : table->rows.at(0)) values.push_back(value.value_or("NULL"));
    return values;
  }

  fs::path root_;
};

using Row = std::vector<std::string>;

TEST_F(SimulateTest, TheSameSeedGivesTheSameBytesForAnyNumberOfThreads) {
  SimulateOptions one = options("one"), two = options("two"), other = options("other");
  one.threads = 1;
  two.threads = 3;
  other.seed = 8;
  for (const auto& each : {one, two, other}) {
    const auto report = simulate(each);
    ASSERT_TRUE(report) << to_text(report.error());
  }
  const auto files = contents(one.folder);
  EXPECT_EQ(files, contents(two.folder));
  const auto others = contents(other.folder);
  for (const auto& [name, text] : files) {
    const bool follows_the_seed = name.ends_with(".parquet") || name == "truth.json";
    EXPECT_EQ(text != others.at(name), follows_the_seed) << name;
  }
}

TEST_F(SimulateTest, TablesTruthAndReportAgree) {
  const SimulateOptions wanted = options("project");
  const auto report = simulate(wanted);
  ASSERT_TRUE(report) << to_text(report.error());
  const Json truth = *parse_json(read(fs::path(wanted.folder) / "truth.json"));
  EXPECT_EQ(truth["plays"], report->plays);
  EXPECT_EQ(truth["options"]["seed"], wanted.seed);
  EXPECT_NEAR(static_cast<double>(report->plays), 90'000, 9'000);

  EXPECT_EQ(row(wanted,
                "SELECT count(*), min(play_id), max(play_id), count(DISTINCT play_id), "
                "count(DISTINCT listener_id) FROM PLAYS"),
            (Row{std::to_string(report->plays), "1", std::to_string(report->plays),
                 std::to_string(report->plays),
                 std::to_string(3'000 - truth["listeners_without_any_play"].get<int>())}));
  EXPECT_EQ(row(wanted,
                "SELECT count(*), count(DISTINCT listener_id), "
                "count(*) - count(age_band) > 0 FROM LISTENERS"),
            (Row{"3000", "3000", "true"}));
  EXPECT_EQ(row(wanted, "SELECT count(*) FROM ASSIGNMENTS"),
            (Row{std::to_string(report->assignments)}));
  for (const Json& planted : truth["planted"]) {
    for (const Json& variant : planted["variants"]) {
      const std::string sql = fmt::format(
          "SELECT count(*) FROM (SELECT listener_id FROM ASSIGNMENTS WHERE experiment = '{}' GROUP "
          "BY listener_id HAVING min(variant) = max(variant) AND min(variant) = '{}')",
          planted["name"].get<std::string>(), variant["name"].get<std::string>());
      EXPECT_EQ(row(wanted, sql), (Row{variant["listeners"].dump()})) << sql;
    }
    const std::string silent = fmt::format(
        "SELECT count(DISTINCT listener_id) FROM ASSIGNMENTS WHERE experiment = '{}' AND "
        "listener_id NOT IN (SELECT listener_id FROM PLAYS)",
        planted["name"].get<std::string>());
    EXPECT_EQ(row(wanted, silent), (Row{planted["listeners_without_any_play"].dump()}));
  }
}

TEST_F(SimulateTest, TheFolderIsAProjectThatDeclaresWhatIsPlanted) {
  SimulateOptions wanted = options("project");
  wanted.listeners = 100;
  ASSERT_TRUE(simulate(wanted));
  const definitions::Loaded loaded = definitions::load_project(wanted.folder);
  for (const Error& error : loaded.errors) ADD_FAILURE() << to_text(error);
  const PlantedList planted = all_planted();
  EXPECT_EQ(loaded.project.experiments.size(), planted.size());
  for (const auto& thing : planted) {
    const auto& design = dynamic_cast<const PlantedExperiment&>(*thing).design();
    ASSERT_TRUE(loaded.project.experiments.contains(design.name)) << design.name;
    const definitions::Experiment& declared = loaded.project.experiments.at(design.name);
    EXPECT_EQ(format_date(declared.start), design.start);
    EXPECT_EQ(format_date(declared.end), design.end);
    EXPECT_EQ(declared.control, design.control);
    ASSERT_EQ(declared.variants.size(), 2U);
    EXPECT_EQ(declared.variants[0].name, design.control);
    EXPECT_EQ(declared.variants[1].name, design.treatment);
    EXPECT_EQ(declared.variants[1].share, design.treatment_share);
  }
}

TEST_F(SimulateTest, PlaysAreInTimeOrderAndOfOneSessionAtATime) {
  const SimulateOptions wanted = options("project");
  ASSERT_TRUE(simulate(wanted));
  EXPECT_EQ(row(wanted,
                "SELECT count(*) FILTER (played_at < before) FROM (SELECT played_at, "
                "lag(played_at) OVER (ORDER BY play_id) AS before FROM PLAYS)"),
            (Row{"0"}));
  EXPECT_EQ(row(wanted,
                "SELECT max(n) FROM (SELECT count(DISTINCT listener_id) AS n FROM PLAYS "
                "GROUP BY session_id)"),
            (Row{"1"}));
  // Half an hour of silence ends a session: the usual rule finds the sessions again.
  EXPECT_EQ(row(wanted,
                "SELECT count(*) FILTER ((session_id <> session_before) <> (played_at > before + "
                "INTERVAL 30 MINUTE)) FROM (SELECT played_at, session_id, lag(played_at) OVER w AS "
                "before, lag(session_id) OVER w AS session_before FROM PLAYS WINDOW w AS "
                "(PARTITION BY listener_id ORDER BY played_at)) WHERE before IS NOT NULL"),
            (Row{"0"}));
}

TEST_F(SimulateTest, KeysAreOfTheKindAskedFor) {
  for (const std::string kind : {"sparse", "string"}) {
    SimulateOptions wanted = options(kind);
    wanted.listener_key = kind;
    wanted.listeners = 500;
    const auto report = simulate(wanted);
    ASSERT_TRUE(report) << to_text(report.error());
    EXPECT_EQ(row(wanted,
                  "SELECT any_value(typeof(listener_id)), count(DISTINCT listener_id) FROM "
                  "LISTENERS"),
              (Row{kind == "string" ? "VARCHAR" : "BIGINT", "500"}));
    EXPECT_EQ(row(wanted,
                  "SELECT count(*) FROM (SELECT listener_id FROM PLAYS UNION SELECT "
                  "listener_id FROM ASSIGNMENTS) WHERE listener_id NOT IN (SELECT "
                  "listener_id FROM LISTENERS)"),
              (Row{"0"}));
  }
}

TEST_F(SimulateTest, ASecondSimulationReplacesTheFirst) {
  SimulateOptions wanted = options("project");
  wanted.listeners = 200;
  ASSERT_TRUE(simulate(wanted));
  fs::create_directories(root_ / "project/.descant");  // a cache
  std::ofstream(root_ / "project/.descant/manifest.json") << "{}";
  wanted.days = 20;  // fewer files than before
  const auto report = simulate(wanted);
  ASSERT_TRUE(report) << to_text(report.error());
  EXPECT_FALSE(fs::exists(root_ / "project/data/plays/plays-2026-03.parquet"));
  EXPECT_EQ(row(wanted, "SELECT count(*) FROM PLAYS"), (Row{std::to_string(report->plays)}));
  EXPECT_TRUE(fs::exists(root_ / "project/.descant/manifest.json"));
}

TEST_F(SimulateTest, AFolderWithOtherThingsIsLeftAlone) {
  SimulateOptions wanted = options("project");
  wanted.listeners = 200;
  ASSERT_TRUE(simulate(wanted));
  std::ofstream(root_ / "project/notes.txt") << "mine";
  const auto before = contents(wanted.folder);
  const auto refused = simulate(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("notes.txt"), std::string::npos);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(contents(wanted.folder), before);

  fs::remove(root_ / "project/notes.txt");
  std::ofstream(root_ / "project/metrics.yaml", std::ios::app) << "# my own metric\n";
  const auto edited = simulate(wanted);
  ASSERT_FALSE(edited);
  EXPECT_NE(edited.error().message.find("metrics.yaml"), std::string::npos);
}

TEST_F(SimulateTest, AStoppedSimulationLeavesNoTruthAndCanBeRunAgain) {
  SimulateOptions wanted = options("project");
  std::atomic<bool> stop{false};
  Watch watch;
  watch.report = [&](const Progress& progress) { stop = progress.done > 1'000; };
  watch.stop = &stop;
  const auto stopped = simulate(wanted, watch);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(root_ / "project/truth.json"));
  EXPECT_TRUE(simulate(wanted));
}

TEST_F(SimulateTest, OptionsOutsideTheirDomainAreErrors) {
  const auto rejected = [&](auto change) {
    SimulateOptions wanted = options("project");
    change(wanted);
    const auto report = simulate(wanted);
    return !report && report.error().code == ErrorCode::kInvalidRequest &&
           !report.error().message.empty() && !fs::exists(root_ / "project");
  };
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.listeners = 0; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.listeners = 1'000'000'000; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.days = 0; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.days = 100'000; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.plays_per_listener = -1; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.plays_per_listener = std::nan(""); }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.listener_key = "uuid"; }));
  EXPECT_TRUE(rejected([](auto& wanted) { wanted.folder = ""; }));
}

TEST_F(SimulateTest, ASingleListenerAndASingleDayAreAProject) {
  SimulateOptions wanted = options("project");
  wanted.listeners = 1;
  wanted.days = 1;
  const auto report = simulate(wanted);
  ASSERT_TRUE(report) << to_text(report.error());
  EXPECT_EQ(row(wanted, "SELECT count(*) FROM LISTENERS"), (Row{"1"}));
  EXPECT_EQ(row(wanted, "SELECT count(*) FROM PLAYS"), (Row{std::to_string(report->plays)}));
}

TEST_F(SimulateTest, AFileInPlaceOfTheFolderIsAnError) {
  fs::create_directories(root_);
  const SimulateOptions wanted = options("project");
  std::ofstream(wanted.folder) << "a file";
  const auto report = simulate(wanted);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(read(wanted.folder), "a file");
}

}  // namespace
}  // namespace descant::simulator
