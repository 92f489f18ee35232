// SPDX-License-Identifier: Apache-2.0
#include "experiment/verdict.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/checks.h"

namespace descant::experiment {

namespace {

bool is_quality_test(const Check& check, const std::string& treatment) {
  return check.quality_test && (check.treatment.empty() || check.treatment == treatment);
}

std::string verdict_of(const stats::MetricDecision& decision, bool complete) {
  if (decision.role == "exploratory") return "undecided";
  if (decision.deteriorated) return "deteriorated";
  const bool ships = decision.role == "success" || decision.role == "guardrail";
  const double decisive =
      decision.role == "deterioration" ? decision.deterioration_p_value : decision.p_value;
  if (std::isnan(decisive) || (ships && !complete)) return "undecided";
  return decision.passed ? "passed" : "not_passed";
}

// "+1.20% (95% interval +0.40% to +2.00%)", or in the metric's unit where a share is undefined.
std::string effect_text(const MetricResult& metric, double confidence_level) {
  const auto& relative = metric.comparison.relative;
  const auto& absolute = metric.comparison.absolute;
  const bool shares = std::isfinite(relative.lower) && std::isfinite(relative.upper);
  if (!shares && !std::isfinite(absolute.lower)) return "effect undefined";
  const auto number = [&](double share, double amount) {
    return shares ? format_signed_percent(share)
                  : fmt::format("{}{}", amount > 0 ? "+" : "", format_number(amount));
  };
  return fmt::format("{} ({:.4g}% interval {} to {})", number(relative.estimate, absolute.estimate),
                     100 * confidence_level, number(relative.lower, absolute.lower),
                     number(relative.upper, absolute.upper));
}

std::string p_against(double p, double level) {
  return fmt::format("{}, needed {:.3g}", p_value_text(p), level);
}

std::string margin_text(const MetricResult& metric) {
  if (metric.margin_scale == "relative") return fmt::format("{:.4g}%", 100 * *metric.margin);
  if (metric.type == "proportion" || metric.type == "retention")
    return fmt::format("{:.4g} percentage points", 100 * *metric.margin);
  return fmt::format("{}{}{}", format_number(*metric.margin), metric.unit.empty() ? "" : " ",
                     metric.unit);
}

std::string finding(const MetricResult& metric, const stats::MetricDecision& decision) {
  const bool guardrail = metric.role == "guardrail";
  if (metric.verdict == "deteriorated")
    return fmt::format("got worse ({})", p_against(decision.deterioration_p_value,
                                                   decision.deterioration_alpha_used));
  if (metric.verdict == "undecided") return "is undecided so far";
  const bool passed = metric.verdict == "passed";
  if (metric.role == "success")
    return fmt::format("{} ({})", passed ? "improved" : "did not improve significantly",
                       p_against(decision.p_value, decision.alpha_used));
  if (guardrail)
    return fmt::format("{} within its margin of {} ({})",
                       passed ? "is non-inferior" : "is not shown to be non-inferior",
                       margin_text(metric), p_against(decision.p_value, decision.alpha_used));
  if (metric.role == "quality")
    return passed ? "shows no difference, as it must" : "differs, which it must not";
  return "did not get worse";
}

std::string reason(const MetricResult& metric, const stats::MetricDecision& decision,
                   double confidence_level) {
  return fmt::format("{} {}: {}.", metric.name, finding(metric, decision),
                     effect_text(metric, confidence_level));
}

}  // namespace

Result<Verdict> decide_treatment(const AnalysisPlan& plan, const std::string& treatment,
                                 std::size_t treatments, bool complete,
                                 std::span<MetricEffect> effects, std::span<const Check> checks) {
  std::vector<stats::MetricTests> tests;
  for (const auto& effect : effects) tests.push_back(effect.tests);
  for (const auto& check : checks)
    if (is_quality_test(check, treatment))
      tests.push_back({check.name, "quality", check.p_value, stats::kUndefined});
  stats::DecisionPlan rule;
  rule.complete = complete;
  rule.alpha = plan.alpha;
  rule.power = plan.power;
  rule.deterioration_alpha = plan.deterioration_alpha;
  rule.treatments = static_cast<std::int64_t>(treatments);
  DESCANT_ASSIGN(auto decided, stats::decide(tests, rule));

  Verdict verdict;
  verdict.decision.treatment = treatment;
  verdict.decision.action = decided.action;
  verdict.decision.explanation = decided.explanation;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    MetricResult& metric = effects[i].result;
    const stats::MetricDecision& decision = decided.metrics[i];
    metric.alpha_used = decision.alpha_used;
    metric.verdict = verdict_of(decision, complete);
    if (std::isnan(verdict.power_planned)) verdict.power_planned = decision.power_planned;
    if (metric.role != "exploratory")
      verdict.decision.reasons.push_back(reason(metric, decision, plan.confidence_level));
  }
  for (const auto& check : checks)
    if (is_quality_test(check, treatment)) verdict.decision.reasons.push_back(check.message);
  return verdict;
}

}  // namespace descant::experiment
