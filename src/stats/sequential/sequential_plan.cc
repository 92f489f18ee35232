// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/sequential_plan.h"

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/normal_mixture.h"
#include "stats/sequential/root_finding.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kLargestInflation = 1e4;
constexpr std::int64_t kMostPlannedLooks = 500;

// A request with what all methods share worked out.
struct Plan {
  std::vector<double> information;
  double alpha;
  double power;
  bool two_sided;
  double effect;         // its size
  double unit_variance;  // variance of the estimate times the units of both arms
  double allocation;
  double fixed_n;

  double tail_alpha() const { return two_sided ? alpha / 2 : alpha; }
  double drift_at(double n) const { return effect * std::sqrt(n / unit_variance); }
  double n_for(double drift) const { return drift * drift * unit_variance / (effect * effect); }
};

LookBounds bounds_of(const Plan& plan, const std::function<double(double)>& bound_at) {
  LookBounds bounds;
  for (const double t : plan.information) {
    const double upper = bound_at(t);
    bounds.upper.push_back(upper > kGreatestBound ? kInfinite : upper);
    bounds.lower.push_back(plan.two_sided ? -bounds.upper.back() : -kInfinite);
  }
  return bounds;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Units when the test stops, or reaches its end.
double expected_n(const Plan& plan, const StopProbabilities& stops, double n_maximum) {
  double share = 0;
  double running = 1;
  for (std::size_t k = 0; k < plan.information.size(); ++k) {
    const bool last = k + 1 == plan.information.size();
    const double stopped = last ? running : stops.above[k] + stops.below[k];
    share += stopped * plan.information[k];
    running -= stopped;
  }
  return share * n_maximum;
}

PlannedMethod planned(const Plan& plan, std::string name, const LookBounds& bounds,
                      double n_maximum) {
  PlannedMethod method;
  method.method = std::move(name);
  if (std::isnan(n_maximum)) return method;
  const auto with_effect = stop_probabilities(plan.information, bounds, plan.drift_at(n_maximum));
  const auto without = stop_probabilities(plan.information, bounds, 0);
  const auto arm = [&](double share) { return std::ceil(n_maximum * share * (1 - 1e-12)); };
  method.n_maximum = arm(plan.allocation) + arm(1 - plan.allocation);
  method.n_expected = expected_n(plan, with_effect, n_maximum);
  method.n_expected_without_effect = expected_n(plan, without, n_maximum);
  method.inflation_factor = n_maximum / plan.fixed_n;
  method.power = sum(with_effect.above);
  method.false_positive_rate = sum(without.above) + sum(without.below);
  return method;
}

// Bounds that do not depend on the sample size.
PlannedMethod with_fixed_bounds(const Plan& plan, std::string name, const LookBounds& bounds) {
  const double drift = drift_for_power(plan.information, bounds, plan.power);
  return planned(plan, std::move(name), bounds, plan.n_for(drift));
}

Result<PlannedMethod> group_sequential(const Plan& plan, const SpendingFunction& spending) {
  GroupSequentialBoundsRequest request;
  request.information = plan.information;
  request.alpha = plan.alpha;
  request.sides = plan.two_sided ? 2 : 1;
  request.spending = spending;
  DESCANT_CHECK(check_bounds_request(request, false));
  DESCANT_ASSIGN(const auto bounds, look_bounds(request));
  PlannedMethod method = with_fixed_bounds(plan, spending.function, bounds);
  method.parameter = spending.parameter;
  return method;
}

// A normal mixture whose weight grows with the units.
PlannedMethod mixture(const Plan& plan, std::string name, double weight_per_unit,
                      MixtureSides sides) {
  const auto bounds_at = [&](double n) {
    return bounds_of(
        plan, [&](double t) { return mixture_bound(weight_per_unit * t * n, plan.alpha, sides); });
  };
  const auto excess = [&](double log_n) {
    const double n = std::exp(log_n);
    return sum(stop_probabilities(plan.information, bounds_at(n), plan.drift_at(n)).above) -
           plan.power;
  };
  const double n = std::exp(find_root(
      excess, {std::log(plan.fixed_n) - 1, std::log(plan.fixed_n * kLargestInflation)}, 1e-10));
  return planned(plan, std::move(name), std::isnan(n) ? LookBounds{} : bounds_at(n), n);
}

PlannedMethod yeast(const Plan& plan) {
  const double quantile = -normal_quantile(plan.tail_alpha() / 2);
  return with_fixed_bounds(plan, "yeast",
                           bounds_of(plan, [&](double t) { return quantile / std::sqrt(t); }));
}

PlannedMethod one_look(const Plan& plan, std::string name) {
  Plan single = plan;
  single.information = {1};
  const double quantile = -normal_quantile(plan.tail_alpha());
  return planned(single, std::move(name), bounds_of(single, [&](double) { return quantile; }),
                 plan.fixed_n);
}

Result<void> check(const SequentialPlanRequest& request) {
  if (request.effect == 0 || !std::isfinite(request.effect))
    return invalid_request("the effect must differ from 0", "effect");
  if (!(request.standard_deviation > 0) || !std::isfinite(request.standard_deviation))
    return invalid_request("the standard deviation must be above 0", "standard_deviation");
  if (!(request.allocation > 0 && request.allocation < 1))
    return invalid_request("allocation must be between 0 and 1", "allocation");
  if (!(request.power > request.alpha)) return invalid_request("power must exceed alpha", "power");
  const auto looks = static_cast<std::size_t>(kMostPlannedLooks);
  if (request.information.size() > looks || request.looks > kMostPlannedLooks || request.looks < 1)
    return invalid_request(fmt::format("there must be 1 to {} looks", kMostPlannedLooks), "looks");
  if (!request.information.empty() && request.information.back() != 1)
    return invalid_request("a plan's last look has information 1", "information");
  for (const auto* value :
       {&request.optimal_n, &request.optimal_intrinsic_time, &request.tau_squared})
    if (*value && !(**value > 0))
      return invalid_request("what a method is tuned to must be above 0", "optimal_n");
  return {};
}

Plan plan_of(const SequentialPlanRequest& request) {
  Plan plan;
  plan.information = request.information;
  if (plan.information.empty())
    for (std::int64_t k = 1; k <= request.looks; ++k)
      plan.information.push_back(static_cast<double>(k) / static_cast<double>(request.looks));
  plan.alpha = request.alpha;
  plan.power = request.power;
  plan.two_sided = request.sides == 2;
  plan.effect = std::abs(request.effect);
  const double share = plan.allocation = request.allocation;
  plan.unit_variance = std::pow(request.standard_deviation, 2) * (1 / share + 1 / (1 - share));
  plan.fixed_n = plan.n_for(normal_quantile(plan.power) - normal_quantile(plan.tail_alpha()));
  return plan;
}

void add_always_valid(const SequentialPlanRequest& request, const Plan& plan,
                      std::vector<PlannedMethod>& methods) {
  const auto sides = plan.two_sided ? MixtureSides::kTwo : MixtureSides::kOne;
  const auto asymptotic_sides = plan.two_sided ? MixtureSides::kTwo : MixtureSides::kOneClosedForm;
  methods.push_back(
      mixture(plan, "asymptotic",
              optimal_weight(request.optimal_n.value_or(plan.fixed_n), plan.alpha, plan.two_sided),
              asymptotic_sides));
  const double intrinsic_time =
      request.optimal_intrinsic_time.value_or(plan.fixed_n * plan.unit_variance);
  methods.push_back(mixture(
      plan, "gavi", optimal_weight(intrinsic_time, plan.alpha, plan.two_sided) * plan.unit_variance,
      sides));
  const double tau_squared = request.tau_squared.value_or(plan.effect * plan.effect);
  methods.push_back(mixture(plan, "msprt", tau_squared / plan.unit_variance, sides));
}

}  // namespace

Result<SequentialPlanResult> sequential_plan(const SequentialPlanRequest& request) {
  DESCANT_CHECK(check(request));
  const Plan plan = plan_of(request);
  SequentialPlanResult result;
  result.information = plan.information;
  auto& methods = result.methods;
  methods.push_back(one_look(plan, "fixed"));
  std::vector<SpendingFunction> families = {
      {"lan_demets_obrien_fleming", {}}, {"lan_demets_pocock", {}}, {"power", 2.0},
      {"hwang_shih_decani", -4.0},       {"obrien_fleming", {}},    {"pocock", {}}};
  if (request.spending) families.push_back(*request.spending);
  for (const auto& family : families) {
    DESCANT_ASSIGN(auto method, group_sequential(plan, family));
    methods.push_back(std::move(method));
  }
  add_always_valid(request, plan, methods);
  methods.push_back(yeast(plan));
  methods.push_back(one_look(plan, "fixed_power"));
  for (const auto& method : methods)
    if (std::isnan(method.n_maximum))
      result.warnings.push_back(
          {"power_out_of_reach", "methods",
           fmt::format("No sample of a reasonable size gives {} this power.", method.method)});
  return result;
}

void describe(Describer& d, SequentialPlanRequest& request) {
  d.field(request.looks, {.name = "looks",
                          .doc = "equally spaced looks, the last at the planned end",
                          .minimum = 1,
                          .maximum = 500});
  d.field(request.information,
          {.name = "information", .doc = "instead of looks: share of the planned end at each"});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "type I error rate over all looks",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.power, {.name = "power",
                          .doc = "to find the effect by the last look",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.effect, {.name = "effect",
                           .doc = "difference of the arms' means to find, in the unit of "
                                  "standard_deviation",
                           .required = true});
  d.field(request.standard_deviation,
          {.name = "standard_deviation",
           .doc = "of one unit's outcome; at 1 the effect is in standard deviations",
           .minimum = 0,
           .open_interval = true});
  d.field(request.sides, {.name = "sides", .doc = "1 or 2", .minimum = 1, .maximum = 2});
  d.field(request.allocation, {.name = "allocation",
                               .doc = "share of all units in the treatment",
                               .minimum = 0,
                               .maximum = 1,
                               .open_interval = true});
  d.field(request.spending,
          {.name = "spending", .doc = "one more group-sequential method to show"});
  d.field(request.optimal_n,
          {.name = "optimal_n", .doc = "of asymptotic; default the fixed sample size"});
  d.field(
      request.optimal_intrinsic_time,
      {.name = "optimal_intrinsic_time", .doc = "of gavi; default that of the fixed sample size"});
  d.field(request.tau_squared,
          {.name = "tau_squared", .doc = "of msprt; default the effect squared"});
}

void describe(Describer& d, PlannedMethod& method) {
  d.field(method.method, {.name = "method",
                          .doc = "fixed, a spending function, asymptotic, gavi, msprt, yeast or "
                                 "fixed_power"});
  d.field(method.parameter,
          {.name = "parameter", .doc = "of the spending function", .omit_when_empty = true});
  d.field(method.n_maximum,
          {.name = "n_maximum", .doc = "units of both arms at the planned end", .unit = "units"});
  d.field(method.n_expected,
          {.name = "n_expected", .doc = "when the effect is there", .unit = "units"});
  d.field(method.n_expected_without_effect,
          {.name = "n_expected_without_effect", .doc = "when there is no effect", .unit = "units"});
  d.field(method.inflation_factor,
          {.name = "inflation_factor", .doc = "largest sample size over the fixed one"});
  d.field(method.power, {.name = "power", .doc = "over all looks"});
  d.field(method.false_positive_rate,
          {.name = "false_positive_rate", .doc = "over these looks, when there is no effect"});
}

void describe(Describer& d, SequentialPlanResult& result) {
  d.field(result.method, {.name = "method", .doc = "how the numbers were computed"});
  d.field(result.information,
          {.name = "information", .doc = "share of the planned end at each look"});
  d.field(result.methods, {.name = "methods", .doc = "side by side"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
