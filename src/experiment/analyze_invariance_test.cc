// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "experiment/analyze.h"
#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table,
                     std::size_t threads = 2) {
  auto result = analyze(plan, table, std::nullopt, threads);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return result.ok() ? std::move(*result) : ExperimentResult{};
}

AnalysisPlan capped_plan(const folds::UnitTable& table) {
  auto plan = drawn_plan(table);
  plan.metrics[0].cap.percentile = 99;
  plan.metrics[1].cap.percentile = 95;
  plan.metrics[2].cap.percentile = 90;
  return plan;
}

void expect_close(double a, double b, double tolerance, const std::string& where) {
  if (std::isnan(a) || std::isnan(b)) {
    EXPECT_EQ(std::isnan(a), std::isnan(b)) << where;
  } else {
    EXPECT_LE(std::abs(a - b), tolerance * std::max({1.0, std::abs(a), std::abs(b)})) << where;
  }
}

void expect_close(const stats::Comparison& a, const stats::Comparison& b,
                  const std::string& where) {
  EXPECT_EQ(a.control.n, b.control.n) << where;
  EXPECT_EQ(a.treatment.n, b.treatment.n) << where;
  expect_close(a.control.estimate, b.control.estimate, 1e-11, where + " control");
  expect_close(a.treatment.estimate, b.treatment.estimate, 1e-11, where + " treatment");
  expect_close(a.absolute.lower, b.absolute.lower, 1e-9, where + " absolute lower");
  expect_close(a.relative.upper, b.relative.upper, 1e-9, where + " relative upper");
  expect_close(a.p_value, b.p_value, 1e-8, where + " p");
}

void expect_close(const ExperimentResult& a, const ExperimentResult& b) {
  ASSERT_EQ(a.metrics.size(), b.metrics.size());
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    const auto& x = a.metrics[i];
    const auto& y = b.metrics[i];
    EXPECT_EQ(x.verdict, y.verdict);
    expect_close(x.cap_numerator, y.cap_numerator, 0, x.name + " cap");
    expect_close(x.comparison, y.comparison, x.name);
    expect_close(x.unadjusted, y.unadjusted, x.name + " unadjusted");
    ASSERT_EQ(x.segments.size(), y.segments.size());
    for (std::size_t s = 0; s < x.segments.size(); ++s)
      expect_close(x.segments[s].comparison, y.segments[s].comparison,
                   x.name + " in " + x.segments[s].value);
    ASSERT_EQ(x.days.size(), y.days.size());
    for (std::size_t d = 0; d < x.days.size(); ++d)
      expect_close(x.days[d].comparison, y.days[d].comparison, x.name + " on " + x.days[d].day);
  }
}

// The table as it stood at the end of one day.
folds::UnitTable as_of_day(folds::UnitTable table, std::size_t day) {
  const auto days = static_cast<std::uint16_t>(day + 1);
  for (auto& metric : table.metrics) {
    for (auto* columns : {&metric.numerator, &metric.denominator})
      if (columns->size() > 1) columns->resize(days);
    for (auto& mature : metric.mature_from) mature = std::min(mature, days);
  }
  table.days.resize(days);
  return table;
}

TEST(AnalyzeInvariance, RowOfADayIsTheAnalysisAsOfThatDay) {
  for (const bool open_ended : {false, true}) {
    const auto table = drawn_table({.units = 6000, .open_ended = open_ended});
    for (const auto& plan : {drawn_plan(table), capped_plan(table)}) {
      const auto whole = run(plan, table);
      for (std::size_t day = 0; day < table.days.size(); ++day) {
        const auto fresh = run(plan, as_of_day(table, day));
        for (std::size_t i = 0; i < whole.metrics.size(); ++i)
          expect_close(whole.metrics[i].days[day].comparison, fresh.metrics[i].comparison,
                       whole.metrics[i].name + " on day " + std::to_string(day));
      }
    }
  }
}

TEST(AnalyzeInvariance, TheLastDayIsTheWhole) {
  const auto table = drawn_table({.units = 6000, .open_ended = true});
  for (const auto& metric : run(capped_plan(table), table).metrics)
    expect_close(metric.days.back().comparison, metric.comparison, metric.name);
}

TEST(AnalyzeInvariance, TheOrderOfUnitsDoesNotMatter) {
  const auto table = drawn_table({.units = 50'000, .open_ended = true});
  std::vector<std::size_t> order(table.unit_count);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  const auto plan = capped_plan(table);
  expect_close(run(plan, table), run(plan, testing::reordered(table, order)));
}

TEST(AnalyzeInvariance, SameBytesForAnyNumberOfThreads) {
  const auto table = drawn_table({.units = 150'000, .open_ended = true});
  const auto plan = capped_plan(table);
  const std::string one = write_json(to_json_document(run(plan, table, 1)));
  EXPECT_EQ(one, write_json(to_json_document(run(plan, table, 4))));
  EXPECT_EQ(one, write_json(to_json_document(run(plan, table, 3))));
}

TEST(AnalyzeInvariance, SwappingTheArmsTurnsTheSigns) {
  const auto table = drawn_table({.units = 5000, .days = 1});
  auto swapped = table;
  std::swap(swapped.variants[0], swapped.variants[1]);
  for (auto& arm : swapped.arm) arm = static_cast<std::uint8_t>(1 - arm);
  const auto plan = capped_plan(table);
  const auto a = run(plan, table);
  const auto b = run(plan, swapped);
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    const auto& x = a.metrics[i].comparison.absolute;
    const auto& y = b.metrics[i].comparison.absolute;
    expect_close(x.estimate, -y.estimate, 1e-12, "estimate");
    expect_close(x.lower, -y.upper, 1e-12, "interval");
    if (a.metrics[i].role == "guardrail") continue;  // its p-value is of the margin
    expect_close(a.metrics[i].comparison.p_value, b.metrics[i].comparison.p_value, 1e-10, "p");
  }
}

TEST(AnalyzeInvariance, ScaleAndShiftFollow) {
  auto table = drawn_table({.units = 5000, .days = 1});
  const auto plan = drawn_plan(table);
  const auto before = run(plan, table);
  for (auto& x : table.metrics[0].numerator[0]) x = 60 * x;
  for (auto& x : table.metrics[0].covariate_numerator) x = 1e6 + 3 * x;
  const auto after = run(plan, table);
  expect_close(after.metrics[0].comparison.absolute.estimate,
               60 * before.metrics[0].comparison.absolute.estimate, 1e-8, "estimate");
  expect_close(after.metrics[0].comparison.p_value, before.metrics[0].comparison.p_value, 1e-8,
               "p");
}

TEST(AnalyzeInvariance, ASegmentIsTheAnalysisOfItsUnits) {
  const auto table = drawn_table({.units = 20'000, .days = 1});
  const auto plan = drawn_plan(table);  // without caps, which are of the whole
  const auto whole = run(plan, table);
  for (const auto& segment : whole.metrics[1].segments) {
    const auto& column = table.segments[segment.dimension == "platform" ? 0 : 1];
    std::vector<std::size_t> members;
    for (std::size_t unit = 0; unit < table.unit_count; ++unit)
      if (column.labels[column.codes[unit]] == segment.value) members.push_back(unit);
    const auto alone = run(plan, testing::reordered(table, members));
    expect_close(segment.comparison, alone.metrics[1].comparison, segment.value);
  }
}

TEST(AnalyzeInvariance, CapsOfTheWholeHoldInEverySegment) {
  const auto table = drawn_table({.units = 5000, .days = 1});
  auto plan = capped_plan(table);
  plan.cuped = false;
  const auto metric = run(plan, table).metrics[0];
  double total = 0;
  std::int64_t units = 0;
  for (const auto& segment : metric.segments) {
    if (segment.dimension != "country") continue;
    const auto& control = segment.comparison.control;
    total += control.estimate * static_cast<double>(control.n);
    units += control.n;
  }
  EXPECT_EQ(units, metric.comparison.control.n);
  expect_close(total / static_cast<double>(units), metric.comparison.control.estimate, 1e-12,
               "mean over segments");
}

}  // namespace
}  // namespace descant::experiment
