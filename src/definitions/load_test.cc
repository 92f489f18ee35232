// SPDX-License-Identifier: Apache-2.0
#include "definitions/load.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "definitions/example_for_tests.h"

namespace descant::definitions {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, removed afterwards.
class LoadProject : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }
  std::vector<std::string> places() {
    std::vector<std::string> all;
    for (const auto& error : load_project(folder_.string()).errors) all.push_back(error.where);
    return all;
  }

  fs::path folder_;
};

TEST(LoadProjectText, ReadsEveryValueOfTheExample) {
  const auto [p, errors] = load_project_text(kExample, "descant.yaml", "/projects/listening");
  ASSERT_TRUE(errors.empty()) << to_text(errors[0]);
  EXPECT_EQ(p.name, "listening");
  EXPECT_EQ(p.folder, "/projects/listening");
  EXPECT_EQ(p.timezone, "America/New_York");
  EXPECT_EQ(p.week_start, 1);
  EXPECT_EQ(p.duckdb, ":memory:");
  EXPECT_EQ(p.entities.at("listener").name, "listener");
  EXPECT_EQ(p.entities.at("listener").key, "listener_id");

  const auto& plays = p.fact_tables.at("plays");
  EXPECT_EQ(plays.name, "plays");
  EXPECT_EQ(plays.source.from, "data/plays/*.parquet");
  EXPECT_EQ(plays.source.sql, "");
  EXPECT_EQ(plays.entity, "listener");
  EXPECT_EQ(plays.timestamp, "played_at");
  EXPECT_EQ(plays.timezone, "");
  EXPECT_EQ(plays.order_by, "play_id");
  EXPECT_EQ(plays.dimensions,
            (std::vector<std::string>{"platform", "surface", "genre", "is_organic"}));
  ASSERT_EQ(plays.measures.size(), 4U);
  EXPECT_EQ(plays.measures[0].name, "minutes");
  EXPECT_EQ(plays.measures[0].expression, "ms_played / 60000.0");
  EXPECT_EQ(plays.measures[1].name, "stream");
  EXPECT_EQ(plays.measures[1].expression, "ms_played >= 30000");
  EXPECT_EQ(plays.measures[3].expression, "track_id");
  EXPECT_EQ(plays.completeness_lag, kMicrosecondsPerDay / 4);

  const auto& assignments = p.assignment_tables.at("assignments");
  EXPECT_EQ(assignments.name, "assignments");
  EXPECT_EQ(assignments.source.from, "data/assignments.parquet");
  EXPECT_EQ(assignments.entity, "listener");
  EXPECT_EQ(assignments.experiment, "experiment");
  EXPECT_EQ(assignments.variant, "variant");
  EXPECT_EQ(assignments.timestamp, "assigned_at");
  const auto& listeners = p.dimension_tables.at("listeners");
  EXPECT_EQ(listeners.name, "listeners");
  EXPECT_EQ(listeners.source.from, "data/listeners.parquet");
  EXPECT_EQ(listeners.entity, "listener");
  EXPECT_EQ(listeners.dimensions, (std::vector<std::string>{"country", "plan", "signup_date"}));
}

TEST(LoadProjectText, ReadsEveryMetricOfTheExample) {
  const auto project = load_project_text(kExample, "descant.yaml", "/p").project;
  const auto& minutes = project.metrics.at("minutes_played");
  EXPECT_EQ(minutes.name, "minutes_played");
  EXPECT_EQ(minutes.type, MetricType::kMean);
  EXPECT_EQ(minutes.description, "Minutes listened per listener in the first 14 days");
  EXPECT_EQ(minutes.unit, "min");
  EXPECT_EQ(minutes.fact_table, "plays");
  EXPECT_EQ(minutes.direction, Direction::kIncrease);
  EXPECT_EQ(minutes.numerator.aggregate, Aggregate::kSum);
  EXPECT_EQ(minutes.numerator.measure, "minutes");
  EXPECT_EQ(minutes.numerator.where, "");
  EXPECT_FALSE(minutes.denominator);
  EXPECT_EQ(minutes.from, 0);
  EXPECT_EQ(minutes.to, 14 * kMicrosecondsPerDay);
  EXPECT_EQ(minutes.cap.percentile, 99.9);
  EXPECT_FALSE(minutes.cap.value);

  const auto& skips = project.metrics.at("skip_rate");
  EXPECT_EQ(skips.type, MetricType::kRatio);
  EXPECT_EQ(skips.direction, Direction::kDecrease);
  EXPECT_EQ(skips.numerator.measure, "skip");
  EXPECT_EQ(skips.numerator.aggregate, Aggregate::kSum);
  ASSERT_TRUE(skips.denominator);
  EXPECT_EQ(skips.denominator->aggregate, Aggregate::kCount);
  EXPECT_EQ(skips.denominator->measure, "");

  const auto& retention = project.metrics.at("week2_retention");
  EXPECT_EQ(retention.type, MetricType::kRetention);
  EXPECT_EQ(retention.numerator.aggregate, Aggregate::kAny);
  EXPECT_EQ(retention.from, 7 * kMicrosecondsPerDay);
  EXPECT_EQ(retention.to, 14 * kMicrosecondsPerDay);

  const auto& discovery = project.metrics.at("discovery_minutes");
  EXPECT_EQ(discovery.numerator.aggregate, Aggregate::kSum);
  EXPECT_EQ(discovery.numerator.where, "surface IN ('discover','radio')");
}

TEST(LoadProjectText, ReadsTheExperimentOfTheExample) {
  const auto project = load_project_text(kExample, "descant.yaml", "/p").project;
  const auto& e = project.experiments.at("home_ranker");
  EXPECT_EQ(e.name, "home_ranker");
  EXPECT_EQ(e.hypothesis, "A ranker trained on completed plays raises listening time");
  EXPECT_EQ(e.assignment_table, "assignments");
  EXPECT_EQ(e.control, "control");
  ASSERT_EQ(e.variants.size(), 2U);
  EXPECT_EQ(e.variants[0].name, "control");
  EXPECT_EQ(e.variants[1].name, "new_ranker");
  EXPECT_EQ(e.variants[1].share, 0.5);
  EXPECT_EQ(e.start, 20514);
  EXPECT_EQ(e.end, 20541);
  ASSERT_EQ(e.metrics.size(), 3U);
  EXPECT_EQ(e.metrics[0].metric, "minutes_played");
  EXPECT_EQ(e.metrics[0].role, Role::kSuccess);
  EXPECT_EQ(e.metrics[0].minimum_detectable_effect->value, 0.01);
  EXPECT_TRUE(e.metrics[0].minimum_detectable_effect->relative);
  EXPECT_FALSE(e.metrics[0].non_inferiority_margin);
  EXPECT_EQ(e.metrics[1].role, Role::kGuardrail);
  EXPECT_EQ(e.metrics[1].non_inferiority_margin->value, 0.02);
  EXPECT_EQ(e.metrics[2].non_inferiority_margin->value, 0.01);
  EXPECT_FALSE(e.metrics[2].non_inferiority_margin->relative);
  EXPECT_EQ(e.alpha, 0.05);
  EXPECT_EQ(e.power, 0.8);
  EXPECT_EQ(e.deterioration_alpha, 0.01);
  EXPECT_TRUE(e.variance_reduction.cuped);
  EXPECT_EQ(e.variance_reduction.lookback, 14 * kMicrosecondsPerDay);
  EXPECT_EQ(e.segments, (std::vector<std::string>{"platform", "country"}));
}

TEST_F(LoadProject, ReadsOneProjectFromManyFiles) {
  const std::string example = kExample;
  const auto metrics = example.find("metrics:"), experiments = example.find("experiments:");
  write("descant.yaml", example.substr(0, metrics));
  write("metrics/plays.yaml", example.substr(metrics, experiments - metrics));
  write("z.yaml", example.substr(experiments));
  const std::string plays_count =
      "  plays_count: {type: mean, fact_table: plays, aggregate: count}\n";
  write("more.yaml", "metrics:\n" + plays_count);
  write("empty.yaml", "# nothing\n---\n---\nexperiments:\n");
  write(".hidden/bad.yaml", "nonsense: [");
  write(".descant/bad.yaml", "nonsense: [");
  write("nested/descant.yaml", "name: other");
  write("nested/more.yaml", "nonsense: 1");
  const auto loaded = load_project(folder_.string());
  ASSERT_TRUE(loaded.errors.empty()) << to_text(loaded.errors[0]);
  EXPECT_EQ(loaded.project.metrics.size(), 5U);
  EXPECT_EQ(loaded.project.folder, fs::canonical(folder_).string());
  const auto by_file = load_project((folder_ / "descant.yaml").string());
  EXPECT_TRUE(by_file.errors.empty());
  const auto whole = load_project_text(
      example.substr(0, experiments) + plays_count + example.substr(experiments), "x.yaml", "/x");
  EXPECT_TRUE(whole.errors.empty());
  EXPECT_EQ(definition_hash(by_file.project), definition_hash(loaded.project));
  EXPECT_EQ(definition_hash(whole.project), definition_hash(loaded.project));
}

TEST_F(LoadProject, NamesBothPlacesOfANameDefinedTwice) {
  write("descant.yaml", kExample);
  write("a/metrics.yaml",
        "metrics:\n  skip_rate: {type: mean, fact_table: plays}\ntimezone: UTC\n");
  const auto errors = load_project(folder_.string()).errors;
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].where, "a/metrics.yaml:2:3");
  EXPECT_EQ(errors[0].message, "'skip_rate' is defined twice");
  EXPECT_EQ(errors[0].hint, "It is already at descant.yaml:30:3; keep one of them.");
  EXPECT_EQ(errors[1].where, "a/metrics.yaml:3:1");
  EXPECT_EQ(errors[1].hint, "It is already at descant.yaml:3:1; keep one of them.");
}

TEST_F(LoadProject, OrdersErrorsByFileAndLine) {
  write("descant.yaml", std::string(kExample) + "    alhpa: 1\n");
  write("b.yaml", "metrics:\n  A: {type: mean, fact_table: plays, aggregate: count}\nnmae: 1\n");
  write("a/z.yaml", "[1]\n");
  EXPECT_EQ(places(), (std::vector<std::string>{"descant.yaml:50:5", "a/z.yaml:1:1", "b.yaml:2:3",
                                                "b.yaml:3:1"}));
}

TEST_F(LoadProject, DoesNotBlameReferencesToAFileThatCannotBeParsed) {
  const std::string example = kExample;
  const auto metrics = example.find("metrics:"), experiments = example.find("experiments:");
  write("descant.yaml", example.substr(0, metrics) + example.substr(experiments));
  write("metrics.yaml", example.substr(metrics, experiments - metrics) + "  broken: [\n");
  const auto errors = load_project(folder_.string()).errors;
  ASSERT_EQ(errors.size(), 1U) << to_text(errors[1]);
  EXPECT_TRUE(errors[0].where.starts_with("metrics.yaml:")) << errors[0].where;
}

TEST_F(LoadProject, RejectsPathsThatAreNoProject) {
  const auto only_error = [](const std::string& path) {
    const auto errors = load_project(path).errors;
    EXPECT_EQ(errors.size(), 1U);
    return errors.at(0);
  };
  const auto missing = only_error((folder_ / "nowhere").string());
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_NE(missing.hint.find("descant demo"), std::string::npos);
  const auto empty = only_error(folder_.string());
  EXPECT_EQ(empty.code, ErrorCode::kNotFound);
  EXPECT_NE(empty.message.find("no descant.yaml"), std::string::npos);
  write("notes.txt", "hello");
  EXPECT_EQ(only_error((folder_ / "notes.txt").string()).code, ErrorCode::kInvalidRequest);
  fs::create_directories(folder_ / "descant.yaml");
  EXPECT_EQ(only_error(folder_.string()).code, ErrorCode::kIo);
}

TEST_F(LoadProject, ReportsAFileItMayNotRead) {
  write("descant.yaml", kExample);
  write("secret.yaml", "metrics: {}\n");
  fs::permissions(folder_ / "secret.yaml", fs::perms::none);
  if (std::ifstream(folder_ / "secret.yaml").good()) GTEST_SKIP() << "this user may read all files";
  const auto errors = load_project(folder_.string()).errors;
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].code, ErrorCode::kIo);
  EXPECT_EQ(errors[0].where, "secret.yaml:1:1");
}

TEST_F(LoadProject, ReportsAFileThatIsTooLarge) {
  write("descant.yaml", kExample);
  write("large.yaml", std::string(300'000, '#'));
  EXPECT_EQ(places(), std::vector<std::string>{"large.yaml:1:1"});
}

TEST(RequireProject, GivesTheFirstErrorAndCountsTheOthers) {
  EXPECT_TRUE(require_project(load_project_text(kExample, "descant.yaml", "/p")));
  const auto failed = require_project(load_project_text("nmae: 1\nmetrcs: 1\n", "x.yaml", "/p"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().where, "x.yaml:1:1");
  EXPECT_NE(failed.error().message.find("and 2 more errors"), std::string::npos)
      << failed.error().message;
}

}  // namespace
}  // namespace descant::definitions
