// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/confidence_sequence.h"

#include <cmath>

#include <fmt/format.h>

namespace descant::stats {
namespace {

struct Parameter {
  std::string_view name;
  std::optional<double> MonitoringMethod::*member;
  std::string_view method;
  std::string_view doc;
};

constexpr Parameter kParameters[] = {
    {"optimal_n", &MonitoringMethod::optimal_n, "asymptotic",
     "asymptotic: units at which the interval is narrowest"},
    {"rho", &MonitoringMethod::rho, "gavi",
     "gavi: the mixture's precision, on the scale of intrinsic time"},
    {"optimal_intrinsic_time", &MonitoringMethod::optimal_intrinsic_time, "gavi",
     "gavi, instead of rho: n times the variance of one unit's contribution at which the interval "
     "is narrowest"},
    {"tau_squared", &MonitoringMethod::tau_squared, "msprt",
     "msprt: variance of the effect under the mixture, a constant chosen before the data"},
    {"planned_n", &MonitoringMethod::planned_n, "yeast", "yeast: units at the planned end"},
    {"minimum_detectable_effect", &MonitoringMethod::minimum_detectable_effect, "fixed_power",
     "fixed_power: the effect to find with `power`"},
};

Result<void> check_unused(const ConfidenceSequenceRequest& request) {
  for (const auto& parameter : kParameters)
    if (request.parameters.*parameter.member && parameter.method != request.method)
      return invalid_request(
          fmt::format("{} belongs to the method {}", parameter.name, parameter.method),
          std::string(parameter.name));
  return {};
}

Result<double> alpha_of(const ConfidenceSequenceRequest& request) {
  if (request.alpha && request.confidence_level)
    return invalid_request("give alpha or confidence_level, not both", "alpha");
  if (request.confidence_level) return 1 - *request.confidence_level;
  return request.alpha.value_or(0.05);
}

Result<std::vector<LookInput>> inputs_of(const ConfidenceSequenceRequest& request) {
  const bool has_pair = request.pair.control || request.pair.treatment;
  if (has_pair && !request.looks.empty())
    return invalid_request("give one pair of arms or looks, not both", "looks");
  if (has_pair) return std::vector<LookInput>{request.pair};
  if (request.looks.empty())
    return invalid_request("there must be one look or more", "looks",
                           "Give looks, or control and treatment.");
  return request.looks;
}

Result<void> check_units(const std::vector<MonitoredLook>& looks, const std::string& method) {
  if (method == "msprt" || method == "fixed_power") return {};
  for (std::size_t k = 0; k < looks.size(); ++k)
    if (std::isnan(looks[k].n))
      return invalid_request(fmt::format("{} needs n", method), fmt::format("looks[{}].n", k));
  return {};
}

}  // namespace

Result<ConfidenceSequenceResult> confidence_sequence(const ConfidenceSequenceRequest& request) {
  if (request.method == "group_sequential")
    return invalid_request("unknown method 'group_sequential'", "method",
                           "Use group_sequential_analysis.");
  MonitoringMethod method = request.parameters;
  method.method = request.method;
  DESCANT_ASSIGN(method.alpha, alpha_of(request));
  method.null_value = request.null_value;
  method.alternative = request.alternative;
  if (request.alternative == "auto")
    method.alternative = request.method == "yeast" ? "greater" : "two_sided";
  DESCANT_CHECK(check_unused(request));
  DESCANT_CHECK(check_method(method));
  DESCANT_ASSIGN(const auto inputs, inputs_of(request));
  DESCANT_ASSIGN(const auto looks, looks_of(inputs, request.effect_scale));
  DESCANT_CHECK(check_units(looks, request.method));
  DESCANT_ASSIGN(auto monitored, monitor(looks, method));
  ConfidenceSequenceResult result{method.method, method.alternative, method.alpha, {}, {}, {}};
  for (std::size_t k = 0; k < looks.size(); ++k)
    result.looks.push_back(
        {looks[k].n, looks[k].estimate, looks[k].standard_error, monitored.looks[k]});
  if (monitored.first_crossed)
    result.first_crossed_look = static_cast<std::int64_t>(*monitored.first_crossed) + 1;
  result.warnings = std::move(monitored.warnings);
  return result;
}

void describe(Describer& d, ConfidenceSequenceRequest& request) {
  d.field(request.pair.control,
          {.name = "control", .doc = "one look: the control arm's sample so far"});
  d.field(request.pair.treatment,
          {.name = "treatment", .doc = "one look: the treatment arm's sample so far"});
  d.field(request.looks, {.name = "looks",
                          .doc = "in order: control and treatment so far, or n, estimate and "
                                 "standard_error"});
  d.field(request.method,
          {.name = "method",
           .doc = "asymptotic, gavi and msprt are valid at any time; yeast up to planned_n; "
                  "fixed_power tests once, when it is precise enough",
           .choices = {"asymptotic", "gavi", "msprt", "yeast", "fixed_power"}});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "type I error rate over all looks; default 0.05",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.confidence_level, {.name = "confidence_level",
                                     .doc = "instead of alpha",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
  d.field(request.alternative, {.name = "alternative",
                                .doc = "greater: the treatment is larger; auto: two_sided, but "
                                       "greater for yeast, whose test is one-sided",
                                .choices = {"auto", "two_sided", "greater", "less"}});
  d.field(request.null_value, {.name = "null_value", .doc = "effect under the null"});
  describe_effect_scale(d, request.effect_scale);
  for (const auto& parameter : kParameters)
    d.field(request.parameters.*parameter.member,
            {.name = parameter.name, .doc = parameter.doc, .minimum = 0, .open_interval = true});
  d.field(request.parameters.power, {.name = "power",
                                     .doc = "fixed_power: to find minimum_detectable_effect",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
}

void describe(Describer& d, SequenceLook& look) {
  d.field(look.n, {.name = "n", .doc = "units of both arms", .unit = "units"});
  d.field(look.estimate, {.name = "estimate", .doc = "of the effect"});
  d.field(look.standard_error, {.name = "standard_error", .doc = "of the estimate"});
  d.field(look.result.statistic,
          {.name = "statistic", .doc = "(estimate - null_value) / standard_error"});
  d.field(look.result.bound, {.name = "bound", .doc = "what the statistic must exceed"});
  d.field(look.result.lower, {.name = "lower", .doc = "end of this look's interval"});
  d.field(look.result.upper, {.name = "upper", .doc = "end of this look's interval"});
  d.field(look.result.p_value,
          {.name = "p_value", .doc = "the smallest of the looks so far; always valid"});
  d.field(look.result.crossed, {.name = "crossed", .doc = "at this look or before"});
}

void describe(Describer& d, ConfidenceSequenceResult& result) {
  d.field(result.method, {.name = "method", .doc = "as requested"});
  d.field(result.alternative, {.name = "alternative", .doc = "as tested"});
  d.field(result.alpha, {.name = "alpha", .doc = "type I error rate over all looks"});
  d.field(result.looks, {.name = "looks", .doc = "in the order given"});
  d.field(result.first_crossed_look,
          {.name = "first_crossed_look", .doc = "counted from 1; null when none crosses"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
