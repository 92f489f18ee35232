// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/look_input.h"

#include <fmt/format.h>

#include "stats/comparison/compare.h"
#include "stats/comparison/linearise.h"

namespace descant::stats {
namespace {

Result<LinearisedArm> arm_of(const Sample& sample, const std::string& where) {
  DESCANT_ASSIGN(const NamedMoments moments, moments_of(sample, where));
  if (moments.outcome == NamedMoments::Outcome::kNamed)
    return invalid_request("a look is about one outcome", where,
                           "Give one column, or numerator and denominator.");
  RatioColumns outcome;
  if (moments.outcome == NamedMoments::Outcome::kRatio) outcome.denominator = 1;
  return linearise(moments.moments, {&outcome, 1}, where);
}

Result<MonitoredLook> look_of_pair(const LookInput& input, bool relative,
                                   const std::string& where) {
  DESCANT_ASSIGN(const auto control, arm_of(*input.control, where + "control"));
  DESCANT_ASSIGN(const auto treatment, arm_of(*input.treatment, where + "treatment"));
  DESCANT_ASSIGN(const auto comparison, compare(unadjusted_pair(control, treatment), {}));
  const auto& effect = relative ? comparison.relative : comparison.absolute;
  MonitoredLook look;
  look.n = static_cast<double>(control.n + treatment.n);
  look.estimate = effect.estimate;
  look.standard_error = effect.standard_error;
  return look;
}

Result<MonitoredLook> look_of(const LookInput& input, bool relative, const std::string& where) {
  const bool has_numbers = input.n || input.estimate || input.standard_error;
  const bool has_arms = input.control || input.treatment;
  if (has_numbers && has_arms)
    return invalid_request("a look is samples or an estimate, not both", where + "estimate");
  if (has_arms) {
    if (!input.control || !input.treatment)
      return invalid_request("the other arm is missing",
                             where + (input.control ? "treatment" : "control"));
    return look_of_pair(input, relative, where);
  }
  if (!input.estimate || !input.standard_error)
    return invalid_request("a look needs its estimate and standard error, or both arms' samples",
                           where + (input.estimate ? "standard_error" : "estimate"));
  if (relative)
    return invalid_request("a relative effect needs samples", "effect_scale",
                           "Estimates are taken as they are: leave effect_scale out.");
  if (*input.standard_error < 0 || input.n.value_or(0) < 0)
    return invalid_request("a standard error or n is negative", where + "standard_error");
  MonitoredLook look;
  look.n = input.n.value_or(kUndefined);
  look.estimate = *input.estimate;
  look.standard_error = *input.standard_error;
  return look;
}

}  // namespace

Result<std::vector<MonitoredLook>> looks_of(const std::vector<LookInput>& inputs,
                                            const std::string& effect_scale) {
  const bool relative = effect_scale == "relative";
  if (!relative && effect_scale != "absolute")
    return invalid_request(fmt::format("unknown effect_scale '{}'", effect_scale), "effect_scale",
                           "Known: absolute, relative.");
  std::vector<MonitoredLook> looks;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    DESCANT_ASSIGN(auto look, look_of(inputs[k], relative, fmt::format("looks[{}].", k)));
    looks.push_back(look);
  }
  return looks;
}

void describe(Describer& d, LookInput& look) {
  d.field(look.control, {.name = "control", .doc = "the control arm's sample up to this look"});
  d.field(look.treatment,
          {.name = "treatment", .doc = "the treatment arm's sample up to this look"});
  d.field(look.n, {.name = "n",
                   .doc = "units of both arms the estimate rests on",
                   .unit = "units",
                   .minimum = 0});
  d.field(look.estimate, {.name = "estimate", .doc = "of the effect, treatment minus control"});
  d.field(look.standard_error, {.name = "standard_error", .doc = "of the estimate", .minimum = 0});
}

void describe_effect_scale(Describer& d, std::string& effect_scale) {
  d.field(effect_scale, {.name = "effect_scale",
                         .doc = "of samples: the difference, or treatment / control - 1",
                         .choices = {"absolute", "relative"}});
}

}  // namespace descant::stats
