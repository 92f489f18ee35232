// SPDX-License-Identifier: Apache-2.0
#include "timelines/refresh.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <tuple>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "definitions/load.h"
#include "timelines/npy.h"
#include "timelines/status.h"
#include "timelines/store.h"

namespace descant::timelines {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEvents =
    "    sql: |\n"
    "      SELECT CASE WHEN i % 97 = 0 THEN NULL ELSE KEY END AS listener_id,\n"
    "             TIMESTAMP '2026-01-01' + to_microseconds(((i * 7919) % 500000) * STEP) AS "
    "played_at,\n"
    "             i AS play_id, (i * 31) % 900001 AS ms_played, i % 5 = 0 AS skipped,\n"
    "             CASE WHEN i % 11 = 0 THEN NULL ELSE 'surface ' || (i % 7) END AS surface,\n"
    "             CASE WHEN i % 13 = 0 THEN NULL ELSE (i % 1000) - 500 END AS score,\n"
    "             sqrt(i) AS root\n"
    "      FROM range(ROWS) t(i)\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// A project in a folder of its own, removed at the end.
class RefreshTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("descant_refresh_" + std::string(info->name()) + "_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  definitions::Project project(const std::string& events, const std::string& measures = {}) const {
    const std::string yaml =
        "name: test\n"
        "entities: {listener: {key: listener_id}}\n"
        "fact_tables:\n"
        "  plays:\n" +
        events +
        "    entity: listener\n"
        "    timestamp: played_at\n"
        "    order_by: play_id\n"
        "    dimensions: [surface]\n"
        "    measures:\n"
        "      minutes: ms_played / 60000.0\n"
        "      skip: skipped\n"
        "      score: score\n"
        "      root: root\n" +
        measures;
    auto loaded = definitions::load_project_text(yaml, "descant.yaml", folder_.string());
    for (const Error& error : loaded.errors) ADD_FAILURE() << to_text(error);
    return loaded.project;
  }

  static std::string events(const std::string& key, int rows, const std::string& step) {
    return replaced(replaced(replaced(kEvents, "KEY", key), "ROWS", std::to_string(rows)), "STEP",
                    step);
  }

  const TableView& view() const {
    auto store = Store::open(folder_.string());
    EXPECT_TRUE(store.ok()) << to_text(store.error());
    stores_.push_back(*store);
    const auto table = store->table("plays");
    EXPECT_TRUE(table.ok()) << to_text(table.error());
    return **table;
  }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / ".descant"))
      if (entry.path().extension() == ".npy")
        all[entry.path().filename().string()] = *read_file(entry.path().string());
    return all;
  }

  std::string manifest() const { return (folder_ / ".descant/manifest.json").string(); }

  fs::path folder_;
  mutable std::vector<Store> stores_;
};

using Row = std::tuple<std::int64_t, std::int64_t, std::int64_t, double, double, std::string>;

// The rows as the definition of the source gives them, sorted as the store must sort them.
std::map<std::int64_t, std::vector<Row>> expected_rows(int rows, std::int64_t step) {
  std::map<std::int64_t, std::vector<Row>> by_key;
  constexpr Instant kStart = 1'767'225'600'000'000;  // 2026-01-01
  for (std::int64_t i = 0; i < rows; ++i) {
    if (i % 97 == 0) continue;
    const double score = i % 13 == 0 ? -1e9 : static_cast<double>(i % 1000 - 500);
    by_key[i % 1013].emplace_back(kStart + i * 7919 % 500000 * step, i, i * 31 % 900001, score,
                                  std::sqrt(static_cast<double>(i)),
                                  i % 11 == 0 ? "" : "surface " + std::to_string(i % 7));
  }
  for (auto& [key, events_of_key] : by_key) std::sort(events_of_key.begin(), events_of_key.end());
  return by_key;
}

void expect_rows(const TableView& view, const std::vector<std::int64_t>& keys, int rows,
                 std::int64_t step) {
  const auto expected = expected_rows(rows, step);
  ASSERT_EQ(view.entities.size(), expected.size());
  const Column& time = view.columns[0];
  for (std::size_t e = 0; e < view.entities.size(); ++e) {
    const auto& events = expected.at(keys[view.entities[e]]);
    ASSERT_EQ(view.offsets[e + 1] - view.offsets[e], events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::size_t row = view.offsets[e] + i;
      const auto& [at, id, ms, score, root, surface] = events[i];
      ASSERT_EQ(time.instant_at(row), at);
      ASSERT_EQ(view.find("order-play_id")->stored_at(row), id);
      ASSERT_EQ(view.find("minutes")->number_at(row), static_cast<double>(ms) / 60000.0);
      const double found = view.find("score")->number_at(row);
      ASSERT_EQ(std::isnan(found) ? -1e9 : found, score);
      ASSERT_EQ(view.find("root")->number_at(row), root);
      const auto code = static_cast<std::size_t>(view.find("surface")->stored_at(row));
      ASSERT_EQ(code == 0 ? "" : view.find("surface")->labels.at(code - 1), surface);
    }
  }
}

TEST_F(RefreshTest, KeepsEveryRowOfIntegerKeysInOrder) {
  constexpr int kRows = 300'000;
  const auto report = refresh(project(events("i % 1013", kRows, "1000000")), {});
  ASSERT_TRUE(report.ok()) << to_text(report.error());
  EXPECT_TRUE(report->tables[0].rebuilt);
  const TableView& table = view();
  const EntityEntry& entity = stores_[0].manifest().entities[0];
  const auto file =
      map_npy(folder_.string() + "/.descant/" + entity.integer_keys->path, "<i8", entity.count);
  ASSERT_TRUE(file.ok());
  const auto* keys = static_cast<const std::int64_t*>(npy_data(*file));
  expect_rows(table, {keys, keys + entity.count}, kRows, 1'000'000);
  EXPECT_EQ(table.find("minutes")->divisor, 60'000);
  EXPECT_EQ(table.columns[0].unit, kMicrosecondsPerSecond);
  EXPECT_EQ(table.columns[0].dtype, Dtype::kUint32);
  EXPECT_EQ(table.find("score")->dtype, Dtype::kInt16);
  EXPECT_EQ(table.find("root")->dtype, Dtype::kFloat64);
  EXPECT_EQ(table.entry->left_out.null_key, 3093U);
}

TEST_F(RefreshTest, KeepsEveryRowOfStringKeysAndMicroseconds) {
  constexpr int kRows = 60'000;
  const auto report =
      refresh(project(events("printf('listener-%020d', i % 1013)", kRows, "1000003")), {});
  ASSERT_TRUE(report.ok()) << to_text(report.error());
  const TableView& table = view();
  const EntityEntry& entity = stores_[0].manifest().entities[0];
  const std::string store = folder_.string() + "/.descant/";
  const auto bytes = map_npy(store + entity.key_bytes->path, "|u1", entity.key_bytes->rows);
  const auto offsets = map_npy(store + entity.key_offsets->path, "<u8", entity.key_offsets->rows);
  ASSERT_TRUE(bytes.ok() && offsets.ok());
  const auto* text = static_cast<const char*>(npy_data(*bytes));
  const auto* start = static_cast<const std::uint64_t*>(npy_data(*offsets));
  std::vector<std::int64_t> keys;
  for (std::size_t i = 0; i < entity.count; ++i)
    keys.push_back(std::stoll(std::string(text + start[i] + 9, text + start[i + 1])));
  expect_rows(table, keys, kRows, 1'000'003);
}

TEST_F(RefreshTest, BytesDoNotDependOnThreads) {
  const auto definition = project(events("(i % 1013) * 7777777777", 300'000, "1000"));
  ASSERT_TRUE(refresh(definition, {.threads = 1}).ok());
  const auto one = contents();
  ASSERT_TRUE(refresh(definition, {.threads = 4, .force = true}).ok());
  EXPECT_EQ(contents(), one);
  EXPECT_GE(one.size(), 10U);
}

TEST_F(RefreshTest, SecondRefreshKeepsWhatHasNotChanged) {
  const auto definition = project(events("i % 7", 1000, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const std::string before = *read_file(manifest());
  const auto again = refresh(definition, {});
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->tables[0].rebuilt);
  EXPECT_EQ(*read_file(manifest()), before);
  const auto changed = refresh(project(events("i % 7", 1001, "1000000")), {});
  ASSERT_TRUE(changed.ok());
  EXPECT_TRUE(changed->tables[0].rebuilt);
}

TEST_F(RefreshTest, NewColumnsJoinTheTimelinesWithoutRebuildingThem) {
  const std::string source = events("i % 1013", 200'000, "1000000");
  ASSERT_TRUE(refresh(project(source), {}).ok());
  const std::string time_file = view().entry->segments[0].columns[0].values.path;
  const auto before = contents();
  const std::string measures =
      "      seconds: ms_played / 1000.0\n      first: surface = 'surface 1'\n";
  ASSERT_TRUE(refresh(project(source, measures), {}).ok());
  EXPECT_EQ(view().entry->segments[0].columns[0].values.path, time_file) << "sorted anew";
  const auto wider = contents();
  EXPECT_EQ(wider.at("minutes.npy"), before.at("minutes.npy"));
  ASSERT_TRUE(status(project(source, measures), true).ok());
  // The same bytes as a build from nothing.
  ASSERT_TRUE(refresh(project(source, measures), {.force = true}).ok());
  const auto whole = contents();
  EXPECT_EQ(whole.at("seconds.npy"), wider.at("seconds.npy"));
  EXPECT_EQ(whole.at("first.npy"), wider.at("first.npy"));
  // Dropping a column costs nothing but its name.
  const std::string kept_time = view().entry->segments[0].columns[0].values.path;
  ASSERT_TRUE(refresh(project(source), {}).ok());
  EXPECT_EQ(view().find("seconds"), nullptr);
  EXPECT_EQ(view().entry->segments[0].columns[0].values.path, kept_time);
}

TEST_F(RefreshTest, TiedRowsAreSortedAnewWithTheirNewColumn) {
  const std::string source =
      replaced(replaced(events("i % 10", 20'000, "1000000"), "i AS play_id", "i % 2 AS play_id"),
               "% 500000", "% 5000");
  ASSERT_TRUE(refresh(project(source), {}).ok());
  ASSERT_GT(view().entry->tied_rows, 0U);
  const std::string time_file = view().entry->segments[0].columns[0].values.path;
  ASSERT_TRUE(refresh(project(source, "      seconds: ms_played / 1000.0\n"), {}).ok());
  EXPECT_NE(view().entry->segments[0].columns[0].values.path, time_file);
}

TEST_F(RefreshTest, EmptySourceMakesEmptyTimelines) {
  ASSERT_TRUE(refresh(project(events("i", 0, "1000000")), {}).ok());
  const TableView& table = view();
  EXPECT_EQ(table.rows, 0U);
  EXPECT_TRUE(table.entities.empty());
  const auto now = status(project(events("i", 0, "1000000")));
  ASSERT_TRUE(now.ok()) << to_text(now.error());
  EXPECT_EQ(now->tables[0].rows, 0);
}

TEST_F(RefreshTest, ImpossibleRowsAreLeftOutAndCounted) {
  const std::string sql =
      "    sql: |\n"
      "      SELECT * FROM (VALUES (1, TIMESTAMP '2026-01-01', 1, 60000, true, 'a', 1, 0.5),\n"
      "        (1, TIMESTAMP '1969-12-31 23:59:59', 2, 60000, true, 'a', 1, 0.5),\n"
      "        (1, TIMESTAMP '2100-01-01', 3, 60000, true, 'a', 1, 0.5),\n"
      "        (1, TIMESTAMP 'infinity', 4, 60000, true, 'a', 1, 0.5),\n"
      "        (1, NULL, 5, 60000, true, 'a', 1, 0.5),\n"
      "        (NULL, TIMESTAMP '2026-01-01', 6, 60000, true, 'a', 1, 0.5),\n"
      "        (2, TIMESTAMP '2026-01-01', 7, 60000, true, 'a', 1, 'NaN'::DOUBLE),\n"
      "        (2, TIMESTAMP '2026-01-01', 8, 60000, true, 'a', 1, 'inf'::DOUBLE),\n"
      "        (3, TIMESTAMP '2026-01-01', 9, 60000, true, 'a', 1, 0.5),\n"
      "        (3, TIMESTAMP '2026-01-01', 9, 60000, true, 'a', 1, 0.5))\n"
      "      t(listener_id, played_at, play_id, ms_played, skipped, surface, score, root)\n";
  const auto report = refresh(project(sql), {});
  ASSERT_TRUE(report.ok()) << to_text(report.error());
  const TableView& table = view();
  EXPECT_EQ(table.rows, 5U);
  const LeftOutRows& left_out = table.entry->left_out;
  EXPECT_EQ(left_out.timestamp_out_of_range, 3U);
  EXPECT_EQ(left_out.null_timestamp, 1U);
  EXPECT_EQ(left_out.null_key, 1U);
  EXPECT_EQ(left_out.non_finite_values, 2U);
  EXPECT_EQ(left_out.duplicate_rows, 1U);
  EXPECT_EQ(report->tables[0].warnings.size(), 5U);
}

TEST_F(RefreshTest, EveryMistakeOfTheSourceIsReportedAtOnce) {
  const auto definition = project(events("i", 10, "1000000"),
                                  "      wrong: no_such_column + 1\n      typo: sqrt(surface\n");
  const auto errors = check_sources(definition);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].where, "fact_tables.plays.measures.wrong");
  EXPECT_NE(errors[0].message.find("no_such_column"), std::string::npos);
  EXPECT_EQ(errors[1].where, "fact_tables.plays.measures.typo");
  const auto report = refresh(definition, {});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(exit_status(report.error().code), 2);
  EXPECT_FALSE(fs::exists(manifest()));
}

TEST_F(RefreshTest, MissingTimelinesSayRefresh) {
  const auto store = Store::open(folder_.string());
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.error().hint.find("descant refresh"), std::string::npos);
}

TEST_F(RefreshTest, SecondWriterIsToldWhoHoldsTheLock) {
  const auto definition = project(events("i % 7", 1000, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const auto lock = FileLock::take((folder_ / ".descant/lock").string());
  ASSERT_TRUE(lock.ok());
  const auto second = refresh(definition, {.force = true});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kLocked);
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
}

TEST_F(RefreshTest, StoppingLeavesTheLastVersion) {
  const auto definition = project(events("i % 7", 200'000, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const std::string before = *read_file(manifest());
  const std::atomic<bool> stop{true};
  const auto stopped = refresh(definition, {.force = true}, {nullptr, &stop});
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(*read_file(manifest()), before);
  EXPECT_EQ(view().rows, 200'000U - 2062U);
}

TEST_F(RefreshTest, KilledAtAnyMomentLeavesTheLastVersion) {
  const auto definition = project(events("i % 1013", 400'000, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const std::string before = *read_file(manifest());
  int killed = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool done = refresh(definition, {.threads = 2, .force = true}).ok();
      ::_exit(done ? 0 : 1);
    }
    ::usleep(static_cast<useconds_t>(4000 + round * 23'000));
    ::kill(child, SIGKILL);
    int how = 0;
    ::waitpid(child, &how, 0);
    killed += WIFSIGNALED(how) ? 1 : 0;
    const auto store = Store::open(folder_.string());
    ASSERT_TRUE(store.ok()) << to_text(store.error());
    ASSERT_TRUE(verify_files(store->folder(), store->manifest(), 2).ok());
  }
  EXPECT_GT(killed, 0);
  const auto after = refresh(definition, {.force = true});
  ASSERT_TRUE(after.ok()) << to_text(after.error());
  int versions = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / ".descant"))
    versions += entry.is_directory() ? 1 : 0;
  EXPECT_EQ(versions, 1) << "leftovers of killed refreshes stay";
}

TEST_F(RefreshTest, EveryTruncatedFileIsNoticedOnOpening) {
  ASSERT_TRUE(refresh(project(events("i % 7", 5000, "1000000")), {}).ok());
  const auto store = Store::open(folder_.string());
  ASSERT_TRUE(store.ok());
  const auto fresh = [&] { return Store::open(folder_.string())->table("plays"); };
  for (const auto& segment : store->manifest().tables[0].segments)
    for (const ColumnEntry& column : segment.columns) {
      const std::string path = store->folder() + "/" + column.values.path;
      const auto size = fs::file_size(path);
      const std::string whole = *read_file(path);
      fs::resize_file(path, size - 1);
      const auto opened = fresh();
      ASSERT_FALSE(opened.ok()) << path;
      EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
      EXPECT_EQ(opened.error().where, path);
      std::ofstream(path, std::ios::binary) << whole;
    }
  EXPECT_TRUE(fresh().ok());
}

TEST_F(RefreshTest, EveryFlippedBitIsNoticedByTheDeepCheck) {
  const auto definition = project(events("i % 7", 500, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const auto store = Store::open(folder_.string());
  ASSERT_TRUE(store.ok());
  unsigned seed = 1;
  for (const FileEntry* file : files_of(store->manifest())) {
    const std::string path = store->folder() + "/" + file->path;
    const std::string whole = *read_file(path);
    std::string flipped = whole;
    seed = seed * 1103515245 + 12345;
    flipped[seed / 65536 % flipped.size()] ^= static_cast<char>(1U << (seed >> 28U) % 8);
    std::ofstream(path, std::ios::binary) << flipped;
    const auto checked = status(definition, true);
    ASSERT_FALSE(checked.ok()) << path;
    EXPECT_EQ(checked.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(checked.error().where, path);
    std::ofstream(path, std::ios::binary) << whole;
  }
  EXPECT_TRUE(status(definition, true).ok());
}

TEST_F(RefreshTest, AnOpenedStoreOutlivesTheNextVersion) {
  const auto definition = project(events("i % 7", 500, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const auto store = Store::open(folder_.string());
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(refresh(definition, {.force = true}).ok());
  const auto table = store->table("plays");
  ASSERT_TRUE(table.ok()) << to_text(table.error());
  EXPECT_GT((*table)->rows, 0U);
}

TEST_F(RefreshTest, DamagedManifestIsAnErrorUntilForced) {
  const auto definition = project(events("i % 7", 500, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  std::ofstream(manifest()) << "{\"format\": 1, \"version\": 1, \"ent";
  const auto opened = Store::open(folder_.string());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(refresh(definition, {}).ok());
  ASSERT_TRUE(refresh(definition, {.force = true}).ok());
  EXPECT_TRUE(Store::open(folder_.string()).ok());
}

TEST_F(RefreshTest, AnEntityUnderAnotherNameIsBuiltAnew) {
  const auto definition = project(events("i % 7", 500, "1000000"));
  ASSERT_TRUE(refresh(definition, {}).ok());
  const std::string renamed = replaced(*read_file(manifest()), "\"listener\"", "\"somebody\"");
  std::ofstream(manifest()) << renamed;
  const auto report = refresh(definition, {});
  ASSERT_TRUE(report.ok()) << to_text(report.error());
  EXPECT_TRUE(report->tables[0].rebuilt);
  EXPECT_TRUE(Store::open(folder_.string()).ok());
}

TEST_F(RefreshTest, MillionDistinctLabels) {
  const std::string sql =
      replaced(events("i % 7", 1'000'000, "1000000"), "'surface ' || (i % 7)", "'surface ' || i");
  ASSERT_TRUE(refresh(project(sql), {}).ok());
  EXPECT_GT(view().find("surface")->labels.size(), 890'000U);
}

TEST_F(RefreshTest, StatusCountsEventsByLocalDay) {
  auto definition = project(events("i % 7", 1000, "1000000"));
  definition.timezone = "America/New_York";
  ASSERT_TRUE(refresh(definition, {}).ok());
  const auto now = status(definition);
  ASSERT_TRUE(now.ok()) << to_text(now.error());
  const TableStatus& plays = now->tables[0];
  EXPECT_EQ(plays.state, "current");
  EXPECT_EQ(plays.distinct_entities, 7);
  EXPECT_EQ(plays.events_per_day.front().day, "2025-12-31");
  std::int64_t events_counted = 0;
  for (const DayCount& day : plays.events_per_day) events_counted += day.events;
  EXPECT_EQ(events_counted, plays.rows);
}

}  // namespace
}  // namespace descant::timelines
