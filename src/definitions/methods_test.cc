// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "definitions/load.h"
#include "definitions/used_metrics.h"

namespace descant::definitions {
namespace {

// A project whose metric `m` and experiment `e` have the given further keys.
std::string project_with(const std::string& metric, const std::string& experiment) {
  return fmt::format(
      "name: x\n"
      "entities: {{user: {{key: id}}}}\n"
      "fact_tables: {{plays: {{from: e.csv, entity: user, timestamp: t, measures: {{ms: ms, track: "
      "track}}}}}}\n"
      "assignment_tables: {{a: {{from: a.csv, entity: user, experiment: e, variant: v, timestamp: "
      "t}}}}\n"
      "dimension_tables: {{users: {{from: u.csv, entity: user, dimensions: [country, "
      "household]}}}}\n"
      "metrics:\n"
      "  m: {{fact_table: plays, {}}}\n"
      "  other: {{type: mean, fact_table: plays, measure: ms}}\n"
      "experiments:\n"
      "  e: {{assignment_table: a, control: c, variants: {{c: 0.5, t: 0.5}}, start: 2026-01-01, "
      "end: 2026-01-14, metrics: [{{metric: m, role: success}}]{}}}\n",
      metric, experiment);
}

std::string errors_of(const std::string& metric, const std::string& experiment = {}) {
  std::string text;
  for (const auto& error :
       load_project_text(project_with(metric, experiment), "d.yaml", "/p").errors)
    text += error.message + "\n";
  return text;
}

const std::string kMean = "type: mean, measure: ms";

TEST(Methods, OfEveryKindAreAccepted) {
  for (const char* metric :
       {"type: mean, measure: ms, aggregate: max", "type: quantile, quantile: 0.9, measure: ms",
        "type: quantile, quantile: 0.9, quantile_of: events, measure: ms",
        "type: count_distinct, measure: track",
        "type: mean, measure: ms, cap: {percentile: 99, lower_percentile: 1}",
        "type: mean, measure: ms, cap: {lower_value: 0}"})
    EXPECT_EQ(errors_of(metric), "") << metric;
  for (const char* experiment :
       {", sequential: {method: group_sequential, spending: power, spending_parameter: 2}",
        ", sequential: {method: msprt, tau_squared: 0.0001, looks: weekly}",
        ", sequential: {method: yeast, planned_units: 1000}", ", sequential: {method: fixed_power}",
        ", variance_reduction: {method: cuped, covariates: [other], stratify_by: [country]}",
        ", cluster: household", ", several_treatments: dunnett",
        ", design: {type: encouragement, take_up: other}",
        ", design: {type: switchback, bucket: 2h, carryover: 30m}", ", several_treatments: holm"})
    EXPECT_EQ(errors_of(kMean, experiment), "") << experiment;
  EXPECT_EQ(errors_of(kMean + ", window: 7d", ", design: {type: difference_in_differences}"), "");
}

TEST(Methods, OfAnInterleavingNeedNoMetrics) {
  std::string text =
      project_with(kMean, ", design: {type: interleaving, control_wins: m, treatment_wins: other}");
  const std::string metrics = ", metrics: [{metric: m, role: success}]";
  text.replace(text.find(metrics), metrics.size(), "");
  EXPECT_TRUE(load_project_text(text, "d.yaml", "/p").errors.empty());
}

TEST(Methods, OfACountDistinctTheAggregateIsDistinct) {
  const auto loaded =
      load_project_text(project_with("type: count_distinct, measure: track", ""), "d.yaml", "/p");
  EXPECT_EQ(loaded.project.metrics.at("m").numerator.aggregate, Aggregate::kDistinct);
}

struct Mistake {
  std::string metric, experiment, message;
};
class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreNamed) {
  EXPECT_EQ(errors_of(GetParam().metric, GetParam().experiment), GetParam().message + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Metrics, Mistakes,
    testing::Values(
        Mistake{"type: quantile, measure: ms", "", "the key 'quantile' is missing"},
        Mistake{"type: mean, measure: ms, quantile: 0.5", "",
                "a metric of type mean has no 'quantile'"},
        Mistake{"type: quantile, quantile: 1, measure: ms", "",
                "quantile must be less than 1, got 1"},
        Mistake{"type: quantile, quantile: 0.5, quantile_of: events", "",
                "the key 'measure' is missing"},
        Mistake{"type: quantile, quantile: 0.5, quantile_of: events, measure: ms, aggregate: sum",
                "", "a quantile of events has no `aggregate`"},
        Mistake{"type: quantile, quantile: 0.5, measure: ms, cap: {value: 5}", "",
                "a quantile has no cap: outliers do not move it"},
        Mistake{"type: count_distinct", "", "the key 'measure' is missing"},
        Mistake{"type: mean, aggregate: max", "", "the aggregate max needs a measure"},
        Mistake{"type: mean, measure: ms, cap: {percentile: 5, lower_percentile: 10}", "",
                "the lower end of the cap is not below the upper one"},
        Mistake{"type: mean, measure: ms, cap: {value: 5, lower_value: 1, lower_percentile: 1}", "",
                "a cap has either `lower_value` or `lower_percentile`"}));

INSTANTIATE_TEST_SUITE_P(
    Experiments, Mistakes,
    testing::Values(
        Mistake{kMean, ", sequential: {}", "the key 'method' is missing"},
        Mistake{kMean, ", sequential: {method: gavi, optimal_units: 100, spending: power}",
                "the method gavi has no 'spending'"},
        Mistake{kMean, ", sequential: {method: msprt}", "the key 'tau_squared' is missing"},
        Mistake{kMean, ", sequential: {method: asymptotic}",
                "neither `optimal_units` nor `planned_units` is given"},
        Mistake{kMean, ", sequential: {method: yeast}", "the key 'planned_units' is missing"},
        Mistake{kMean, ", sequential: {method: group_sequential, spending_parameter: 2}",
                "the spending function lan_demets_obrien_fleming has no parameter"},
        Mistake{kMean,
                ", sequential: {method: group_sequential, spending: power, spending_parameter: 0}",
                "the exponent of the spending function power must be above 0"},
        Mistake{kMean, ", variance_reduction: {covariates: [othr]}", "there is no metric 'othr'"},
        Mistake{kMean, ", variance_reduction: {covariates: [other, other]}",
                "the covariate 'other' is listed twice"},
        Mistake{kMean, ", variance_reduction: {method: none, covariates: [other]}",
                "without a method there are no covariates"},
        Mistake{kMean, ", variance_reduction: {stratify_by: [contry]}",
                "there is no dimension to segment by: 'contry'"},
        Mistake{kMean, ", cluster: family", "there is no dimension to cluster by: 'family'"},
        Mistake{kMean, ", design: {type: encouragement}", "the key 'take_up' is missing"},
        Mistake{kMean, ", design: {take_up: other}", "the design randomised has no 'take_up'"},
        Mistake{kMean, ", design: {type: switchback, bucket: 1h, carryover: 1h}",
                "the carryover is not shorter than a bucket"},
        Mistake{kMean, ", design: {type: interleaving, control_wins: m, treatment_wins: other}",
                "an interleaving compares picks, as every unit sees both"},
        Mistake{kMean, ", design: {type: difference_in_differences}",
                "the metric 'm' has no window"},
        Mistake{"type: mean, measure: ms, aggregate: max, window: 7d",
                ", design: {type: difference_in_differences}",
                "the metric 'm' is undefined for units without events before exposure"},
        Mistake{kMean, ", launches: [e]", "a holdback does not hold back itself"}));

TEST(UsedMetrics, AreThoseOfTheDesignToo) {
  Experiment experiment;
  experiment.metrics = {{"a", Role::kSuccess, {}, {}}, {"b", Role::kExploratory, {}, {}}};
  experiment.variance_reduction.covariates = {"c", "a"};
  experiment.design.take_up = "d";
  EXPECT_EQ(used_metrics(experiment), (std::vector<std::string>{"a", "b", "c", "d"}));
}

}  // namespace
}  // namespace descant::definitions
