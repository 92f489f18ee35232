// SPDX-License-Identifier: Apache-2.0
#include "experiment/portfolio.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "definitions/load.h"
#include "timelines/refresh.h"
#include "warehouse/warehouse.h"

namespace descant::experiment {
namespace {

class PortfolioTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("descant_portfolio_" + std::to_string(std::random_device{}()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  TablePortfolio table(const std::string& text) const {
    TablePortfolio request;
    request.file = (folder_ / "effects.csv").string();
    std::ofstream(request.file) << text;
    request.experiment = "experiment";
    request.estimate = "effect";
    request.standard_error = "se";
    request.decision = "decision";
    return request;
  }

  std::filesystem::path folder_;
};

constexpr const char* kTable =
    "experiment,effect,se,decision\n"
    "a,0.021,0.008,ship\n"
    "b,0.012,0.005,Shipped\n"
    "c,-0.018,0.006,stop\n"
    "d,0.001,0.003,false\n"
    "e,0.006,0.007,stop\n"
    "f,0.004,0.002,true\n"
    "g,0.5,0.01,invalid\n"
    "h,,0.01,stop\n"
    "i,0.1,0.01,continue\n"
    "j,0.1,0.01,\n";

TEST_F(PortfolioTest, ATableGivesRatesAndTheCorrectedSum) {
  auto request = table(kTable);
  request.options.minimum_effect = 0.01;
  const auto found = portfolio(request);
  ASSERT_TRUE(found.ok()) << to_text(found.error());
  EXPECT_EQ(found->experiments, 7);
  std::vector<std::string> outcomes;
  for (const auto& treatment : found->treatments) outcomes.push_back(treatment.outcome);
  // d could have found 1 % (2.80 x 0.3 % < 1 %), e could not.
  EXPECT_EQ(outcomes, (std::vector<std::string>{"shipped", "shipped", "harm", "powered_null",
                                                "inconclusive", "shipped", "invalid"}));
  EXPECT_EQ(found->win_rate.count, 3);
  EXPECT_NEAR(found->win_rate.estimate, 3.0 / 7, 1e-15);
  EXPECT_EQ(found->better_rate.count, 3);
  EXPECT_EQ(found->learning_rate.count, 5);
  std::vector<std::string> reasons;
  for (const auto& left_out : found->left_out) reasons.push_back(left_out.reason);
  EXPECT_EQ(reasons, (std::vector<std::string>{"no_effect", "not_ended", "no_decision"}));

  const auto& metric = found->metrics.at(0);
  ASSERT_EQ(metric.effects.size(), 6U);  // without the invalid one
  EXPECT_NEAR(metric.shipped.naive, 0.037, 1e-15);
  EXPECT_LT(metric.shipped.estimate, metric.shipped.naive);
  // The posterior by the formulas, and the sum's variance with that of the prior's mean.
  const double spread = std::pow(metric.prior.standard_deviation, 2);
  double precision = 0, shrinkage = 0, variance = 0, sum = 0;
  for (const auto& effect : metric.effects) {
    const double own = std::pow(effect.measured.standard_error, 2);
    precision += 1 / (own + spread);
    if (!effect.shipped) continue;
    const double b = own / (own + spread);
    shrinkage += b;
    variance += own * (1 - b);
    sum += b * metric.prior.mean + (1 - b) * effect.measured.estimate;
  }
  EXPECT_NEAR(metric.shipped.estimate, sum, 1e-12);
  EXPECT_NEAR(metric.shipped.standard_error,
              std::sqrt(variance + shrinkage * shrinkage / precision), 1e-12);
}

TEST_F(PortfolioTest, OneEffectStaysAsMeasured) {
  const auto found = portfolio(table("experiment,effect,se,decision\na,0.02,0.008,ship\n"));
  ASSERT_TRUE(found.ok()) << to_text(found.error());
  const auto& effect = found->metrics.at(0).effects.at(0);
  EXPECT_NEAR(effect.shrunk.estimate, 0.02, 1e-12);
  EXPECT_NEAR(effect.shrunk.standard_error, 0.008, 1e-9);
  EXPECT_NEAR(found->metrics[0].shipped.lower, effect.measured.lower, 1e-9);
}

TEST_F(PortfolioTest, WithoutADecisionSignificanceSelects) {
  auto request = table(kTable);
  request.decision.clear();
  request.where = "experiment < 'g'";
  const auto up = portfolio(request);
  ASSERT_TRUE(up.ok()) << to_text(up.error());
  EXPECT_EQ(up->metrics[0].shipped.selected, 3);  // a, b and f
  EXPECT_LT(up->metrics[0].shipped.bias_corrected, up->metrics[0].shipped.naive);
  request.direction = "decrease";
  const auto down = portfolio(request);
  ASSERT_TRUE(down.ok());
  EXPECT_EQ(down->win_rate.count, 1);
  EXPECT_NEAR(down->metrics[0].shipped.naive, -0.018, 1e-15);
  EXPECT_GT(down->metrics[0].effects[2].probability_better, 0.9);
}

TEST_F(PortfolioTest, MistakesAreNamed) {
  const auto error_of = [](const TablePortfolio& request) {
    const auto found = portfolio(request);
    return found ? std::string("no error") : found.error().where;
  };
  auto request = table(kTable);
  request.estimate = "efect";
  EXPECT_EQ(error_of(request), "estimate");
  EXPECT_NE(portfolio(request).error().hint.find("'effect'"), std::string::npos);
  request = table(kTable);
  request.standard_error.clear();
  EXPECT_EQ(error_of(request), "standard_error");
  request = table("experiment,effect,se,decision\na,0.02,0.008,perhaps\n");
  EXPECT_EQ(error_of(request), "decision");
  request = table("experiment,effect,se,decision\na,much,0.008,ship\n");
  EXPECT_EQ(error_of(request), "from");
  request.options.prior = "uniform";
  EXPECT_EQ(error_of(request), "prior");
  request = table(kTable);
  request.options.minimum_effect = -0.01;
  EXPECT_EQ(error_of(request), "minimum_effect");
  request.file = "/nowhere/effects.csv";
  request.options.minimum_effect.reset();
  EXPECT_EQ(error_of(request), "from");
  const auto none = portfolio(table("experiment,effect,se,decision\na,0.02,0.008,continue\n"));
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(std::isnan(none->win_rate.estimate));
  EXPECT_FALSE(none->warnings.empty());
}

// Treatments are planted from exposure on: `more` adds 0.1 to plays of about 1.35 minutes, `same`
// nothing; those of `kept_back` who are not held back get what `more` gives.
constexpr const char* kProject = R"yaml(
name: test
entities: {listener: {key: listener_id}}
fact_tables:
  plays:
    sql: |
      SELECT i % 4000 AS listener_id, TIMESTAMP '2026-03-01' + to_hours(i // 4000 * 6) AS played_at,
             i * 7919 % 99991 * 31 % 997 / 1000.0 + 0.75
             + CASE WHEN i // 4000 < 8 THEN 0
                    ELSE 0.1 * ((i % 4000 * 37 % 100 >= 50)::INT + (i % 4000 // 100 % 2)) END AS minutes
      FROM range(320000) t(i)
    entity: listener
    timestamp: played_at
    measures: {minutes: minutes}
assignment_tables:
  assignments:
    sql: |
      SELECT id AS listener_id, e AS experiment, TIMESTAMP '2026-03-03' AS at,
             CASE WHEN CASE e WHEN 'more' THEN id * 37 % 100 >= 50
                              WHEN 'kept_back' THEN id // 100 % 2 = 1
                              ELSE id // 200 % 2 = 1 END THEN 'on' ELSE 'off' END AS variant
      FROM range(4000) t(id), (VALUES ('more'), ('same'), ('kept_back'), ('running')) v(e)
    entity: listener
    experiment: experiment
    variant: variant
    timestamp: at
metrics:
  minutes: {type: mean, fact_table: plays, measure: minutes, aggregate: sum, window: 3d}
experiments:
  more:
    assignment_table: assignments
    control: "off"
    variants: {"off": 0.5, "on": 0.5}
    start: 2026-03-02
    end: 2026-03-08
    metrics: [{metric: minutes, role: success, minimum_detectable_effect: 2%}]
  same:
    assignment_table: assignments
    control: "off"
    variants: {"off": 0.5, "on": 0.5}
    start: 2026-03-02
    end: 2026-03-08
    metrics: [{metric: minutes, role: success, minimum_detectable_effect: 2%}]
  running:
    assignment_table: assignments
    control: "off"
    variants: {"off": 0.5, "on": 0.5}
    start: 2026-03-02
    end: 2026-12-08
    metrics: [{metric: minutes, role: success}]
  kept_back:
    assignment_table: assignments
    control: "off"
    variants: {"off": 0.5, "on": 0.5}
    start: 2026-03-02
    end: 2026-03-08
    launches: [more]
    metrics: [{metric: minutes, role: success}]
)yaml";

TEST_F(PortfolioTest, AProjectIsReconciledWithItsHoldback) {
  auto loaded = definitions::load_project_text(kProject, "descant.yaml", folder_.string());
  for (const Error& error : loaded.errors) ADD_FAILURE() << to_text(error);
  const auto refreshed = timelines::refresh(loaded.project, {});
  ASSERT_TRUE(refreshed.ok()) << to_text(refreshed.error());
  const auto store = timelines::Store::open(folder_.string());
  ASSERT_TRUE(store.ok());
  ProjectPortfolio request;
  request.holdback = "kept_back";
  const auto found = portfolio(loaded.project, *store, request);
  ASSERT_TRUE(found.ok()) << to_text(found.error());
  ASSERT_EQ(found->treatments.size(), 2U);
  EXPECT_EQ(found->treatments[0].outcome, "shipped");
  EXPECT_EQ(found->treatments[1].outcome, "powered_null");
  EXPECT_EQ(found->win_rate.count, 1);
  EXPECT_EQ(found->learning_rate.count, 2);
  std::vector<std::string> reasons;
  for (const auto& left_out : found->left_out) reasons.push_back(left_out.reason);
  EXPECT_EQ(reasons, (std::vector<std::string>{"holdback", "not_ended"}));

  ASSERT_EQ(found->metrics.size(), 1U);
  const auto& metric = found->metrics[0];
  const auto direct = read_out(loaded.project, *store, "more");
  EXPECT_EQ(metric.effects.at(0).measured.estimate,
            direct->metrics.at(0).comparison.relative.estimate);
  ASSERT_TRUE(metric.reconciliation.has_value());
  const auto& both = *metric.reconciliation;
  const auto held_back = read_out(loaded.project, *store, "kept_back");
  EXPECT_EQ(both.launches, std::vector<std::string>{"more"});
  EXPECT_EQ(both.held_back.estimate, held_back->metrics.at(0).comparison.relative.estimate);
  EXPECT_EQ(both.launched.estimate, metric.shipped.estimate);
  EXPECT_EQ(both.difference.estimate, both.launched.estimate - both.held_back.estimate);
  EXPECT_NEAR(both.difference.standard_error,
              std::hypot(both.launched.standard_error, both.held_back.standard_error), 1e-15);
  EXPECT_LT(both.difference.lower, 0);
  EXPECT_GT(both.difference.upper, 0);
  EXPECT_NE(both.message.find("They agree"), std::string::npos) << both.message;

  request.holdback = "kept";
  EXPECT_EQ(portfolio(loaded.project, *store, request).error().where, "experiment");
}

TEST_F(PortfolioTest, LaunchesThatPromiseMoreThanTheHoldbackMeasures) {
  const PortfolioOptions options;
  PortfolioMetric metric;
  metric.name = "minutes";
  for (const double estimate : {0.03, 0.02, 0.001}) {
    PortfolioEffect effect;
    effect.experiment = "e" + std::to_string(metric.effects.size());
    effect.measured.estimate = estimate;
    effect.measured.standard_error = 0.002;
    measure("increase", 0.95, effect);
    effect.shipped = effect.significant == "better";
    metric.effects.push_back(effect);
  }
  Warnings warnings;
  ASSERT_TRUE(reconcile(options, "h", {}, {0.01, 0.004, 0, 0}, metric, warnings).ok());
  EXPECT_EQ(metric.reconciliation->launches, (std::vector<std::string>{"e0", "e1"}));
  EXPECT_GT(metric.reconciliation->difference.lower, 0);
  EXPECT_NE(metric.reconciliation->message.find("The sum is higher"), std::string::npos);
  EXPECT_TRUE(warnings.empty());
  ASSERT_TRUE(reconcile(options, "h", {"e1", "e9"}, {0.1, 0.004, 0, 0}, metric, warnings).ok());
  EXPECT_LT(metric.reconciliation->difference.upper, 0);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "launches_without_effect");
}

// A retailer's experiments, published as snapshots of moments. The last snapshot of each is its
// end.
TEST_F(PortfolioTest, ARetailersExperiments) {
  const char* shared = std::getenv("DESCANT_SHARED");
  const auto source = std::filesystem::path(shared == nullptr ? "../shared" : shared) /
                      "datasets/asos/asos_digital_experiments_dataset.csv";
  if (!std::filesystem::exists(source))
    GTEST_SKIP() << "1 public table skipped: set DESCANT_SHARED to the folder that holds it.";
  TablePortfolio request;
  request.file = (folder_ / "ends.csv").string();
  auto engine = warehouse::Warehouse::open(":memory:", folder_.string());
  ASSERT_TRUE(engine.ok());
  const auto written = engine->execute(
      "COPY (SELECT * FROM " + *engine->relation(std::filesystem::absolute(source).string(), {}) +
      " QUALIFY row_number() OVER (PARTITION BY experiment_id, variant_id, metric_id ORDER BY "
      "time_since_start DESC) = 1 ORDER BY experiment_id, variant_id) TO " +
      warehouse::quote_string(request.file) + " (HEADER)");
  ASSERT_TRUE(written.ok()) << to_text(written.error());
  request.experiment = "experiment_id";
  request.treatment = "variant_id";
  request.where = "metric_id = 1";
  request.estimate = "mean_t / mean_c - 1";
  request.standard_error =
      "sqrt(variance_t / count_t + (mean_t / mean_c) ** 2 * variance_c / count_c) / abs(mean_c)";
  request.options.minimum_effect = 0.01;
  const auto found = portfolio(request);
  ASSERT_TRUE(found.ok()) << to_text(found.error());
  const auto& metric = found->metrics.at(0);
  // By a search of the profile likelihood written apart, in double precision.
  EXPECT_EQ(found->experiments, 78);
  ASSERT_EQ(found->treatments.size(), 99U);
  EXPECT_NEAR(metric.prior.mean / 0.0011025966, 1, 1e-5);
  EXPECT_NEAR(metric.prior.standard_deviation / 0.0061024415, 1, 1e-5);
  EXPECT_EQ(metric.shipped.selected, 16);
  EXPECT_NEAR(metric.shipped.naive, 0.15774075986, 1e-9);
  EXPECT_NEAR(metric.shipped.estimate, 0.14822868671, 1e-7);
  EXPECT_NEAR(metric.shipped.standard_error, 0.0059746939677, 1e-8);
  EXPECT_NEAR(metric.shipped.bias_corrected, 0.12575363842, 1e-9);
  EXPECT_EQ(found->win_rate.count, 16);
  EXPECT_EQ(found->learning_rate.count, 16 + 10 + 58);  // 10 are significantly worse
}

}  // namespace
}  // namespace descant::experiment
