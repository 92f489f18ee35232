// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "operations/define.h"
#include "stats/decision.h"
#include "stats/multiplicity.h"
#include "stats/sample_ratio.h"

namespace descant::operations {
namespace {

struct DecisionMetric {
  std::string name;
  std::string role;
  std::string direction = "increase";
  std::optional<double> p_value;
  std::optional<double> deterioration_p_value;
  Json comparison;
};

void describe(Describer& d, DecisionMetric& metric) {
  d.field(metric.name, {.name = "name", .doc = "the metric", .required = true});
  d.field(metric.role,
          {.name = "role",
           .doc = "what it does in the decision",
           .required = true,
           .choices = {"success", "guardrail", "deterioration", "quality", "exploratory"}});
  d.field(metric.direction, {.name = "direction",
                             .doc = "which way is good; needed to read a comparison",
                             .choices = {"increase", "decrease"}});
  d.field(metric.p_value,
          {.name = "p_value",
           .doc = "one-sided: superiority of a success metric, non-inferiority of a guardrail, "
                  "deterioration, or the quality test",
           .minimum = 0,
           .maximum = 1});
  d.field(metric.deterioration_p_value,
          {.name = "deterioration_p_value",
           .doc = "one-sided; a success metric without it is tested at 1 - p_value",
           .minimum = 0,
           .maximum = 1});
  d.field(
      metric.comparison,
      {.name = "comparison",
       .doc = "instead of p-values: the result of a comparison; of a guardrail with its margin"});
}

struct DecisionRequest {
  std::vector<DecisionMetric> metrics;
  stats::DecisionPlan plan;
};

void describe(Describer& d, DecisionRequest& request) {
  d.field(request.metrics,
          {.name = "metrics", .doc = "the metrics of one treatment", .required = true});
  stats::describe(d, request.plan);
}

Result<double> number_in(const Json& json, const char* field, const std::string& path) {
  const auto found = json.find(field);
  if (found == json.end() || found->is_null()) return stats::kUndefined;
  if (!found->is_number())
    return invalid_request(fmt::format("{} must be a number", field), path + "." + field);
  return found->get<double>();
}

// Reads what a decision needs of any comparison's result; the rest may differ between operations.
Result<stats::Comparison> read_comparison(const Json& json, const std::string& path) {
  if (!json.is_object() || !json.contains("absolute") || !json["absolute"].is_object())
    return invalid_request("this is not the result of a comparison", path,
                           "Give what mean_difference and its like return, or p_value.");
  stats::Comparison comparison;
  DESCANT_ASSIGN(comparison.statistic, number_in(json, "statistic", path));
  DESCANT_ASSIGN(comparison.degrees_of_freedom, number_in(json, "degrees_of_freedom", path));
  DESCANT_ASSIGN(comparison.p_value, number_in(json, "p_value", path));
  const Json& absolute = json["absolute"];
  DESCANT_ASSIGN(comparison.absolute.estimate, number_in(absolute, "estimate", path + ".absolute"));
  DESCANT_ASSIGN(comparison.absolute.standard_error,
                 number_in(absolute, "standard_error", path + ".absolute"));
  return comparison;
}

bool is_plain_test(const stats::Comparison& comparison) {
  const double plain = comparison.absolute.estimate / comparison.absolute.standard_error;
  return std::abs(comparison.statistic - plain) <= 1e-12 * std::abs(plain);
}

Result<stats::MetricTests> tests_of(const DecisionMetric& metric, const std::string& path) {
  stats::MetricTests tests{metric.name, metric.role};
  if (!metric.comparison.is_null()) {
    DESCANT_ASSIGN(const auto comparison, read_comparison(metric.comparison, path));
    if (metric.role == "guardrail" && !metric.p_value && is_plain_test(comparison))
      return invalid_request("the comparison of a guardrail has no margin", path,
                             "Compare it with a non_inferiority_margin and direction.");
    tests = stats::tests_of(comparison, metric.name, metric.role, metric.direction);
  }
  if (metric.p_value) tests.p_value = *metric.p_value;
  if (metric.deterioration_p_value) tests.deterioration_p_value = *metric.deterioration_p_value;
  return tests;
}

Result<stats::Decision> decision(const DecisionRequest& request) {
  std::vector<stats::MetricTests> metrics;
  for (std::size_t i = 0; i < request.metrics.size(); ++i) {
    DESCANT_ASSIGN(auto tests,
                   tests_of(request.metrics[i], fmt::format("metrics[{}].comparison", i)));
    metrics.push_back(std::move(tests));
  }
  return stats::decide(metrics, request.plan);
}

}  // namespace

std::vector<Operation> many_tests_operations() {
  constexpr std::string_view kGroup = "many_tests";
  return {
      define<stats::AdjustPValuesRequest, stats::AdjustPValuesResult, stats::adjust_p_values>(
          "adjust_p_values", kGroup, "Adjusts p-values for being one of many."),
      define<stats::SampleRatioRequest, stats::SampleRatioResult, stats::sample_ratio_test>(
          "sample_ratio_test", kGroup, "Tests whether the arms got the shares they should have."),
      define<DecisionRequest, stats::Decision, decision>(
          "decision", kGroup,
          "Ship, stop, continue or invalid, from the tests of all metrics with bounded risks."),
  };
}

}  // namespace descant::operations
