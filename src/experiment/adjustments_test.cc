// SPDX-License-Identifier: Apache-2.0
// Strata, clusters, further covariates and floors, each against the same numbers reached another
// way: by loops over the rows, or by a table that was changed beforehand.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "experiment/analyze.h"
#include "experiment/test_tables.h"
#include "stats/comparison/adjusted_difference.h"

namespace descant::experiment {
namespace {

using testing::drawn_plan;
using testing::drawn_table;

ExperimentResult run(const AnalysisPlan& plan, const folds::UnitTable& table) {
  auto result = analyze(plan, table, std::nullopt, 2);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_text(result.error()));
  return result ? std::move(*result) : ExperimentResult{};
}

void expect_same(const stats::Comparison& found, const stats::Comparison& wanted,
                 double tolerance) {
  const auto near = [&](double a, double b) { EXPECT_NEAR(a, b, tolerance * std::abs(b)); };
  near(found.absolute.estimate, wanted.absolute.estimate);
  near(found.absolute.standard_error, wanted.absolute.standard_error);
  near(found.relative.lower, wanted.relative.lower);
  near(found.p_value, wanted.p_value);
}

TEST(Strata, WeighTheirDifferences) {
  auto table = drawn_table({.units = 4000, .days = 1});
  table.strata = {table.segments[0]};
  auto plan = drawn_plan(table);
  plan.cuped = false;
  const auto& y = table.metrics[2].numerator[0];  // rounds
  double estimate = 0;
  double variance = 0;
  std::vector<double> differences;
  std::vector<double> shares;
  for (std::uint32_t stratum = 0; stratum < 3; ++stratum) {
    double n[2] = {};
    double sum[2] = {};
    double squares[2] = {};
    for (std::size_t unit = 0; unit < 4000; ++unit)
      if (table.segments[0].codes[unit] == stratum)
        ++n[table.arm[unit]], sum[table.arm[unit]] += y[unit];
    for (std::size_t unit = 0; unit < 4000; ++unit) {
      const auto arm = table.arm[unit];
      if (table.segments[0].codes[unit] == stratum)
        squares[arm] += std::pow(y[unit] - sum[arm] / n[arm], 2);
    }
    const double share = (n[0] + n[1]) / 4000;
    differences.push_back(sum[1] / n[1] - sum[0] / n[0]);
    shares.push_back(share);
    estimate += share * differences.back();
    for (int arm : {0, 1}) variance += share * share * squares[arm] / (n[arm] - 1) / n[arm];
  }
  for (std::size_t s = 0; s < 3; ++s)
    variance += shares[s] * std::pow(differences[s] - estimate, 2) / 4000;
  const auto comparison = run(plan, table).metrics[2].comparison;
  EXPECT_NEAR(comparison.absolute.estimate, estimate, 1e-12);
  EXPECT_NEAR(comparison.absolute.standard_error, std::sqrt(variance), 1e-12);
}

TEST(Strata, ThatExplainTheOutcomeRemoveItsVariance) {
  auto table = drawn_table({.units = 6000, .days = 3});
  table.strata = {table.segments[0]};
  auto& y = table.metrics[2].numerator[0];
  for (std::size_t unit = 0; unit < y.size(); ++unit) y[unit] += 50.0 * table.strata[0].codes[unit];
  auto plan = drawn_plan(table);
  const auto stratified = run(plan, table);
  auto plain_table = table;
  plain_table.strata.clear();
  const auto plain = run(plan, plain_table);
  EXPECT_LT(stratified.metrics[2].comparison.absolute.standard_error,
            0.2 * plain.metrics[2].comparison.absolute.standard_error);
  ASSERT_EQ(stratified.metrics[2].days.size(), 3U);
  EXPECT_LT(stratified.metrics[2].days[1].comparison.absolute.standard_error,
            0.2 * plain.metrics[2].days[1].comparison.absolute.standard_error);
  EXPECT_EQ(stratified.metrics[2].mature_units, plain.metrics[2].mature_units);
}

TEST(Strata, TooSmallForAnArmAreMergedWithoutLosingUnits) {
  auto table = drawn_table({.units = 2000, .days = 1});
  table.strata = {table.segments[1]};  // 40 values
  table.strata[0].labels.push_back("alone");
  table.strata[0].codes[7] = 40;
  const auto result = run(drawn_plan(table), table);
  EXPECT_EQ(result.metrics[2].comparison.control.n + result.metrics[2].comparison.treatment.n,
            2000);
  EXPECT_TRUE(std::isfinite(result.metrics[2].comparison.absolute.standard_error));
}

// What the analysis of clusters must give: each cluster a row, a mean the ratio of its totals.
folds::UnitTable totals_by_cluster(const folds::UnitTable& table) {
  const std::size_t clusters =
      *std::max_element(table.cluster.begin(), table.cluster.end()) + std::size_t{1};
  folds::UnitTable out;
  out.unit_count = clusters;
  out.variants = table.variants;
  out.days = table.days;
  out.arm.resize(clusters);
  for (const auto& metric : table.metrics) {
    folds::MetricValues& values = out.metrics.emplace_back();
    values.name = metric.name;
    values.numerator.assign(1, std::vector<double>(clusters, 0.0));
    values.denominator = values.numerator;
    values.covariate_numerator.assign(metric.covariate_numerator.empty() ? 0 : clusters, 0.0);
    values.covariate_denominator = values.covariate_numerator;
    for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
      const auto c = table.cluster[unit];
      out.arm[c] = table.arm[unit];
      values.numerator[0][c] += metric.numerator[0][unit];
      values.denominator[0][c] += metric.denominator.empty() ? 1 : metric.denominator[0][unit];
      if (metric.covariate_numerator.empty()) continue;
      values.covariate_numerator[c] += metric.covariate_numerator[unit];
      values.covariate_denominator[c] +=
          metric.covariate_denominator.empty() ? 1 : metric.covariate_denominator[unit];
    }
  }
  return out;
}

TEST(Clusters, AreTheUnitsOfTheAnalysis) {
  auto table = drawn_table({.units = 3000, .days = 1});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
    table.cluster.push_back(static_cast<std::uint32_t>(unit * 7919 % 601));
    table.arm[unit] = static_cast<std::uint8_t>(table.cluster.back() % 2);
  }
  table.segments.clear();
  const auto plan = drawn_plan(table);
  const auto clustered = run(plan, table);
  const auto wanted = run(plan, totals_by_cluster(table));
  for (std::size_t i = 0; i < 3; ++i) {
    expect_same(clustered.metrics[i].comparison, wanted.metrics[i].comparison, 1e-9);
    EXPECT_EQ(clustered.metrics[i].comparison.control.n, 301);
  }
}

TEST(Clusters, GrowWithTheirUnitsByDay) {
  auto table = drawn_table({.units = 3000, .days = 4});
  for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
    table.cluster.push_back(static_cast<std::uint32_t>(unit * 7919 % 601));
    table.arm[unit] = static_cast<std::uint8_t>(table.cluster.back() % 2);
  }
  const auto result = run(drawn_plan(table), table);
  ASSERT_EQ(result.metrics[0].days.size(), 4U);
  const auto& days = result.metrics[0].days;
  EXPECT_GT(days[2].comparison.absolute.standard_error, days[3].comparison.absolute.standard_error);
  EXPECT_EQ(result.metrics[0].segments.size(), 43U);
}

TEST(Covariates, OfOtherMetricsAdjustToo) {
  auto table = drawn_table({.units = 5000, .days = 1});
  auto& y = table.metrics[0].numerator[0];
  folds::SharedCovariate other{"plays", {}, {}, {}};
  for (std::size_t unit = 0; unit < y.size(); ++unit) {
    other.numerator.push_back(static_cast<double>(unit * 31 % 97));
    y[unit] += 3 * other.numerator.back();
  }
  table.covariates = {other};
  const auto plan = drawn_plan(table);
  const auto found = run(plan, table).metrics[0];

  stats::Moments arms[2] = {stats::Moments(3), stats::Moments(3)};
  for (std::size_t unit = 0; unit < y.size(); ++unit)
    arms[table.arm[unit]].add(std::vector<double>{
        y[unit], table.metrics[0].covariate_numerator[unit], other.numerator[unit]});
  const auto wanted = stats::adjusted_difference(
      arms[0], arms[1], {{0, {}}, {{1, {}}, {2, {}}}, nullptr, "cuped"}, {});
  ASSERT_TRUE(wanted.ok());
  expect_same(found.comparison, wanted->comparison, 1e-9);
  table.covariates.clear();
  EXPECT_GT(found.variance_reduction, run(plan, table).metrics[0].variance_reduction + 0.1);
}

TEST(Covariates, ThatSomeUnitsLackKeepThem) {
  auto table = drawn_table({.units = 2000, .days = 1});
  folds::SharedCovariate other{"listens", {}, table.metrics[0].covariate_numerator, {}};
  for (std::size_t unit = 0; unit < 2000; unit += 5)
    other.numerator[unit] = std::numeric_limits<double>::quiet_NaN();
  table.metrics[0].covariate_numerator.clear();
  table.covariates = {other};
  const auto result = run(drawn_plan(table), table);
  EXPECT_EQ(result.metrics[0].mature_units, 2000);
  EXPECT_GT(result.metrics[0].variance_reduction, 0.1);
}

TEST(Floors, RaiseSmallTotalsEachDay) {
  const auto table = drawn_table({.units = 3000, .days = 4});
  auto plan = drawn_plan(table);
  plan.metrics[0].cap.lower_percentile = 30;
  plan.metrics[0].cap.percentile = 90;
  const auto found = run(plan, table).metrics[0];
  // The same by hand on the last day's counted units.
  std::vector<double> counted;
  const auto& values = table.metrics[0];
  for (std::size_t unit = 0; unit < 3000; ++unit)
    if (values.mature_from[unit] < 4) counted.push_back(values.numerator[0][unit]);
  std::sort(counted.begin(), counted.end());
  const auto percentile = [&](double q) {
    const double at = q * static_cast<double>(counted.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    return counted[low] + (at - std::floor(at)) * (counted[low + 1] - counted[low]);
  };
  double sum = 0;
  double n = 0;
  for (std::size_t unit = 0; unit < 3000; ++unit)
    if (values.mature_from[unit] < 4 && table.arm[unit] == 1) {
      sum += std::clamp(values.numerator[0][unit], percentile(0.3), percentile(0.9));
      ++n;
    }
  EXPECT_NEAR(found.unadjusted.treatment.estimate, sum / n, 1e-9);
  // A day before, too, has its own floor: the pass by day and the single pass agree.
  auto until = table;
  until.days.resize(3);
  const auto earlier = run(plan, until).metrics[0];
  EXPECT_NEAR(found.days[2].comparison.absolute.estimate, earlier.comparison.absolute.estimate,
              1e-9);
}

}  // namespace
}  // namespace descant::experiment
