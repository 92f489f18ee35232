// SPDX-License-Identifier: Apache-2.0
// Quantile metrics of a small project, from its sources through timelines to the result, against
// the same numbers made from the formulas that generate the events.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>

#include "definitions/load.h"
#include "experiment/explain.h"
#include "experiment/readout.h"
#include "experiment/test_tables.h"
#include "stats/comparison/quantile_difference.h"
#include "timelines/refresh.h"

namespace descant::experiment {
namespace {

constexpr int kListeners = 1200;
constexpr int kPlays = 40'000;
constexpr int kLastHour = 479;  // its plays are at the as-of, not before it

constexpr const char* kProject = R"yaml(
name: test
entities: {listener: {key: listener_id}}
fact_tables:
  plays:
    sql: |
      SELECT (i * 7919 + i // 480 * 17) % 1200 AS listener_id, i AS play_id,
             TIMESTAMP '2026-03-01' + to_hours(i % 480) AS played_at,
             CASE WHEN i % 13 = 0 THEN NULL ELSE (i * 31 + (i // 480 * 17) % 1200 * 40) % 90001 END AS ms,
             i % 7 > 1 AS organic
      FROM range(40000) t(i)
    entity: listener
    timestamp: played_at
    order_by: play_id
    measures: {seconds: ms / 1000.0}
assignment_tables:
  assignments:
    sql: |
      SELECT k AS listener_id, 'faster' AS experiment,
             CASE WHEN (k * 37) % 100 < 50 THEN 'off' ELSE 'on' END AS variant,
             TIMESTAMP '2026-03-05' + to_hours(k % 90) AS assigned_at
      FROM range(1200) t(k)
    entity: listener
    experiment: experiment
    variant: variant
    timestamp: assigned_at
dimension_tables:
  listeners:
    sql: "SELECT k AS listener_id, 'country ' || k % 3 AS country FROM range(1200) t(k)"
    entity: listener
    dimensions: [country]
metrics:
  seconds_p75: {type: quantile, quantile: 0.75, fact_table: plays, measure: seconds,
                aggregate: sum, where: organic, window: 5d}
  play_p90: {type: quantile, quantile: 0.9, quantile_of: events, fact_table: plays,
             measure: seconds, where: organic, window: 5d, direction: decrease}
  play_median: {type: quantile, quantile: 0.5, quantile_of: events, fact_table: plays,
                measure: seconds}
experiments:
  faster:
    assignment_table: assignments
    control: "off"
    variants: {"off": 0.5, "on": 0.5}
    start: 2026-03-05
    end: 2026-03-10
    metrics:
      - {metric: seconds_p75, role: success}
      - {metric: play_p90, role: guardrail, non_inferiority_margin: 5%}
      - {metric: play_median, role: exploratory}
    segments: [country]
)yaml";

class QuantileReadout : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("descant_quantile_readout_" + std::to_string(std::random_device{}()));
    std::filesystem::create_directories(folder_);
    auto loaded = definitions::load_project_text(kProject, "descant.yaml", folder_.string());
    for (const Error& error : loaded.errors) ADD_FAILURE() << to_text(error);
    project_ = loaded.project;
    const auto refreshed = timelines::refresh(project_, {});
    ASSERT_TRUE(refreshed.ok()) << to_text(refreshed.error());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ExperimentResult read(const ReadoutOptions& options = {}) const {
    auto result = read_out(project_, "faster", options);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
    return result ? std::move(*result) : ExperimentResult{};
  }

  std::filesystem::path folder_;
  definitions::Project project_;
};

int listener_of(int play) {
  return static_cast<int>((std::int64_t{play} * 7919 + play / 480 * 17) % kListeners);
}
bool is_treated(int listener) { return listener * 37 % 100 >= 50; }

// Plays from exposure on, for `hours`, with their lengths.
template <class Use>
void for_each_play(int hours, bool organic_only, const Use& use) {
  for (int i = 0; i < kPlays; ++i) {
    const int listener = listener_of(i);
    const int since = i % 480 - (4 * 24 + listener % 90);
    if (i % 13 == 0 || i % 480 == kLastHour || (organic_only && i % 7 <= 1) || since < 0 ||
        since >= hours)
      continue;
    use(listener, (i * 31 + i / 480 * 17 % 1200 * 40) % 90'001 / 1000.0);
  }
}

// Of all countries, or one.
stats::Comparison events_compared(double q, int hours, bool organic_only, int country = -1) {
  stats::QuantileRows arms[2];
  for_each_play(hours, organic_only, [&](int listener, double seconds) {
    if (country >= 0 && listener % 3 != country) return;
    auto& arm = arms[is_treated(listener) ? 1 : 0];
    arm.values.push_back(seconds);
    arm.cluster.push_back(static_cast<std::uint32_t>(listener));
  });
  for (auto& arm : arms) {  // numbered without gaps
    auto present = arm.cluster;
    std::sort(present.begin(), present.end());
    present.erase(std::unique(present.begin(), present.end()), present.end());
    for (auto& cluster : arm.cluster)
      cluster = static_cast<std::uint32_t>(
          std::lower_bound(present.begin(), present.end(), cluster) - present.begin());
  }
  auto found =
      stats::quantile_difference(arms[0], arms[1], {.quantile = q, .method = "cluster"}, {});
  EXPECT_TRUE(found.ok());
  return *found;
}

void expect_same(const stats::Comparison& found, const stats::Comparison& wanted) {
  EXPECT_DOUBLE_EQ(found.control.estimate, wanted.control.estimate);
  EXPECT_DOUBLE_EQ(found.treatment.estimate, wanted.treatment.estimate);
  EXPECT_NEAR(found.absolute.standard_error, wanted.absolute.standard_error, 1e-9);
  EXPECT_NEAR(found.absolute.lower, wanted.absolute.lower, 1e-9);
  EXPECT_NEAR(found.relative.upper, wanted.relative.upper, 1e-9);
}

TEST_F(QuantileReadout, OfEventsOverTheirWindow) {
  const auto result = read();
  const auto& metric = result.metrics[1];
  ASSERT_EQ(metric.name, "play_p90");
  expect_same(metric.comparison, events_compared(0.9, 120, true));
  ASSERT_EQ(metric.segments.size(), 3U);
  for (const auto& segment : metric.segments)
    expect_same(segment.comparison, events_compared(0.9, 120, true, segment.value.back() - '0'));
  EXPECT_TRUE(metric.days.empty());
  EXPECT_TRUE(metric.days_since_exposure.empty());
  EXPECT_EQ(metric.margin, 0.05);
  expect_same(result.metrics[2].comparison, events_compared(0.5, 10'000, false));
  EXPECT_EQ(testing::unexplained_nulls(result), std::vector<std::string>{});
}

TEST_F(QuantileReadout, OfUnitTotals) {
  const auto result = read();
  stats::QuantileRows arms[2];
  std::vector<double> totals(kListeners, 0.0);
  for_each_play(120, true, [&](int listener, double seconds) {
    totals[static_cast<std::size_t>(listener)] += seconds;
  });
  for (int listener = 0; listener < kListeners; ++listener)
    arms[is_treated(listener) ? 1 : 0].values.push_back(totals[static_cast<std::size_t>(listener)]);
  const auto wanted = stats::quantile_difference(arms[0], arms[1], {.quantile = 0.75}, {});
  const auto& metric = result.metrics[0];
  EXPECT_NEAR(metric.comparison.absolute.estimate, wanted->absolute.estimate, 1e-9);
  EXPECT_NEAR(metric.comparison.absolute.standard_error, wanted->absolute.standard_error, 1e-9);
  EXPECT_EQ(metric.comparison.control.n, wanted->control.n);
  ASSERT_FALSE(metric.days.empty());
  EXPECT_EQ(metric.days.back().comparison.absolute.lower, metric.comparison.absolute.lower);
  for (const auto& check : result.checks) EXPECT_NE(check.metric, "seconds_p75");
}

TEST_F(QuantileReadout, SameBytesForAnyNumberOfThreadsAndWithoutDays) {
  const auto one = read({.as_of = {}, .threads = 1});
  EXPECT_EQ(write_json(to_json_document(one)),
            write_json(to_json_document(read({.as_of = {}, .threads = 4}))));
  const auto whole = read({.as_of = {}, .by_day = false, .by_segment = false});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(whole.metrics[i].comparison.absolute.lower, one.metrics[i].comparison.absolute.lower);
  for (const auto& warning : whole.warnings) EXPECT_NE(warning.code, "days_left_out");
}

TEST_F(QuantileReadout, HidesPValuesBeforeThePlannedEnd) {
  const auto as_of = parse_instant("2026-03-10T12:00:00Z");
  ASSERT_TRUE(as_of.ok());
  const auto early = read({.as_of = *as_of});
  for (const auto& metric : early.metrics) {
    EXPECT_TRUE(std::isnan(metric.comparison.p_value)) << metric.name;
    EXPECT_TRUE(std::isfinite(metric.comparison.absolute.lower)) << metric.name;
  }
  EXPECT_GT(early.metrics[1].immature_units, 0);
}

TEST_F(QuantileReadout, IsExplainedAsThePlainDifference) {
  const auto store = timelines::Store::open(folder_.string());
  ASSERT_TRUE(store.ok());
  const auto readout = read_units(project_, *store, "faster");
  ASSERT_TRUE(readout.ok());
  const auto explained = explain(*readout, "play_p90", 2);
  ASSERT_TRUE(explained.ok()) << to_text(explained.error());
  ASSERT_EQ(explained->metrics.size(), 1U);
  EXPECT_EQ(explained->metrics[0].steps.size(), 1U);
}

}  // namespace
}  // namespace descant::experiment
