// SPDX-License-Identifier: Apache-2.0
#include "experiment/aa.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/describe_json.h"
#include "experiment/test_tables.h"
#include "experiment/unit_columns.h"

namespace descant::experiment {
namespace {

UnitReadout drawn_readout(std::size_t units) {
  UnitReadout readout;
  readout.units = testing::drawn_table({.units = units, .days = 1});
  readout.plan = testing::drawn_plan(readout.units);
  readout.plan.metrics[0].minimum_detectable_effect = definitions::EffectSize{0.1, true};
  readout.plan.metrics[0].cap.percentile = 99;
  return readout;
}

AaResult run(const UnitReadout& readout, AaOptions options) {
  auto result = run_aa(readout, options);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return *result;
}

TEST(Aa, KeepsItsPromiseAndKnowsItsPower) {
  const auto readout = drawn_readout(5000);
  const auto result = run(readout, {.replicates = 2000, .seed = 3, .threads = 2});
  ASSERT_EQ(result.metrics.size(), 3U);
  for (const auto& metric : result.metrics) {
    EXPECT_NEAR(metric.false_positives.estimate, 0.05, 0.02) << metric.name;
    EXPECT_GT(metric.uniformity_p_value, 1e-4) << metric.name;
    EXPECT_LE(metric.false_positives.lower, metric.false_positives.estimate);
  }
  // Power against the normal formula, with the standard error of the analysis itself.
  const auto analysed = analyze(readout.plan, readout.units, std::nullopt, 1);
  ASSERT_TRUE(analysed.ok());
  const double shift =
      result.metrics[0].effect / analysed->metrics[0].comparison.absolute.standard_error;
  const double formula = 0.5 * std::erfc((1.6448536269514722 - shift) / std::sqrt(2.0));
  EXPECT_NEAR(result.metrics[0].power.estimate, formula, 0.05);
  EXPECT_EQ(result.metrics[0].alpha_used, 0.05);
  EXPECT_TRUE(std::isnan(result.metrics[2].power.estimate));  // nothing is stated
  const auto& decisions = result.decisions;
  EXPECT_EQ(decisions.ship.count + decisions.stop.count + decisions.other.count, 2000);
  EXPECT_LT(decisions.ship.lower, 0.05);  // the rule's own promise
}

// One unit carries nearly all of a metric: t tests then reject far too seldom.
TEST(Aa, FindsATestThatDoesNotHold) {
  auto readout = drawn_readout(400);
  readout.plan.metrics.resize(1);
  readout.units.metrics.resize(1);
  readout.plan.metrics[0].cap = {};
  readout.units.metrics[0].numerator[0][7] = 1e9;
  const auto result = run(readout, {.replicates = 2000});
  EXPECT_FALSE(result.metrics[0].as_promised);
  EXPECT_LT(result.metrics[0].uniformity_p_value, 1e-6);
  ASSERT_FALSE(result.warnings.empty());
  EXPECT_EQ(result.warnings[0].code, "false_positive_rate");
}

TEST(Aa, DependsOnTheSeedAlone) {
  const auto readout = drawn_readout(2000);
  const auto text = [&](std::uint64_t seed, std::size_t threads) {
    return write_json(
        to_json_document(run(readout, {.replicates = 200, .seed = seed, .threads = threads})));
  };
  EXPECT_EQ(text(5, 1), text(5, 3));
  EXPECT_NE(text(5, 1), text(6, 1));
}

TEST(Aa, RatesHaveExactIntervals) {
  const auto rate = rate_of(5, 100);  // R: binom.test(5, 100)$conf.int
  EXPECT_NEAR(rate.lower, 0.01643188, 1e-7);
  EXPECT_NEAR(rate.upper, 0.11283491, 1e-7);
  EXPECT_EQ(rate_of(0, 10).lower, 0.0);
  EXPECT_EQ(rate_of(10, 10).upper, 1.0);
  EXPECT_TRUE(std::isnan(rate_of(0, 0).estimate));
}

TEST(Aa, NonsenseIsRefusedAndEmptinessWarned) {
  EXPECT_FALSE(run_aa(drawn_readout(100), {.replicates = 0}).ok());
  EXPECT_FALSE(run_aa(drawn_readout(100), {.alpha = 1.0}).ok());
  auto one_quantile = drawn_readout(100);
  one_quantile.plan.metrics[1].type = "quantile";
  const auto rest = run(one_quantile, {.replicates = 10});
  ASSERT_EQ(rest.metrics.size(), 2U);
  EXPECT_EQ(rest.metrics[1].name, one_quantile.plan.metrics[2].name);
  EXPECT_EQ(rest.warnings.front().code, "quantile_left_out");
  auto quantiles = drawn_readout(100);
  for (auto& metric : quantiles.plan.metrics) metric.type = "quantile";
  EXPECT_FALSE(run_aa(quantiles, {.replicates = 10}).ok());
  auto readout = drawn_readout(100);
  readout.units.metrics[0].mature_from.assign(100, 1);
  const auto result = run(readout, {.replicates = 10});
  EXPECT_EQ(result.metrics[0].units, 0);
  EXPECT_TRUE(std::isnan(result.metrics[0].false_positives.estimate));
  EXPECT_EQ(result.warnings[0].code, "undefined_p_value");
}

TEST(UnitColumns, AdjustedValuesHaveTheMomentsOfTheComparison) {
  const auto readout = drawn_readout(3000);
  for (const std::size_t m : {std::size_t{0}, std::size_t{1}}) {
    const auto columns = unit_columns(readout.plan, readout.units, m, 1);
    ASSERT_TRUE(columns.ok());
    const auto values = adjusted_unit_values(*columns);
    ASSERT_TRUE(values.ok());
    double mean = 0, square = 0;
    for (const double v : *values) mean += v / 3000;
    for (const double v : *values) square += (v - mean) * (v - mean) / 2999;
    const auto result = analyze(readout.plan, readout.units, std::nullopt, 1);
    ASSERT_TRUE(result.ok());
    const auto& c = result->metrics[m].comparison;
    const double pooled = std::sqrt(square * (1.0 / static_cast<double>(c.control.n) +
                                              1.0 / static_cast<double>(c.treatment.n)));
    EXPECT_NEAR(pooled / c.absolute.standard_error, 1, 0.03) << c.method;
  }
}

}  // namespace
}  // namespace descant::experiment
