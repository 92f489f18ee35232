// SPDX-License-Identifier: Apache-2.0
#include "stats/decision.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/decision_explanation.h"
#include "stats/decision_rule.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr std::array<std::string_view, 5> kRoles = {"success", "guardrail", "deterioration",
                                                    "quality", "exploratory"};

bool is_ship_test(const std::string& role) { return role == "success" || role == "guardrail"; }

Result<void> check_rate(double rate, std::string_view field) {
  if (rate > 0 && rate < 1) return {};
  return invalid_request(fmt::format("{} must be between 0 and 1", field), std::string(field));
}

Result<void> check_p_value(double p, const std::string& where) {
  if (std::isnan(p) || (p >= 0 && p <= 1)) return {};
  return invalid_request(fmt::format("a p-value must lie in [0, 1], got {}", p), where);
}

Result<void> check(const std::vector<MetricTests>& metrics, const DecisionPlan& plan) {
  DESCANT_CHECK(check_rate(plan.alpha, "alpha"));
  DESCANT_CHECK(check_rate(plan.power, "power"));
  if (!(plan.deterioration_alpha >= 0 && plan.deterioration_alpha < 1))
    return invalid_request("deterioration_alpha must be at least 0 and below 1",
                           "deterioration_alpha");
  if (plan.treatments < 1) return invalid_request("treatments must be 1 or more", "treatments");
  if (plan.compatibility != "none" && plan.compatibility != "confidence_docs")
    return invalid_request(fmt::format("unknown compatibility '{}'", plan.compatibility),
                           "compatibility", "Known: none, confidence_docs.");
  if (metrics.empty())
    return invalid_request("there is nothing to decide on", "metrics", "Give one metric or more.");
  std::set<std::string> names;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& metric = metrics[i];
    const std::string where = fmt::format("metrics[{}]", i);
    if (!names.insert(metric.name).second)
      return invalid_request(fmt::format("the metric '{}' stands twice", metric.name),
                             where + ".name");
    if (std::find(kRoles.begin(), kRoles.end(), metric.role) == kRoles.end())
      return invalid_request(fmt::format("unknown role '{}'", metric.role), where + ".role",
                             did_you_mean(metric.role, kRoles));
    DESCANT_CHECK(check_p_value(metric.p_value, where + ".p_value"));
    DESCANT_CHECK(check_p_value(metric.deterioration_p_value, where + ".deterioration_p_value"));
  }
  return {};
}

std::vector<std::string> names_with_role(const std::vector<MetricTests>& metrics,
                                         std::string_view role) {
  std::vector<std::string> names;
  for (const auto& metric : metrics)
    if (metric.role == role) names.push_back(metric.name);
  return names;
}

Result<RuleNode> rule_of(const std::vector<MetricTests>& metrics, const DecisionPlan& plan) {
  if (plan.rule == "spotify")
    return success_and_guardrails(names_with_role(metrics, "success"),
                                  names_with_role(metrics, "guardrail"));
  DESCANT_ASSIGN(RuleNode rule, parse_rule(plan.rule));
  std::vector<std::string> usable;
  for (const auto& metric : metrics)
    if (is_ship_test(metric.role)) usable.push_back(metric.name);
  for (const auto& name : metrics_of(rule))
    if (std::find(usable.begin(), usable.end(), name) == usable.end())
      return invalid_request(
          fmt::format("the rule names '{}', which is no success or guardrail metric", name), "rule",
          did_you_mean(name, usable));
  return rule;
}

std::map<std::string, ErrorRates> rates_of(const RuleNode& rule, double beta,
                                           std::size_t guardrails, const DecisionPlan& plan) {
  auto rates = error_rates(rule, {plan.alpha / static_cast<double>(plan.treatments), beta});
  if (plan.compatibility == "confidence_docs" && plan.rule == "spotify")
    for (auto& [name, rate] : rates)
      rate.beta = beta / static_cast<double>(std::max<std::size_t>(guardrails, 1));
  return rates;
}

MetricDecision judge(const MetricTests& tests, const std::map<std::string, ErrorRates>& rates,
                     double shared_alpha, Warnings& warnings) {
  MetricDecision out{tests.name, tests.role};
  const bool quality = tests.role == "quality";
  out.p_value = tests.p_value;
  out.deterioration_p_value = tests.deterioration_p_value;
  if (tests.role == "exploratory") return out;
  const bool has_own = !std::isnan(tests.deterioration_p_value);
  if (tests.role == "success" && !has_own) out.deterioration_p_value = 1 - tests.p_value;
  if (tests.role == "deterioration" && !has_own) out.deterioration_p_value = tests.p_value;

  if (!quality) {
    out.deterioration_alpha_used = shared_alpha;
    out.deteriorated = shared_alpha > 0 && out.deterioration_p_value <= shared_alpha;
  }
  const auto rate = rates.find(tests.name);
  if (is_ship_test(tests.role)) {
    if (rate != rates.end()) {
      out.alpha_used = rate->second.alpha;
      out.power_planned = 1 - rate->second.beta;
      out.passed = tests.p_value <= out.alpha_used;
    }
  } else {
    const double p = quality ? tests.p_value : out.deterioration_p_value;
    out.alpha_used = shared_alpha;
    out.passed = !(shared_alpha > 0 && p <= shared_alpha);
  }
  const double decisive = tests.role == "deterioration" ? out.deterioration_p_value : out.p_value;
  if (std::isnan(decisive))
    warnings.push_back(
        {"missing_p_value", fmt::format("metrics.{}.p_value", tests.name),
         fmt::format("{} has no p-value, so it can neither pass nor reject.", tests.name)});
  return out;
}

std::string action_of(const std::vector<MetricDecision>& metrics, const RuleNode& rule,
                      bool complete) {
  std::map<std::string, bool> passed;
  bool invalid = false;
  bool deteriorated = false;
  for (const auto& metric : metrics) {
    passed[metric.name] = metric.passed;
    invalid = invalid || (metric.role == "quality" && !metric.passed);
    deteriorated = deteriorated || metric.deteriorated;
  }
  if (invalid) return "invalid";
  if (deteriorated) return "stop";
  if (!complete) return "continue";
  return holds(rule, passed) ? "ship" : "stop";
}

}  // namespace

Result<double> planned_beta(double power, double deterioration_alpha) {
  const double beta = 1 - power;
  if (!(deterioration_alpha < beta))
    return invalid_request(
        fmt::format("deterioration_alpha must be below 1 - power = {}", format_number(beta)),
        "deterioration_alpha",
        "A good change is stopped by mistake with that probability, so it is part of the type II "
        "error rate.");
  return (beta - deterioration_alpha) / (1 - deterioration_alpha);
}

Result<Decision> decide(const std::vector<MetricTests>& metrics, const DecisionPlan& plan) {
  DESCANT_CHECK(check(metrics, plan));
  DESCANT_ASSIGN(const double beta, planned_beta(plan.power, plan.deterioration_alpha));
  DESCANT_ASSIGN(const RuleNode rule, rule_of(metrics, plan));
  const auto rates = rates_of(rule, beta, names_with_role(metrics, "guardrail").size(), plan);
  const auto shared = std::count_if(metrics.begin(), metrics.end(),
                                    [](const auto& m) { return m.role != "exploratory"; });
  const double shared_alpha =
      plan.deterioration_alpha / static_cast<double>(std::max<std::ptrdiff_t>(shared, 1));

  Decision decision;
  decision.method = plan.rule == "spotify" ? "spotify" : "expression";
  for (const auto& metric : metrics)
    decision.metrics.push_back(judge(metric, rates, shared_alpha, decision.warnings));
  decision.action = action_of(decision.metrics, rule, plan.complete);
  decision.explanation = explain(decision, rule);
  return decision;
}

MetricTests tests_of(const Comparison& comparison, std::string name, std::string role,
                     const std::string& direction) {
  const double sign = direction == "decrease" ? -1.0 : 1.0;
  const double df = comparison.degrees_of_freedom;
  const double error = comparison.absolute.standard_error;
  // Without variance there is no test, however large the effect.
  const double effect = error > 0 ? comparison.absolute.estimate / error : kUndefined;
  MetricTests tests{std::move(name), std::move(role)};
  tests.deterioration_p_value = t_upper_tail(-sign * effect, df);
  if (tests.role == "guardrail") {
    tests.p_value = comparison.p_value;
  } else if (tests.role == "quality") {
    tests.p_value = comparison.p_value;
    tests.deterioration_p_value = kUndefined;
  } else {
    tests.p_value = t_upper_tail(sign * comparison.statistic, df);
  }
  return tests;
}

void describe(Describer& d, DecisionPlan& plan) {
  d.field(plan.complete,
          {.name = "complete", .doc = "the planned end is reached, or a boundary is crossed"});
  d.field(plan.alpha, {.name = "alpha",
                       .doc = "probability of shipping something useless or harmful, one-sided",
                       .minimum = 0,
                       .maximum = 1,
                       .open_interval = true});
  d.field(plan.power, {.name = "power",
                       .doc = "probability of shipping something good",
                       .minimum = 0,
                       .maximum = 1,
                       .open_interval = true});
  d.field(plan.deterioration_alpha,
          {.name = "deterioration_alpha",
           .doc = "shared by the deterioration and quality tests; 0 turns them off",
           .minimum = 0,
           .maximum = 1});
  d.field(plan.treatments,
          {.name = "treatments", .doc = "alpha is divided by their number", .minimum = 1});
  d.field(plan.rule, {.name = "rule",
                      .doc = "spotify (any success metric and all guardrails), or an expression of "
                             "AND, OR and parentheses over metric names"});
  d.field(plan.compatibility,
          {.name = "compatibility",
           .doc = "confidence_docs divides the type II error by the number of guardrails alone",
           .choices = {"none", "confidence_docs"}});
}

void describe(Describer& d, MetricDecision& metric) {
  d.field(metric.name, {.name = "name", .doc = "the metric"});
  d.field(metric.role, {.name = "role", .doc = "what it does in the decision"});
  d.field(metric.p_value, {.name = "p_value", .doc = "one-sided"});
  d.field(metric.alpha_used,
          {.name = "alpha_used", .doc = "what the p-value is held against; null: nothing"});
  d.field(metric.power_planned, {.name = "power_planned", .doc = "what the test must have had"});
  d.field(metric.passed, {.name = "passed",
                          .doc = "success: superior; guardrail: non-inferior; deterioration and "
                                 "quality: nothing found wrong"});
  d.field(metric.deterioration_p_value, {.name = "deterioration_p_value", .doc = "one-sided"});
  d.field(metric.deterioration_alpha_used,
          {.name = "deterioration_alpha_used", .doc = "what that p-value is held against"});
  d.field(metric.deteriorated, {.name = "deteriorated", .doc = "the metric got worse"});
}

void describe(Describer& d, Decision& decision) {
  d.field(decision.method, {.name = "method", .doc = "the rule that ran"});
  d.field(
      decision.action,
      {.name = "action", .doc = "the verdict", .choices = {"ship", "stop", "continue", "invalid"}});
  d.field(decision.explanation, {.name = "explanation", .doc = "why, in a sentence"});
  d.field(decision.metrics, {.name = "metrics", .doc = "each metric's tests, in the order given"});
  d.field(decision.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
