// SPDX-License-Identifier: Apache-2.0
#include "stats/power.h"

namespace descant::stats {
namespace {

constexpr std::string_view kWarnings = "what the reader must know";
constexpr std::string_view kAlphaCorrected = "what the test's p-value is held against";
constexpr std::string_view kPowerCorrected = "what the decision rule asks of the test";

void describe_share(Describer& d, double& value, std::string_view name, std::string_view doc) {
  d.field(value, {.name = name, .doc = doc, .minimum = 0, .maximum = 1, .open_interval = true});
}

void describe_count(Describer& d, std::int64_t& value, std::string_view name,
                    std::string_view doc) {
  d.field(value, {.name = name, .doc = doc, .minimum = 0, .maximum = 100'000});
}

void describe_fields(Describer& d, Design& design) {
  d.field(design.baseline, {.name = "baseline",
                            .doc = "the control as it is today: mean and variance, a proportion, "
                                   "moments of a ratio, or any sample",
                            .required = true});
  d.field(design.effect_scale,
          {.name = "effect_scale",
           .doc = "whether the effect or margin is a share of the baseline or in its unit",
           .choices = {"relative", "absolute"}});
  describe_share(d, design.alpha, "alpha", "type I error rate, in both tails if two-sided");
  describe_share(d, design.power, "power", "probability to find the effect");
  d.field(
      design.alternative,
      {.name = "alternative",
       .doc = "auto: two_sided, but greater under the spotify rule; a margin is always one-sided",
       .choices = {"auto", "two_sided", "greater", "less"}});
  d.field(design.arms, {.name = "arms",
                        .doc = "the control and the treatments; the spotify rule divides alpha by "
                               "the number of treatments",
                        .minimum = 2,
                        .maximum = 1'000});
  d.field(design.allocation, {.name = "allocation",
                              .doc = "share of all units in one treatment; default equal arms",
                              .minimum = 0,
                              .maximum = 1,
                              .open_interval = true});
  d.field(
      design.covariate_correlation,
      {.name = "covariate_correlation",
       .doc = "of the outcome with its covariate (CUPED); leaves 1 - its square of the variance",
       .minimum = -1,
       .maximum = 1,
       .open_interval = true});
  d.field(design.design_effect, {.name = "design_effect",
                                 .doc = "factor of the variance, as of clustering",
                                 .minimum = 0,
                                 .open_interval = true});
  d.field(design.distribution,
          {.name = "distribution", .doc = "of the test statistic", .choices = {"normal", "t"}});
  d.field(design.decision_rule,
          {.name = "decision_rule",
           .doc = "spotify divides alpha and beta over the experiment's metrics",
           .choices = {"none", "spotify"}});
  describe_count(d, design.success_metrics, "success_metrics", "in the decision rule");
  describe_count(d, design.guardrail_metrics, "guardrail_metrics", "in the decision rule");
  describe_count(d, design.deterioration_metrics, "deterioration_metrics",
                 "in the decision rule, beyond the success and guardrail metrics");
  describe_count(d, design.quality_metrics, "quality_metrics", "in the decision rule");
  d.field(design.deterioration_alpha,
          {.name = "deterioration_alpha",
           .doc = "of the decision rule, shared by its deterioration and quality tests",
           .minimum = 0,
           .maximum = 1});
  d.field(design.compatibility,
          {.name = "compatibility",
           .doc = "confidence_docs divides the type II error by the number of guardrails alone",
           .choices = {"none", "confidence_docs"}});
}

void describe_fields(Describer& d, PlannedEffect& effect) {
  d.field(effect.minimum_detectable_effect,
          {.name = "minimum_detectable_effect", .doc = "the smallest effect worth finding"});
  d.field(effect.non_inferiority_margin,
          {.name = "non_inferiority_margin",
           .doc = "instead of an effect: how much worse is still acceptable",
           .minimum = 0,
           .open_interval = true});
}

void describe_n_total(Describer& d, std::int64_t& n_total) {
  d.field(n_total,
          {.name = "n_total", .doc = "units of all arms together", .required = true, .minimum = 0});
}

}  // namespace

void describe(Describer& d, Baseline& baseline) {
  describe(d, baseline.sample);
  d.field(baseline.proportion,
          {.name = "proportion", .doc = "share of units", .minimum = 0, .maximum = 1});
}

void describe(Describer& d, SampleSizeRequest& request) {
  describe_fields(d, request.design);
  describe_fields(d, request.effect);
}

void describe(Describer& d, PowerRequest& request) {
  describe_fields(d, request.design);
  describe_fields(d, request.effect);
  describe_n_total(d, request.n_total);
}

void describe(Describer& d, MinimumDetectableEffectRequest& request) {
  describe_fields(d, request.design);
  describe_n_total(d, request.n_total);
}

void describe(Describer& d, SampleSizeResult& result) {
  d.field(result.method, {.name = "method", .doc = "distribution of the test statistic"});
  d.field(result.n_total, {.name = "n_total", .doc = "units of all arms", .unit = "units"});
  d.field(result.n_control, {.name = "n_control", .doc = "units of the control", .unit = "units"});
  d.field(result.n_treatment,
          {.name = "n_treatment", .doc = "units of each treatment", .unit = "units"});
  d.field(result.alpha_corrected, {.name = "alpha_corrected", .doc = kAlphaCorrected});
  d.field(result.power_corrected, {.name = "power_corrected", .doc = kPowerCorrected});
  d.field(result.deterioration_alpha_corrected,
          {.name = "deterioration_alpha_corrected",
           .doc = "of each deterioration and quality test of the rule",
           .omit_when_empty = true});
  d.field(result.warnings, {.name = "warnings", .doc = kWarnings});
}

void describe(Describer& d, PowerResult& result) {
  d.field(result.method, {.name = "method", .doc = "distribution of the test statistic"});
  d.field(result.power, {.name = "power", .doc = "probability to find the effect"});
  d.field(result.alpha_corrected, {.name = "alpha_corrected", .doc = kAlphaCorrected});
  d.field(result.power_corrected, {.name = "power_corrected", .doc = kPowerCorrected});
  d.field(result.warnings, {.name = "warnings", .doc = kWarnings});
}

void describe(Describer& d, DetectableEffect& effect) {
  d.field(effect.absolute, {.name = "absolute", .doc = "in the baseline's unit"});
  d.field(effect.relative, {.name = "relative", .doc = "share of the baseline"});
}

void describe(Describer& d, MinimumDetectableEffectResult& result) {
  d.field(result.method, {.name = "method", .doc = "distribution of the test statistic"});
  d.field(result.minimum_detectable_effect,
          {.name = "minimum_detectable_effect", .doc = "found with the power asked for"});
  d.field(result.alpha_corrected, {.name = "alpha_corrected", .doc = kAlphaCorrected});
  d.field(result.power_corrected, {.name = "power_corrected", .doc = kPowerCorrected});
  d.field(result.warnings, {.name = "warnings", .doc = kWarnings});
}

}  // namespace descant::stats
