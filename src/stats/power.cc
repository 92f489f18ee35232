// SPDX-License-Identifier: Apache-2.0
#include "stats/power.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "stats/comparison/linearise.h"
#include "stats/decision.h"
#include "stats/decision_rule.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr double kMostUnits = 1e15;

// A design with everything worked out that does not depend on size or effect.
struct Plan {
  double estimate = kUndefined;
  double variance = kUndefined;  // of one unit
  bool is_share = false;
  double factor = 1;  // covariate and design effect
  double control_share = 0.5;
  double treatment_share = 0.5;
  double alpha = 0.05;
  double power = 0.8;
  double sides = 2;
  double sign = 1;  // of the effect, where the alternative tells
  bool t = false;
  double deterioration_alpha = kUndefined;
};

Result<void> check_rate(double x, std::string_view field) {
  if (x > 0 && x < 1) return {};
  return invalid_request(fmt::format("{} must be between 0 and 1", field), std::string(field));
}

Result<void> check(const Design& design) {
  DESCANT_CHECK(check_rate(design.alpha, "alpha"));
  DESCANT_CHECK(check_rate(design.power, "power"));
  if (!(std::abs(design.covariate_correlation) < 1))
    return invalid_request("covariate_correlation must be between -1 and 1",
                           "covariate_correlation");
  if (!(design.design_effect > 0) || !std::isfinite(design.design_effect))
    return invalid_request("design_effect must be above 0", "design_effect");
  if (design.arms < 2) return invalid_request("arms must be 2 or more", "arms");
  const double treatments = static_cast<double>(design.arms - 1);
  if (design.allocation && !(*design.allocation > 0 && *design.allocation * treatments < 1))
    return invalid_request("allocation leaves nothing for the control", "allocation",
                           "It is the share of all units in one treatment arm.");
  if (std::min({design.success_metrics, design.guardrail_metrics, design.deterioration_metrics,
                design.quality_metrics}) < 0)
    return invalid_request("a number of metrics is negative", "success_metrics");
  return {};
}

Result<void> set_baseline(Plan& plan, const Baseline& baseline) {
  if (baseline.proportion) {
    plan.estimate = *baseline.proportion;
    plan.is_share = true;
  } else {
    Sample sample = baseline.sample;
    if (!has_rows(sample) && !sample.n) sample.n = 2;  // moments are already per unit
    DESCANT_ASSIGN(const NamedMoments moments, moments_of(sample, "baseline"));
    if (moments.outcome == NamedMoments::Outcome::kNamed)
      return invalid_request("a baseline is about one outcome", "baseline.names",
                             "Give mean and variance, a proportion, or moments of a ratio.");
    RatioColumns outcome;
    if (moments.outcome == NamedMoments::Outcome::kRatio) outcome.denominator = 1;
    DESCANT_ASSIGN(const LinearisedArm arm, linearise(moments.moments, {&outcome, 1}, "baseline"));
    plan.estimate = arm.estimate(0);
    plan.variance = std::max(arm.covariance(0, 0), 0.0);
    plan.is_share = sample.successes.has_value();
  }
  if (plan.is_share) plan.variance = plan.estimate * (1 - plan.estimate);
  return {};
}

// Error rates of one test under the decision rule, from the rule's own division.
Result<void> apply_rule(Plan& plan, const Design& design, bool is_guardrail) {
  if (design.decision_rule == "none") return {};
  DESCANT_ASSIGN(const double beta, planned_beta(design.power, design.deterioration_alpha));
  const std::int64_t success = design.success_metrics;
  const std::int64_t guardrails = design.guardrail_metrics;
  if (!is_guardrail && success == 0)
    return invalid_request("an effect is planned for success metrics, and there are none",
                           "success_metrics", "Give a non_inferiority_margin for a guardrail.");
  if (is_guardrail && guardrails == 0)
    return invalid_request("a margin is planned for guardrails, and there are none",
                           "guardrail_metrics");
  const auto named = [](std::string_view prefix, std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
    return names;
  };
  const RuleNode rule =
      success_and_guardrails(named("success", success), named("guardrail", guardrails));
  const double treatments = static_cast<double>(design.arms - 1);
  const auto rates = error_rates(rule, {design.alpha / treatments, beta});
  const ErrorRates rate = rates.at(is_guardrail ? "guardrail0" : "success0");
  plan.alpha = rate.alpha;
  plan.power = 1 - rate.beta;
  if (design.compatibility == "confidence_docs")
    plan.power = 1 - beta / static_cast<double>(std::max<std::int64_t>(guardrails, 1));
  plan.deterioration_alpha =
      design.deterioration_alpha /
      static_cast<double>(success + guardrails + design.deterioration_metrics +
                          design.quality_metrics);
  return {};
}

Result<Plan> plan_of(const Design& design, bool is_guardrail) {
  DESCANT_CHECK(check(design));
  Plan plan;
  DESCANT_CHECK(set_baseline(plan, design.baseline));
  plan.factor =
      (1 - design.covariate_correlation * design.covariate_correlation) * design.design_effect;
  const double treatments = static_cast<double>(design.arms - 1);
  plan.treatment_share = design.allocation.value_or(1 / (treatments + 1));
  plan.control_share = 1 - treatments * plan.treatment_share;
  plan.alpha = design.alpha;
  plan.power = design.power;
  std::string alternative = design.alternative;
  if (alternative == "auto") alternative = design.decision_rule == "none" ? "two_sided" : "greater";
  plan.sides = alternative == "two_sided" && !is_guardrail ? 2 : 1;
  plan.sign = alternative == "less" ? -1 : 1;
  plan.t = design.distribution == "t";
  if (plan.t && plan.is_share)
    return invalid_request("the t distribution is for means", "distribution",
                           "Use normal for a proportion.");
  DESCANT_CHECK(apply_rule(plan, design, is_guardrail));
  return plan;
}

// The true effect planned for and the distance of it from the null hypothesis, both absolute.
struct Target {
  double effect = 0;
  double distance = 0;
};

Result<Target> target_of(const Plan& plan, const Design& design, const PlannedEffect& planned) {
  const auto& effect = planned.minimum_detectable_effect;
  const auto& margin = planned.non_inferiority_margin;
  if (effect.has_value() == margin.has_value())
    return invalid_request("give either minimum_detectable_effect or non_inferiority_margin",
                           "minimum_detectable_effect");
  const double scale = design.effect_scale == "relative" ? plan.estimate : 1.0;
  if (margin) {
    if (!(*margin > 0)) return invalid_request("a margin is above 0", "non_inferiority_margin");
    return Target{0, std::abs(*margin * scale)};
  }
  if (*effect == 0 || !std::isfinite(*effect))
    return invalid_request("an effect to detect is not 0", "minimum_detectable_effect");
  if (*effect < 0 && design.alternative == "greater")
    return invalid_request("the alternative is an increase, the effect is negative",
                           "minimum_detectable_effect");
  const double signed_effect = plan.sign < 0 ? -std::abs(*effect) : *effect;
  const Target target{signed_effect * scale, std::abs(*effect * scale)};
  const double share = plan.estimate + target.effect;
  if (plan.is_share && !(share >= 0 && share <= 1))
    return invalid_request(fmt::format("the effect takes the share to {}", share),
                           "minimum_detectable_effect", "A share lies between 0 and 1.");
  return target;
}

double power_at(const Plan& plan, double n_total, const Target& target) {
  const double treated = plan.estimate + target.effect;
  const double variance_treated = plan.is_share ? treated * (1 - treated) : plan.variance;
  const double spread =
      plan.factor * (plan.variance / plan.control_share + variance_treated / plan.treatment_share);
  const double shift = target.distance / std::sqrt(spread / n_total);
  const double units = n_total * (plan.control_share + plan.treatment_share);
  const double df = plan.t ? units - 2 : kUndefined;
  const double critical = -t_quantile(plan.alpha / plan.sides, df);
  const double near = noncentral_t_upper_tail(critical, df, shift);
  const double far = plan.sides == 2 ? noncentral_t_upper_tail(critical, df, -shift) : 0.0;
  return near + far;
}

// Where the increasing function reaches 0 on [low, high], to full precision; high must be beyond.
double bisect(double low, double high, const std::function<bool(double)>& reached) {
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (reached(middle) ? high : low) = middle;
  }
  return high;
}

std::optional<double> total_size(const Plan& plan, const Target& target) {
  const auto enough = [&](double n) { return power_at(plan, n, target) >= plan.power; };
  const double smallest_share = std::min(plan.control_share, plan.treatment_share);
  double low = plan.t ? 2 / smallest_share : 1e-9;
  if (enough(low)) return low;
  double high = std::max(2 * low, 16.0);
  while (!enough(high)) {
    low = high;
    high *= 4;
    if (high > kMostUnits) return std::nullopt;
  }
  return bisect(low, high, enough);
}

// Rounding of the search must not add a unit to a size that is whole.
std::int64_t rounded_up(double n) {
  const double nearest = std::round(n);
  const double whole = std::abs(n - nearest) < 1e-9 * nearest ? nearest : std::ceil(n);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(whole));
}

// Rejecting at random already has power alpha.
Result<void> check_power_asked(const Plan& plan) {
  if (plan.power > plan.alpha) return {};
  return invalid_request("power must be above alpha", "power");
}

bool can_plan(const Plan& plan, double distance, Warnings& warnings) {
  if (distance == 0 || std::isnan(distance)) {
    warnings.push_back({"no_effect", "baseline",
                        "The baseline is 0 or undefined, so a relative effect is none: give an "
                        "absolute one."});
    return false;
  }
  if (plan.variance > 0) return true;
  warnings.push_back(
      {"no_variance", "baseline", "The baseline has no variance, so there is nothing to plan."});
  return false;
}

std::string method_of(const Plan& plan) { return plan.t ? "t" : "normal"; }

}  // namespace

Result<SampleSizeResult> sample_size(const SampleSizeRequest& request) {
  DESCANT_ASSIGN(const Plan plan,
                 plan_of(request.design, request.effect.non_inferiority_margin.has_value()));
  DESCANT_ASSIGN(const Target target, target_of(plan, request.design, request.effect));
  DESCANT_CHECK(check_power_asked(plan));
  SampleSizeResult result;
  result.method = method_of(plan);
  result.alpha_corrected = plan.alpha;
  result.power_corrected = plan.power;
  result.deterioration_alpha_corrected = plan.deterioration_alpha;
  if (!can_plan(plan, target.distance, result.warnings)) return result;
  const auto total = total_size(plan, target);
  if (!total) {
    result.warnings.push_back({"unreachable", "minimum_detectable_effect",
                               "No size below 1e15 units finds so small an effect."});
    return result;
  }
  result.n_control = rounded_up(*total * plan.control_share);
  result.n_treatment = rounded_up(*total * plan.treatment_share);
  result.n_total = *result.n_control + (request.design.arms - 1) * *result.n_treatment;
  return result;
}

Result<PowerResult> power(const PowerRequest& request) {
  DESCANT_ASSIGN(const Plan plan,
                 plan_of(request.design, request.effect.non_inferiority_margin.has_value()));
  DESCANT_ASSIGN(const Target target, target_of(plan, request.design, request.effect));
  if (request.n_total < 0) return invalid_request("n_total is negative", "n_total");
  PowerResult result;
  result.method = method_of(plan);
  result.alpha_corrected = plan.alpha;
  result.power_corrected = plan.power;
  if (!can_plan(plan, target.distance, result.warnings)) return result;
  const double n = static_cast<double>(request.n_total);
  if (n * std::min(plan.control_share, plan.treatment_share) < (plan.t ? 2 : 1)) {
    result.warnings.push_back({"too_few_units", "n_total", "An arm would have too few units."});
    return result;
  }
  result.power = power_at(plan, n, target);
  return result;
}

Result<MinimumDetectableEffectResult> minimum_detectable_effect(
    const MinimumDetectableEffectRequest& request) {
  DESCANT_ASSIGN(const Plan plan, plan_of(request.design, false));
  if (request.n_total < 0) return invalid_request("n_total is negative", "n_total");
  DESCANT_CHECK(check_power_asked(plan));
  MinimumDetectableEffectResult result;
  result.method = method_of(plan);
  result.alpha_corrected = plan.alpha;
  result.power_corrected = plan.power;
  if (!can_plan(plan, 1.0, result.warnings)) return result;
  const double n = static_cast<double>(request.n_total);
  if (n * std::min(plan.control_share, plan.treatment_share) < (plan.t ? 2 : 1)) {
    result.warnings.push_back({"too_few_units", "n_total", "An arm would have too few units."});
    return result;
  }
  const auto found = [&](double size) {
    return power_at(plan, n, {plan.sign * size, size}) >= plan.power;
  };
  // A share can move only as far as 0 or 1; a mean as far as it takes.
  double high = plan.is_share ? (plan.sign > 0 ? 1 - plan.estimate : plan.estimate)
                              : std::sqrt(plan.variance);
  while (!plan.is_share && !found(high) && std::isfinite(high)) high *= 2;
  if (!found(high)) {
    result.warnings.push_back({"unreachable", "n_total",
                               "With so few units no possible effect is found with this power."});
    return result;
  }
  auto& effect = result.minimum_detectable_effect;
  effect.absolute = plan.sign * bisect(0, high, found);
  if (plan.estimate != 0) effect.relative = effect.absolute / plan.estimate;
  return result;
}

}  // namespace descant::stats
