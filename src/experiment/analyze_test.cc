// SPDX-License-Identifier: Apache-2.0
#include "experiment/analyze.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "experiment/test_tables.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;
using testing::mean_values;
using testing::metric_plan;
using testing::one_day_table;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

AnalysisPlan plan_of(std::vector<MetricPlan> metrics) {
  AnalysisPlan plan;
  plan.name = "by hand";
  plan.metrics = std::move(metrics);
  return plan;
}

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table,
                     const std::optional<folds::ExposureCounts>& exposure = std::nullopt) {
  auto result = analyze(plan, table, exposure, 2);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  if (!result) return {};
  EXPECT_EQ(testing::unexplained_nulls(*result), std::vector<std::string>{});
  return std::move(*result);
}

bool warned(const ExperimentResult& result, const std::string& code) {
  return std::any_of(result.warnings.begin(), result.warnings.end(),
                     [&](const Warning& warning) { return warning.code == code; });
}

const Check* find_check(const ExperimentResult& result, const std::string& name) {
  for (const auto& check : result.checks)
    if (check.name == name) return &check;
  return nullptr;
}

folds::UnitTable eight_units() {
  return one_day_table({"control", "treatment"}, {0, 0, 0, 0, 1, 1, 1, 1},
                       {mean_values("m", {1, 2, 3, 4, 3, 4, 5, 6})});
}

TEST(Analyze, AMeanByHand) {
  const auto result = run(plan_of({metric_plan("m")}), eight_units());
  ASSERT_EQ(result.metrics.size(), 1U);
  const auto& metric = result.metrics[0];
  EXPECT_DOUBLE_EQ(metric.comparison.control.estimate, 2.5);
  EXPECT_DOUBLE_EQ(metric.comparison.absolute.estimate, 2.0);
  EXPECT_DOUBLE_EQ(metric.comparison.relative.estimate, 0.8);
  EXPECT_NEAR(metric.comparison.absolute.standard_error, std::sqrt(5.0 / 6.0), 1e-14);
  EXPECT_NEAR(metric.comparison.degrees_of_freedom, 6.0, 1e-12);
  EXPECT_NEAR(metric.p_value_one_sided, 23.0 / 648.0, 1e-14);  // t with 6 degrees, closed form
  EXPECT_NEAR(metric.deterioration_p_value, 1 - 23.0 / 648.0, 1e-14);
  EXPECT_NEAR(metric.comparison.p_value, 2 * 23.0 / 648.0, 1e-14);
  EXPECT_EQ(metric.verdict, "passed");
  EXPECT_DOUBLE_EQ(metric.alpha_used, 0.05);
  EXPECT_EQ(metric.mature_units, 8);
  ASSERT_EQ(result.decisions.size(), 1U);
  EXPECT_EQ(result.decisions[0].action, "ship");
  EXPECT_FALSE(result.decisions[0].reasons.empty());
  EXPECT_TRUE(warned(result, "small_arm"));
  EXPECT_TRUE(result.experiment.complete);
  EXPECT_TRUE(metric.days.empty());
}

TEST(Analyze, DirectionTurnsTheTestsRound) {
  auto plan = plan_of({metric_plan("m")});
  plan.metrics[0].direction = definitions::Direction::kDecrease;
  const auto metric = run(plan, eight_units()).metrics[0];
  EXPECT_NEAR(metric.deterioration_p_value, 23.0 / 648.0, 1e-14);
  EXPECT_NEAR(metric.p_value_one_sided, 1 - 23.0 / 648.0, 1e-14);
  EXPECT_EQ(metric.verdict, "not_passed");
}

TEST(Analyze, TheCovariateAdjustsAndTheUnadjustedStandsBeside) {
  auto table = eight_units();
  const std::vector<double> x = {1, 2, 2, 5, 1, 3, 4, 4};
  table.metrics[0].covariate_numerator = x;
  const auto& y = table.metrics[0].numerator[0];
  double xy = 0;
  double xx = 0;
  double means[2] = {0, 0};
  for (std::size_t unit = 0; unit < 8; ++unit) means[unit / 4] += x[unit] / 4;
  for (std::size_t unit = 0; unit < 8; ++unit) {
    xy += (x[unit] - means[unit / 4]) * y[unit];
    xx += (x[unit] - means[unit / 4]) * (x[unit] - means[unit / 4]);
  }
  const auto result = run(plan_of({metric_plan("m")}), table);
  const auto& metric = result.metrics[0];
  EXPECT_NEAR(metric.comparison.absolute.estimate, 2.0 - xy / xx * (means[1] - means[0]), 1e-12);
  EXPECT_DOUBLE_EQ(metric.unadjusted.absolute.estimate, 2.0);
  EXPECT_GT(metric.variance_reduction, 0.0);
  const auto* check = find_check(result, "pre_exposure:m");
  ASSERT_NE(check, nullptr);
  EXPECT_TRUE(check->passed);
  EXPECT_EQ(check->treatment, "treatment");
  EXPECT_DOUBLE_EQ(check->threshold, 0.005);  // 0.01 over the metric and this check

  auto plain = plan_of({metric_plan("m")});
  plain.cuped = false;
  const auto without = run(plain, table);
  EXPECT_DOUBLE_EQ(without.metrics[0].comparison.absolute.estimate, 2.0);
  EXPECT_EQ(find_check(without, "pre_exposure:m"), nullptr);
}

TEST(Analyze, AMissingCovariateKeepsTheUnitAndAnyOriginGivesTheSame) {
  auto table = drawn_table({.units = 3000, .days = 1});
  auto& covariate = table.metrics[0].covariate_numerator;
  for (std::size_t unit = 0; unit < covariate.size(); unit += 7) covariate[unit] = kNaN;
  const auto plan = drawn_plan(table);
  const auto result = run(plan, table);
  EXPECT_EQ(result.metrics[0].mature_units, 3000);
  EXPECT_EQ(result.metrics[0].missing_units, 0);
  EXPECT_TRUE(warned(result, "missing_covariate"));
  EXPECT_GT(result.metrics[0].variance_reduction, 0.1);
  for (auto& value : covariate) value += 1000;
  const auto moved = run(plan, table);
  EXPECT_NEAR(moved.metrics[0].comparison.absolute.estimate,
              result.metrics[0].comparison.absolute.estimate, 1e-9);
  EXPECT_NEAR(find_check(moved, "pre_exposure:minutes")->p_value,
              find_check(result, "pre_exposure:minutes")->p_value, 1e-9);
}

TEST(Analyze, AGuardrailIsTestedAgainstItsMargin) {
  auto plan = plan_of({metric_plan("m", definitions::Role::kGuardrail)});
  plan.metrics[0].non_inferiority_margin = definitions::EffectSize{1.0, false};
  const auto result = run(plan, eight_units());
  const auto& metric = result.metrics[0];
  EXPECT_NEAR(metric.comparison.statistic, 3.0 / std::sqrt(5.0 / 6.0), 1e-12);
  EXPECT_EQ(metric.verdict, "passed");
  EXPECT_EQ(metric.margin_scale, "absolute");
  EXPECT_EQ(result.decisions[0].action, "ship");
  plan.metrics[0].non_inferiority_margin.reset();
  EXPECT_FALSE(analyze(plan, eight_units(), std::nullopt).ok());
}

TEST(Analyze, ValuesNobodyHasAreLeftOutAndCounted) {
  auto table = eight_units();
  table.metrics[0].numerator[0][0] = kNaN;
  table.metrics[0].numerator[0][7] = std::numeric_limits<double>::infinity();
  const auto result = run(plan_of({metric_plan("m")}), table);
  EXPECT_EQ(result.metrics[0].missing_units, 2);
  EXPECT_EQ(result.metrics[0].mature_units, 6);
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.control.estimate, 3.0);
  EXPECT_TRUE(warned(result, "missing_values"));
}

TEST(Analyze, EverythingLeftOutIsNamed) {
  auto plan = plan_of({metric_plan("m")});
  plan.shares = {0.5, 0.5};
  folds::ExposureCounts exposure;
  exposure.undeclared_variant = 1234;
  exposure.outside_dates = 2;
  exposure.null_rows = 3;
  exposure.in_several_variants = 100;
  exposure.in_several_by_first_variant = {90, 10};
  plan.entity = "listener";
  const auto result = run(plan, eight_units(), exposure);
  ASSERT_EQ(result.experiment.left_out.size(), 4U);
  EXPECT_EQ(result.experiment.left_out[0].reason, "undeclared_variant");
  EXPECT_EQ(result.experiment.left_out[0].message,
            "1,234 rows of a variant that the experiment does not declare.");
  EXPECT_EQ(result.experiment.left_out[3].what, "units");
  EXPECT_EQ(result.experiment.left_out[3].message, "100 listeners seen in more than one variant.");
  const auto* check = find_check(result, "several_variants");
  ASSERT_NE(check, nullptr);
  EXPECT_FALSE(check->passed);
  EXPECT_DOUBLE_EQ(check->statistic, 64.0);
  EXPECT_NE(result.decisions[0].action, "invalid");  // tested apart
}

TEST(Analyze, AnUnevenSplitMakesTheExperimentInvalid) {
  std::vector<std::uint8_t> arm(1000, 0);
  std::fill(arm.begin() + 600, arm.end(), std::uint8_t{1});
  std::vector<double> values(1000);
  for (std::size_t unit = 0; unit < 1000; ++unit) values[unit] = static_cast<double>(unit % 7);
  auto plan = plan_of({metric_plan("m")});
  plan.shares = {1, 1};
  const auto result = run(plan, one_day_table({"a", "b"}, arm, {mean_values("m", values)}));
  const auto* check = find_check(result, "sample_ratio");
  ASSERT_NE(check, nullptr);
  EXPECT_DOUBLE_EQ(check->statistic, 40.0);  // (600 - 500)^2 / 500, twice
  EXPECT_FALSE(check->passed);
  EXPECT_EQ(result.decisions[0].action, "invalid");
  plan.shares = {3, 2};
  EXPECT_NE(
      run(plan, one_day_table({"a", "b"}, arm, {mean_values("m", values)})).decisions[0].action,
      "invalid");
  plan.shares = {0.5, 0.0};
  EXPECT_FALSE(analyze(plan, eight_units(), std::nullopt).ok());
}

TEST(Analyze, BeforeThePlannedEndNoPValueIsShown) {
  auto table = drawn_table({.units = 5000});
  auto plan = drawn_plan(table);
  plan.planned_end_reached = false;
  plan.planned_end_reached_by_day.assign(7, false);
  plan.start = "2024-10-04";
  plan.end = "2024-12-31";
  const auto result = run(plan, table);
  for (const auto& metric : result.metrics) {
    EXPECT_TRUE(std::isnan(metric.p_value_one_sided));
    EXPECT_TRUE(std::isnan(metric.comparison.p_value));
    EXPECT_TRUE(std::isnan(metric.unadjusted.p_value));
    EXPECT_FALSE(std::isnan(metric.comparison.absolute.lower));
    EXPECT_FALSE(std::isnan(metric.deterioration_p_value));
    for (const auto& segment : metric.segments) EXPECT_TRUE(std::isnan(segment.comparison.p_value));
    for (const auto& day : metric.days) EXPECT_TRUE(std::isnan(day.comparison.p_value));
  }
  EXPECT_EQ(std::count_if(result.warnings.begin(), result.warnings.end(),
                          [](const auto& w) { return w.code == "before_planned_end"; }),
            1);
  EXPECT_FALSE(result.experiment.complete);
  EXPECT_EQ(result.decisions[0].action, "continue");
  EXPECT_EQ(result.metrics[0].verdict, "undecided");
  EXPECT_EQ(result.experiment.as_of, "2024-10-11T00:00:00Z");
}

TEST(Analyze, DeteriorationStopsBeforeThePlannedEnd) {
  auto table = drawn_table({.units = 20'000});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    if (table.arm[unit] == 1) table.metrics[0].numerator[0][unit] *= 0.5;
  auto plan = drawn_plan(table);
  plan.planned_end_reached = false;
  const auto result = run(plan, table);
  EXPECT_EQ(result.decisions[0].action, "stop");
  EXPECT_EQ(result.metrics[0].verdict, "deteriorated");
}

TEST(Analyze, ImmatureWindowsAreLeftOutWithAWarning) {
  const auto table = drawn_table({.units = 5000});
  const auto plan = drawn_plan(table);
  const auto result = run(plan, table);
  EXPECT_GT(result.metrics[0].immature_units, 0);
  EXPECT_EQ(result.metrics[0].immature_units + result.metrics[0].mature_units, 5000);
  EXPECT_TRUE(result.experiment.complete);
  EXPECT_NE(result.decisions[0].action, "continue");
  EXPECT_TRUE(std::any_of(result.warnings.begin(), result.warnings.end(),
                          [](const Warning& w) { return w.code == "immature_units"; }));
  EXPECT_FALSE(std::isnan(result.metrics[0].p_value_one_sided));
}

TEST(Analyze, TreatmentsShareAlpha) {
  const auto table = drawn_table({.units = 9000, .arms = 4, .days = 1});
  const auto result = run(drawn_plan(table), table);
  ASSERT_EQ(result.decisions.size(), 3U);
  ASSERT_EQ(result.metrics.size(), 9U);
  EXPECT_EQ(result.metrics[1].treatment, "treatment_2");
  EXPECT_DOUBLE_EQ(result.metrics[0].alpha_used, 0.05 / 3);
  EXPECT_NEAR(result.record.power_planned, 1 - (0.2 - 0.01) / (0.99 * 2), 1e-12);
}

TEST(Analyze, CapsAreTypeSevenOverAllArmsAndCutTies) {
  auto plan = plan_of({metric_plan("m")});
  plan.metrics[0].cap.percentile = 75;
  const auto result = run(plan, eight_units());  // 1 2 3 3 4 4 5 6: 75% lies at 4.25
  EXPECT_DOUBLE_EQ(result.metrics[0].cap_numerator, 4.25);
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.control.estimate, 2.5);
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.treatment.estimate, (3 + 4 + 4.25 + 4.25) / 4);
  plan.metrics[0].cap = {};
  plan.metrics[0].cap.value = 3.0;
  EXPECT_DOUBLE_EQ(run(plan, eight_units()).metrics[0].comparison.treatment.estimate, 3.0);
  plan.metrics[0].cap = {};
  plan.metrics[0].cap.percentile = 30;  // at rank 2.1, among the tied 3s
  const auto tied = run(plan, eight_units());
  EXPECT_DOUBLE_EQ(tied.metrics[0].cap_numerator, 3.0);
  EXPECT_TRUE(std::isnan(run(plan_of({metric_plan("m")}), eight_units()).metrics[0].cap_numerator));
}

TEST(Analyze, RatiosCapEachPart) {
  auto table = eight_units();
  table.metrics[0].denominator.push_back({10, 20, 30, 40, 50, 60, 70, 80});
  auto plan = plan_of({metric_plan("m")});
  plan.metrics[0].cap.percentile = 50;
  const auto result = run(plan, table);
  EXPECT_DOUBLE_EQ(result.metrics[0].cap_numerator, 3.5);
  EXPECT_DOUBLE_EQ(result.metrics[0].cap_denominator, 45.0);
  EXPECT_DOUBLE_EQ(result.metrics[0].comparison.treatment.estimate, (3 + 3 * 3.5) / (4 * 45.0));
}

TEST(Analyze, TooLittleDataIsAStateWithItsReason) {
  auto plan = plan_of({metric_plan("m"), metric_plan("g", definitions::Role::kGuardrail)});
  plan.shares = {1, 1};
  const auto check = [&](const folds::UnitTable& table) {
    const auto result = run(plan, table);
    EXPECT_TRUE(std::isnan(result.metrics[0].comparison.p_value));
    EXPECT_EQ(result.metrics[0].verdict, "undecided");
    EXPECT_EQ(result.decisions[0].action, "stop") << result.decisions[0].explanation;
    return result;
  };
  const auto table_of = [](std::vector<std::uint8_t> arm, std::vector<double> values) {
    auto table = one_day_table({"a", "b"}, std::move(arm),
                               {mean_values("m", values), mean_values("g", values)});
    table.metrics[0].covariate_numerator = values;
    table.segments.push_back({"country", std::vector<std::uint32_t>(table.unit_count, 0), {"SE"}});
    return table;
  };
  check(table_of({}, {}));                                  // nobody
  check(table_of({1}, {4.0}));                              // a single unit
  check(table_of({0, 0, 0}, {1, 2, 3}));                    // an empty arm
  check(table_of({0, 0, 1, 1}, {7, 7, 7, 7}));              // no variance
  check(table_of({0, 0, 1, 1}, {kNaN, kNaN, kNaN, kNaN}));  // no value
}

TEST(Analyze, EveryoneImmature) {
  auto table = eight_units();
  table.metrics[0].mature_from.assign(8, 1);
  table.metrics[0].covariate_numerator.assign(8, 1.0);
  auto plan = plan_of({metric_plan("m")});
  plan.metrics[0].cap.percentile = 99;
  const auto result = run(plan, table);
  EXPECT_EQ(result.metrics[0].immature_units, 8);
  EXPECT_EQ(result.metrics[0].mature_units, 0);
  EXPECT_EQ(result.decisions[0].action, "stop");  // complete, and nothing was shown
}

TEST(Analyze, ADimensionWithAMillionValuesIsPooled) {
  constexpr std::size_t kUnits = 1'000'000;
  std::vector<std::uint8_t> arm(kUnits);
  std::vector<double> values(kUnits);
  folds::SegmentColumn track{"track", {}, {}};
  for (std::size_t unit = 0; unit < kUnits; ++unit) {
    arm[unit] = static_cast<std::uint8_t>(unit % 2);
    values[unit] = static_cast<double>(unit % 11);
    track.codes.push_back(static_cast<std::uint32_t>(unit));
    track.labels.push_back(std::to_string(unit));
  }
  auto table = one_day_table({"a", "b"}, std::move(arm), {mean_values("m", std::move(values))});
  table.segments.push_back(std::move(track));
  const auto result = run(plan_of({metric_plan("m")}), table);
  ASSERT_EQ(result.metrics[0].segments.size(), 51U);
  const auto& pooled = result.metrics[0].segments.back();
  EXPECT_EQ(pooled.value, "(other: 999,950 values)");
  EXPECT_EQ(pooled.comparison.control.n + pooled.comparison.treatment.n, 999'950);
  EXPECT_TRUE(warned(result, "segments_pooled"));
}

TEST(Analyze, AQualityMetricThatDiffersIsInvalid) {
  auto table = drawn_table({.days = 1});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit)
    if (table.arm[unit] == 1) table.metrics[0].numerator[0][unit] *= 1.3;
  auto plan = drawn_plan(table);
  plan.metrics[0].role = definitions::Role::kQuality;
  const auto result = run(plan, table);
  EXPECT_EQ(result.decisions[0].action, "invalid");
  EXPECT_EQ(result.metrics[0].verdict, "not_passed");
}

TEST(Analyze, WrongTablesAndPlansAreErrors) {
  const auto plan = plan_of({metric_plan("m")});
  const auto fails = [](const AnalysisPlan& p, const folds::UnitTable& t) {
    const auto result = analyze(p, t, std::nullopt, 1);
    return !result.ok() && !result.error().message.empty();
  };
  EXPECT_TRUE(fails(plan_of({}), eight_units()));
  EXPECT_TRUE(fails(plan_of({metric_plan("m"), metric_plan("m")}), eight_units()));
  auto table = eight_units();
  table.arm[3] = 2;
  EXPECT_TRUE(fails(plan, table));
  table = eight_units();
  table.metrics[0].numerator[0].pop_back();
  EXPECT_TRUE(fails(plan, table));
  table = eight_units();
  table.variants = {"only"};
  table.arm.assign(8, 0);
  EXPECT_TRUE(fails(plan, table));
  table = eight_units();
  table.days.clear();
  EXPECT_TRUE(fails(plan, table));
  auto level = plan;
  level.confidence_level = 1.0;
  EXPECT_TRUE(fails(level, eight_units()));
}

}  // namespace
}  // namespace descant::experiment
