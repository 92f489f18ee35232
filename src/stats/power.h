// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sample size, power and minimum detectable effect of a two-arm test from a baseline: three views
// of one function, the power at a total size and an effect. Normal approximation with equal
// variances for means, each arm's p(1 - p) for shares and the linearised variance for ratios (Deng,
// Knoblich, Lu 2018); `t` uses the non-central t distribution of the pooled test instead. A
// covariate leaves 1 - correlation^2 of the variance. A non-inferiority margin is tested one-sided
// and planned at no difference. The `spotify` rule divides alpha and beta as stats/decision.h does.
// A test that cannot be planned (no variance, a relative effect on a baseline of 0, a share beyond
// 0 or 1 needed) gives no number and a warning.

#include <optional>
#include <string>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/sample.h"

namespace descant::stats {

struct Baseline {
  Sample sample;  // n is not needed
  std::optional<double> proportion;
};

struct Design {
  Baseline baseline;
  std::string effect_scale = "relative";  // relative | absolute
  double alpha = 0.05;
  double power = 0.8;
  std::string alternative = "auto";  // two_sided, or one-sided under the spotify rule
  std::int64_t arms = 2;             // control included
  std::optional<double> allocation;  // share of one treatment; none: equal arms
  double covariate_correlation = 0.0;
  double design_effect = 1.0;
  std::string distribution = "normal";  // normal | t
  std::string decision_rule = "none";   // none | spotify
  std::int64_t success_metrics = 1;
  std::int64_t guardrail_metrics = 0;
  std::int64_t deterioration_metrics = 0;
  std::int64_t quality_metrics = 0;
  double deterioration_alpha = 0.01;
  std::string compatibility = "none";  // none | confidence_docs
};

// What has to be found: an effect, or that a margin is kept.
struct PlannedEffect {
  std::optional<double> minimum_detectable_effect;
  std::optional<double> non_inferiority_margin;
};

struct SampleSizeRequest {
  Design design;
  PlannedEffect effect;
};
struct PowerRequest {
  Design design;
  PlannedEffect effect;
  std::int64_t n_total = 0;  // of control and one treatment
};
struct MinimumDetectableEffectRequest {
  Design design;
  std::int64_t n_total = 0;
};

struct SampleSizeResult {
  std::string method;
  std::optional<std::int64_t> n_total;
  std::optional<std::int64_t> n_control;
  std::optional<std::int64_t> n_treatment;  // of each treatment arm
  double alpha_corrected = kUndefined;
  double power_corrected = kUndefined;
  double deterioration_alpha_corrected = kUndefined;
  Warnings warnings;
};
struct PowerResult {
  std::string method;
  double power = kUndefined;
  double alpha_corrected = kUndefined;
  double power_corrected = kUndefined;  // what the decision rule asks of the test
  Warnings warnings;
};
struct DetectableEffect {
  double absolute = kUndefined;
  double relative = kUndefined;
};
struct MinimumDetectableEffectResult {
  std::string method;
  DetectableEffect minimum_detectable_effect;
  double alpha_corrected = kUndefined;
  double power_corrected = kUndefined;
  Warnings warnings;
};

Result<SampleSizeResult> sample_size(const SampleSizeRequest& request);
Result<PowerResult> power(const PowerRequest& request);
Result<MinimumDetectableEffectResult> minimum_detectable_effect(
    const MinimumDetectableEffectRequest& request);

void describe(Describer& d, SampleSizeRequest& request);
void describe(Describer& d, PowerRequest& request);
void describe(Describer& d, MinimumDetectableEffectRequest& request);
void describe(Describer& d, SampleSizeResult& result);
void describe(Describer& d, PowerResult& result);
void describe(Describer& d, MinimumDetectableEffectResult& result);

}  // namespace descant::stats
