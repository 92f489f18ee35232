// SPDX-License-Identifier: Apache-2.0
#include "stats/decision_explanation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::stats {
namespace {

using Metrics = std::vector<const MetricDecision*>;

std::string p_text(double p) {
  if (std::isnan(p)) return "no p-value";
  const std::string text = format_p_value(p);
  return text.front() == '<' ? fmt::format("p < {}", text.substr(1)) : fmt::format("p = {}", text);
}

// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& items, std::string_view conjunction = "and") {
  if (items.empty()) return {};
  if (items.size() == 1) return items.front();
  const std::vector<std::string> first(items.begin(), items.end() - 1);
  return fmt::format("{} {} {}", join(first, ", "), conjunction, items.back());
}

template <class Predicate>
Metrics select(const Decision& decision, Predicate predicate) {
  Metrics found;
  for (const auto& metric : decision.metrics)
    if (predicate(metric)) found.push_back(&metric);
  return found;
}

// "minutes improved (p = 0.0003, needed 0.025)" for each.
std::string with_tests(const Metrics& metrics, std::string_view verb,
                       std::string_view conjunction = "and") {
  std::vector<std::string> items;
  for (const auto* metric : metrics)
    items.push_back(fmt::format("{}{}{} ({}, needed {:.3g})", metric->name, verb.empty() ? "" : " ",
                                verb, p_text(metric->p_value), metric->alpha_used));
  return listed(items, conjunction);
}

std::string invalid_text(const Decision& decision) {
  std::vector<std::string> items;
  for (const auto* metric :
       select(decision, [](const auto& m) { return m.role == "quality" && !m.passed; }))
    items.push_back(fmt::format("{} failed ({}, limit {:.3g})", metric->name,
                                p_text(metric->p_value), metric->alpha_used));
  return fmt::format("Invalid: the quality check {}, so no effect can be trusted.", listed(items));
}

std::string deterioration_text(const Decision& decision) {
  std::vector<std::string> items;
  for (const auto* metric : select(decision, [](const auto& m) { return m.deteriorated; }))
    items.push_back(fmt::format("{} got worse ({}, limit {:.3g})", metric->name,
                                p_text(metric->deterioration_p_value),
                                metric->deterioration_alpha_used));
  return fmt::format("Stop: {}.", listed(items));
}

std::string guardrails_hold(std::size_t guardrails) {
  if (guardrails == 1) return "the guardrail is non-inferior";
  if (guardrails == 2) return "both guardrails are non-inferior";
  return fmt::format("all {} guardrails are non-inferior", guardrails);
}

std::string ship_text(const Metrics& success, const Metrics& guardrails) {
  Metrics improved;
  std::copy_if(success.begin(), success.end(), std::back_inserter(improved),
               [](const auto* m) { return m->passed; });
  if (improved.empty() && guardrails.empty())
    return "Ship: no metric got worse, and there is none that has to improve.";
  if (improved.empty()) return fmt::format("Ship: {}.", guardrails_hold(guardrails.size()));
  const std::string first = "Ship: " + with_tests(improved, "improved");
  if (guardrails.empty()) return first + ".";
  return fmt::format("{} and {}.", first, guardrails_hold(guardrails.size()));
}

std::string not_shipped_text(const Metrics& success, const Metrics& guardrails) {
  Metrics failing;
  std::copy_if(guardrails.begin(), guardrails.end(), std::back_inserter(failing),
               [](const auto* m) { return !m->passed; });
  const bool improved =
      std::any_of(success.begin(), success.end(), [](const auto* m) { return m->passed; });
  std::vector<std::string> reasons;
  if (!success.empty() && !improved) reasons.push_back(with_tests(success, "did not improve"));
  if (!failing.empty()) reasons.push_back(with_tests(failing, "is not shown to be non-inferior"));
  return fmt::format("Stop: {}.", join(reasons, "; "));
}

std::string rule_text(const Decision& decision, const RuleNode& rule) {
  const auto names = metrics_of(rule);
  const bool ships = decision.action == "ship";
  const auto decisive = select(decision, [&](const auto& m) {
    return m.passed == ships && std::find(names.begin(), names.end(), m.name) != names.end();
  });
  if (ships) return fmt::format("Ship: the rule holds with {}.", with_tests(decisive, ""));
  return fmt::format("Stop: the rule does not hold without {}.", with_tests(decisive, "", "or"));
}

}  // namespace

std::string explain(const Decision& decision, const RuleNode& rule) {
  if (decision.action == "invalid") return invalid_text(decision);
  if (decision.action == "continue")
    return "Continue: the planned end is not reached, no quality test failed and no metric got "
           "worse.";
  if (std::any_of(decision.metrics.begin(), decision.metrics.end(),
                  [](const auto& m) { return m.deteriorated; }))
    return deterioration_text(decision);
  if (decision.method != "spotify") return rule_text(decision, rule);
  const auto success = select(decision, [](const auto& m) { return m.role == "success"; });
  const auto guardrails = select(decision, [](const auto& m) { return m.role == "guardrail"; });
  return decision.action == "ship" ? ship_text(success, guardrails)
                                   : not_shipped_text(success, guardrails);
}

}  // namespace descant::stats
