// SPDX-License-Identifier: Apache-2.0
// Quantile metrics through the whole analysis, against sorting all the values of a cell.
#include "experiment/metric_quantiles.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "experiment/analyze.h"
#include "experiment/test_tables.h"
#include "folds/event_quantiles.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;

constexpr double kZ = 1.959963984540054;

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table,
                     std::size_t threads = 2) {
  auto result = analyze(plan, table, std::nullopt, threads);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return result ? std::move(*result) : ExperimentResult{};
}

// Minutes at their 0.9 quantile, skips left a ratio, rounds at their median.
AnalysisPlan quantile_plan(const folds::UnitTable& table) {
  auto plan = drawn_plan(table);
  plan.metrics[0].type = plan.metrics[2].type = "quantile";
  plan.metrics[0].quantile = 0.9;
  plan.metrics[0].role = definitions::Role::kGuardrail;
  plan.metrics[0].non_inferiority_margin = definitions::EffectSize{0.1, true};
  return plan;
}

// ---- by sorting ----

struct Row {
  double value = 0;
  std::size_t cluster = 0;
};

stats::ArmEstimate by_sorting(std::vector<Row> rows, double q, bool clustered) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.value < b.value; });
  const auto n = static_cast<double>(rows.size());
  const auto at_rank = [&](double from_one) {
    return rows[static_cast<std::size_t>(std::clamp(from_one, 1.0, n)) - 1].value;
  };
  const double h = (n - 1) * q + 1;
  const double low = at_rank(std::floor(h));
  stats::ArmEstimate arm;
  arm.n = static_cast<std::int64_t>(rows.size());
  arm.estimate = low + (h - std::floor(h)) * (at_rank(std::floor(h) + 1) - low);
  const double half = kZ * std::sqrt(n * q * (1 - q));
  arm.standard_error =
      (at_rank(std::ceil(n * q + half)) - at_rank(std::floor(n * q - half))) / (2 * kZ);
  if (!clustered) return arm;
  std::map<std::size_t, std::pair<double, double>> totals;  // at most the quantile, and all
  for (const Row& row : rows) {
    totals[row.cluster].first += row.value <= arm.estimate ? 1 : 0;
    totals[row.cluster].second += 1;
  }
  double below = 0;
  for (const auto& [cluster, total] : totals) below += total.first;
  const double share = below / n;
  const auto clusters = static_cast<double>(totals.size());
  double squares = 0;
  for (const auto& [cluster, total] : totals)
    squares += std::pow(total.first - share * total.second, 2);
  const double variance = squares / (clusters - 1) * clusters / (n * n);
  arm.standard_error *= std::sqrt(variance / (q * (1 - q) / n));
  arm.n = static_cast<std::int64_t>(totals.size());
  return arm;
}

void expect_arm(const stats::ArmEstimate& found, const stats::ArmEstimate& wanted) {
  EXPECT_EQ(found.n, wanted.n);
  EXPECT_DOUBLE_EQ(found.estimate, wanted.estimate);
  EXPECT_NEAR(found.standard_error, wanted.standard_error, 1e-9 * wanted.standard_error);
}

void expect_effect(const stats::Comparison& found, const std::vector<Row> (&rows)[2], double q,
                   bool clustered) {
  const auto control = by_sorting(rows[0], q, clustered);
  const auto treatment = by_sorting(rows[1], q, clustered);
  expect_arm(found.control, control);
  expect_arm(found.treatment, treatment);
  EXPECT_NEAR(found.absolute.estimate, treatment.estimate - control.estimate, 1e-9);
  EXPECT_NEAR(found.absolute.standard_error,
              std::hypot(control.standard_error, treatment.standard_error),
              1e-9 * found.absolute.standard_error);
}

bool counts(const folds::UnitTable& table, std::size_t metric, std::size_t unit, std::size_t day) {
  const auto& mature = table.metrics[metric].mature_from;
  return table.exposed_from[unit] <= day && (mature.empty() || mature[unit] <= day);
}

// Everything the result says of a quantile of unit totals.
void expect_units_as_sorted(const folds::UnitTable& table, const ExperimentResult& result,
                            std::size_t metric, double q) {
  const auto& columns = table.metrics[metric].numerator;
  const bool clustered = !table.cluster.empty();
  const auto rows_of = [&](std::size_t day, const auto& keep, std::vector<Row>(&rows)[2]) {
    for (std::size_t unit = 0; unit < table.unit_count; ++unit)
      if (counts(table, metric, unit, day) && keep(unit))
        rows[table.arm[unit]].push_back(
            {columns[columns.size() > 1 ? day : 0][unit], clustered ? table.cluster[unit] : unit});
  };
  const auto everyone = [](std::size_t) { return true; };
  const MetricResult& found = result.metrics[metric];
  for (std::size_t day = 2; day < table.days.size(); ++day) {
    std::vector<Row> rows[2];
    rows_of(day, everyone, rows);
    expect_effect(found.days[day].comparison, rows, q, clustered);
  }
  std::vector<Row> all[2];
  rows_of(table.days.size() - 1, everyone, all);
  expect_effect(found.comparison, all, q, clustered);
  for (const auto& segment : found.segments) {
    const auto& column = table.segments[segment.dimension == "platform" ? 0 : 1];
    std::vector<Row> rows[2];
    rows_of(
        table.days.size() - 1,
        [&](std::size_t unit) { return column.labels[column.codes[unit]] == segment.value; }, rows);
    expect_effect(segment.comparison, rows, q, clustered);
  }
  EXPECT_EQ(found.segments.size(), 43U);
}

TEST(MetricQuantiles, OfUnitsAreWhatSortingEveryCellGives) {
  for (const bool open_ended : {false, true}) {
    const auto table = drawn_table({.units = 6000, .open_ended = open_ended});
    const auto result = run(quantile_plan(table), table);
    expect_units_as_sorted(table, result, 0, 0.9);
    expect_units_as_sorted(table, result, 2, 0.5);
    EXPECT_EQ(result.metrics[0].comparison.method, "order_statistic");
    EXPECT_EQ(result.metrics[0].type, "quantile");
    EXPECT_EQ(result.metrics[0].quantile, 0.9);
    EXPECT_EQ(result.metrics[0].quantile_of, "units");
    EXPECT_TRUE(std::isnan(result.metrics[0].variance_reduction));
  }
}

TEST(MetricQuantiles, OfClusteredUnitsAreWidened) {
  auto table = drawn_table({.units = 6000, .open_ended = true});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
    // A cluster is of one arm.
    table.cluster.push_back(static_cast<std::uint32_t>(unit % 900 * 2 + table.arm[unit]));
    table.metrics[0].numerator[0][unit] += static_cast<double>(unit % 900) / 30;
  }
  const auto result = run(quantile_plan(table), table);
  expect_units_as_sorted(table, result, 0, 0.9);
  expect_units_as_sorted(table, result, 2, 0.5);
  EXPECT_EQ(result.metrics[0].comparison.method, "cluster");
}

TEST(MetricQuantiles, OfOneDayNeedNoExposureDays) {
  auto table = drawn_table({.units = 3000, .days = 1});
  table.exposed_from.clear();
  table.metrics[0].mature_from.clear();
  const auto found = run(quantile_plan(table), table).metrics[0];
  std::vector<Row> rows[2];
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    rows[table.arm[unit]].push_back({table.metrics[0].numerator[0][unit], unit});
  expect_effect(found.comparison, rows, 0.9, false);
  EXPECT_TRUE(found.days.empty());
  EXPECT_EQ(found.mature_units, 3000);
}

// ---- of events ----

// Lengths of plays of every unit of a table, some of them filtered and some null.
struct Plays {
  explicit Plays(const folds::UnitTable& table) : rows(std::make_shared<folds::EventRows>()) {
    std::mt19937_64 generator(23);
    std::normal_distribution<double> normal;
    for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
      const double taste = 1000 * normal(generator);
      rows->begin.push_back(lengths.size());
      for (std::size_t i = generator() % 9; i > 0; --i) {
        lengths.push_back(static_cast<std::int32_t>(
            std::round(5000 + taste + 500 * table.arm[unit] + 700 * normal(generator))));
        valid.push_back(generator() % 8 != 0);
        filter.push_back(generator() % 4 != 0);
      }
      rows->end.push_back(lengths.size());
    }
    measure.dtype = timelines::Dtype::kInt32;
    measure.divisor = 60;
    measure.data = lengths.data();
    measure.valid = valid.data();
    condition.data = filter.data();
    rows->measure = &measure;
    rows->filter = &condition;
  }

  // The metric's values as a read-out makes them.
  void give_to(folds::MetricValues& values) const {
    values.events = rows;
    values.covariate_numerator.clear();
    values.numerator.assign(1, {});
    for (std::size_t unit = 0; unit < rows->begin.size(); ++unit)
      values.numerator[0].push_back(static_cast<double>(of(unit).size()));
  }

  std::vector<double> of(std::size_t unit) const {
    std::vector<double> found;
    for (std::size_t row = rows->begin[unit]; row < rows->end[unit]; ++row)
      if (valid[row] != 0 && filter[row] != 0) found.push_back(lengths[row] / 60.0);
    return found;
  }

  std::vector<std::int32_t> lengths;
  std::vector<std::uint8_t> valid, filter;
  timelines::Column measure, condition;
  std::shared_ptr<folds::EventRows> rows;
};

void expect_events_as_sorted(const folds::UnitTable& table, const Plays& plays,
                             const MetricResult& found, double q) {
  const auto rows_of = [&](const auto& keep, std::vector<Row>(&rows)[2]) {
    for (std::size_t unit = 0; unit < table.unit_count; ++unit)
      if (counts(table, 0, unit, table.days.size() - 1) && keep(unit))
        for (const double value : plays.of(unit))
          rows[table.arm[unit]].push_back(
              {value, table.cluster.empty() ? unit : table.cluster[unit]});
  };
  std::vector<Row> all[2];
  rows_of([](std::size_t) { return true; }, all);
  expect_effect(found.comparison, all, q, true);
  ASSERT_EQ(found.segments.size(), 43U);
  for (const auto& segment : found.segments) {
    const auto& column = table.segments[segment.dimension == "platform" ? 0 : 1];
    std::vector<Row> rows[2];
    rows_of([&](std::size_t unit) { return column.labels[column.codes[unit]] == segment.value; },
            rows);
    expect_effect(segment.comparison, rows, q, true);
  }
}

TEST(MetricQuantiles, OfEventsAreWhatSortingAllEventsGives) {
  auto table = drawn_table({.units = 6000});
  const Plays plays(table);
  plays.give_to(table.metrics[0]);
  auto plan = quantile_plan(table);
  for (const double q : {0.5, 0.9}) {
    plan.metrics[0].quantile = q;
    const auto result = run(plan, table);
    const MetricResult& found = result.metrics[0];
    expect_events_as_sorted(table, plays, found, q);
    EXPECT_EQ(found.comparison.method, "cluster");
    EXPECT_EQ(found.quantile_of, "events");
    EXPECT_TRUE(found.days.empty());
    const auto left_out =
        std::find_if(result.warnings.begin(), result.warnings.end(),
                     [](const Warning& warning) { return warning.code == "days_left_out"; });
    ASSERT_NE(left_out, result.warnings.end());
    EXPECT_EQ(left_out->field, "metrics.minutes");
  }
}

TEST(MetricQuantiles, OfEventsHaveTheTablesClusters) {
  auto table = drawn_table({.units = 6000});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    table.cluster.push_back(static_cast<std::uint32_t>(unit % 700 * 2 + table.arm[unit]));
  const Plays plays(table);
  plays.give_to(table.metrics[0]);
  expect_events_as_sorted(table, plays, run(quantile_plan(table), table).metrics[0], 0.9);
}

// ---- invariance ----

TEST(MetricQuantiles, SameBytesForAnyNumberOfThreads) {
  auto table = drawn_table({.units = 60'000, .open_ended = true});
  const Plays plays(table);
  plays.give_to(table.metrics[0]);
  const auto plan = quantile_plan(table);
  const std::string one = write_json(to_json_document(run(plan, table, 1)));
  EXPECT_EQ(one, write_json(to_json_document(run(plan, table, 4))));
  EXPECT_EQ(one, write_json(to_json_document(run(plan, table, 3))));
}

TEST(MetricQuantiles, TheOrderOfUnitsDoesNotMatter) {
  auto table = drawn_table({.units = 5000, .open_ended = true});
  Plays plays(table);
  plays.give_to(table.metrics[0]);
  const auto plan = quantile_plan(table);
  const auto before = run(plan, table);
  std::vector<std::size_t> order(table.unit_count);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  const auto shuffled = testing::reordered(table, order);
  testing::reorder(plays.rows->begin, order);
  testing::reorder(plays.rows->end, order);
  const auto after = run(plan, shuffled);
  for (const std::size_t metric : {0U, 2U}) {
    const auto& a = before.metrics[metric];
    const auto& b = after.metrics[metric];
    expect_arm(b.comparison.treatment, a.comparison.treatment);
    ASSERT_EQ(a.segments.size(), b.segments.size());
    for (std::size_t s = 0; s < a.segments.size(); ++s)
      expect_arm(b.segments[s].comparison.control, a.segments[s].comparison.control);
  }
}

TEST(MetricQuantiles, ShiftAndScaleFollow) {
  auto table = drawn_table({.units = 5000});
  const auto plan = quantile_plan(table);
  const auto before = run(plan, table).metrics[0].comparison;
  for (auto& x : table.metrics[0].numerator[0]) x = 1024 * x - 65'536;
  const auto after = run(plan, table).metrics[0].comparison;
  EXPECT_NEAR(after.control.estimate, 1024 * before.control.estimate - 65'536, 1e-6);
  EXPECT_NEAR(after.absolute.estimate, 1024 * before.absolute.estimate, 1e-6);
  EXPECT_NEAR(after.absolute.standard_error, 1024 * before.absolute.standard_error, 1e-6);
}

TEST(MetricQuantiles, SwappingTheArmsTurnsTheSign) {
  auto table = drawn_table({.units = 5000});
  const auto plan = quantile_plan(table);
  const auto before = run(plan, table).metrics[2].comparison;
  for (auto& arm : table.arm) arm = static_cast<std::uint8_t>(1 - arm);
  const auto after = run(plan, table).metrics[2].comparison;
  EXPECT_EQ(after.absolute.estimate, -before.absolute.estimate);
  EXPECT_EQ(after.absolute.lower, -before.absolute.upper);
  EXPECT_NEAR(after.p_value, before.p_value, 1e-12);
}

// ---- in the decision ----

TEST(MetricQuantiles, AGuardrailIsTestedAgainstItsMarginAndShownAtTheEnd) {
  auto table = drawn_table({.units = 20'000});
  auto plan = quantile_plan(table);
  const auto ended = run(plan, table).metrics[0];
  EXPECT_EQ(ended.margin, 0.1);
  EXPECT_LT(ended.p_value_one_sided, 1e-3);  // 5% up, where 10% down is the margin
  EXPECT_GT(ended.deterioration_p_value, 0.5);
  EXPECT_EQ(ended.verdict, "passed");
  plan.planned_end_reached = false;
  plan.planned_end_reached_by_day.assign(table.days.size(), false);
  const auto running = run(plan, table).metrics[0];
  EXPECT_TRUE(std::isnan(running.comparison.p_value));
  EXPECT_TRUE(std::isnan(running.p_value_one_sided));
  EXPECT_TRUE(std::isnan(running.segments.front().comparison.p_value));
  EXPECT_EQ(running.deterioration_p_value, ended.deterioration_p_value);
  EXPECT_EQ(running.comparison.absolute.lower, ended.comparison.absolute.lower);
}

TEST(MetricQuantiles, OfTooLittleAreUndefinedWithAReason) {
  auto table = testing::one_day_table({"control", "treatment"}, {0, 0, 0, 1, 1, 1},
                                      {testing::mean_values("m", {1, 2, 3, 4, 5, 6})});
  AnalysisPlan plan;
  plan.metrics = {testing::metric_plan("m")};
  plan.metrics[0].type = "quantile";
  EXPECT_EQ(run(plan, table).metrics[0].comparison.absolute.estimate, 3);
  for (const std::vector<std::uint8_t>& arm :
       {std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 1}, {1, 1, 1, 1, 1, 1}}) {
    table.arm = arm;
    const auto result = run(plan, table);
    EXPECT_FALSE(result.metrics[0].comparison.warnings.empty());
    EXPECT_EQ(testing::unexplained_nulls(result), std::vector<std::string>{});
  }
  plan.metrics[0].quantile = 1;
  EXPECT_FALSE(analyze(plan, table, std::nullopt, 1).ok());
}

TEST(MetricQuantiles, OfNoEventsAtAllAreUndefinedWithAReason) {
  auto table = drawn_table({.units = 100});
  Plays plays(table);
  plays.filter.assign(plays.filter.size(), 0);
  plays.give_to(table.metrics[0]);
  const auto result = run(quantile_plan(table), table);
  EXPECT_EQ(result.metrics[0].comparison.control.n, 0);
  EXPECT_EQ(testing::unexplained_nulls(result), std::vector<std::string>{});
}

}  // namespace
}  // namespace descant::experiment
