// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/compare.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

Result<void> check_choice(const std::string& value, std::string_view field,
                          std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  return invalid_request(fmt::format("unknown {} '{}'", field, value), std::string(field),
                         did_you_mean(value, std::span(choices.begin(), choices.size())));
}

void warn(Warnings& warnings, std::string code, std::string field, std::string message) {
  warnings.push_back({std::move(code), std::move(field), std::move(message)});
}

// What rounding leaves of two estimates that are the same number is no variance.
double variance_of_difference(const EstimatePair& pair, double scale = 1.0) {
  const double sum = pair.treatment_variance + scale * scale * pair.control_variance;
  const double variance = sum - 2 * scale * pair.covariance;
  return std::abs(variance) < 1e-13 * sum ? 0.0 : variance;
}

void set_ends(EffectInterval& interval, double quantile) {
  interval.lower = interval.estimate - quantile * interval.standard_error;
  interval.upper = interval.estimate + quantile * interval.standard_error;
}

void set_fieller_ends(EffectInterval& interval, const EstimatePair& pair, double q,
                      Warnings& warnings) {
  const double control = pair.control.estimate;
  const double treatment = pair.treatment.estimate;
  const double a = control * control - q * q * pair.control_variance;
  const double b = treatment * control - q * q * pair.covariance;
  const double c = treatment * treatment - q * q * pair.treatment_variance;
  if (!(a > 0)) {
    warn(warnings, "unbounded_interval", "relative",
         "The control estimate is not clearly different from 0, so Fieller's interval of the "
         "relative effect is unbounded.");
    return;
  }
  const double root = std::sqrt(std::max(0.0, b * b - a * c));
  interval.lower = (b - root) / a - 1;
  interval.upper = (b + root) / a - 1;
}

void set_log_ends(EffectInterval& interval, const EstimatePair& pair, double q,
                  Warnings& warnings) {
  const double control = pair.control.estimate;
  const double treatment = pair.treatment.estimate;
  if (!(treatment / control > 0)) {
    warn(warnings, "undefined_relative_effect", "relative",
         "An interval on the log scale needs two estimates of the same sign other than 0.");
    return;
  }
  const double se = std::sqrt(pair.treatment_variance / (treatment * treatment) +
                              pair.control_variance / (control * control) -
                              2 * pair.covariance / (treatment * control));
  interval.lower = treatment / control * std::exp(-q * se) - 1;
  interval.upper = treatment / control * std::exp(q * se) - 1;
}

EffectInterval relative_effect(const EstimatePair& pair, const ComparisonOptions& options, double q,
                               Warnings& warnings) {
  EffectInterval relative;
  const double control = pair.control.estimate;
  if (std::isnan(control) || std::isnan(pair.treatment.estimate)) return relative;
  if (control == 0) {
    warn(warnings, "zero_control", "relative",
         "The control estimate is 0, so there is no relative effect.");
    return relative;
  }
  const double ratio = pair.treatment.estimate / control;
  relative.estimate = ratio - 1;
  const double variance = variance_of_difference(pair, ratio);
  relative.standard_error = std::sqrt(variance) / std::abs(control);
  if (!std::isfinite(q) || !(variance > 0)) return relative;
  if (control < 2 * std::sqrt(pair.control_variance))
    warn(warnings, "weak_control", "relative",
         control < 0 ? "The control estimate is negative, so a relative effect is hard to read: "
                       "look at the absolute one."
                     : "The control estimate is within two standard errors of 0, so the relative "
                       "effect is unstable: look at the absolute one.");
  if (options.relative_method == "fieller") {
    set_fieller_ends(relative, pair, q, warnings);
  } else if (options.relative_method == "log") {
    set_log_ends(relative, pair, q, warnings);
  } else {
    set_ends(relative, q);
  }
  open_unbounded_end(relative, options);
  return relative;
}

// Non-inferiority: H0 is that the treatment is worse than the control by the margin or more.
void test_margin(Comparison& result, const EstimatePair& pair, const ComparisonOptions& options) {
  const double sign = options.direction == "increase" ? 1.0 : -1.0;
  const double margin = *options.non_inferiority_margin;
  const double control = pair.control.estimate;
  double scale = 1.0;
  double shift = sign * margin;
  if (options.margin_scale == "relative") {
    if (options.margin_treatment == "exact") {
      scale = 1 - sign * margin;
      shift = 0.0;
    } else {
      shift = sign * margin * control;
    }
    if (control <= 0)
      warn(result.warnings, "weak_control", "margin_scale",
           "A relative margin needs a positive control estimate: use an absolute margin.");
  }
  const double se = std::sqrt(variance_of_difference(pair, scale));
  result.degrees_of_freedom = pair.reference.degrees_of_freedom(scale);
  result.statistic = (pair.treatment.estimate - scale * control + shift) / se;
  result.p_value = p_value_of(result.statistic, result.degrees_of_freedom,
                              options.direction == "increase" ? "greater" : "less");
}

bool warn_when_insufficient(const EstimatePair& pair, double variance, Warnings& warnings) {
  bool too_few = false;
  for (const auto& [arm, name] :
       {std::pair(&pair.control, "control"), {&pair.treatment, "treatment"}}) {
    if (arm->n >= 2) continue;
    too_few = true;
    warn(warnings, "too_few_units", name,
         fmt::format("The {} arm has {} unit{}: a comparison needs two or more.", name, arm->n,
                     arm->n == 1 ? "" : "s"));
  }
  if (too_few) return true;
  if (variance > 0 && std::isfinite(variance)) return false;
  if (variance == 0)
    warn(warnings, "no_variance", "",
         "The outcome does not vary within the arms, so its uncertainty cannot be estimated.");
  else
    warn(warnings, "undefined_estimate", "", "An arm's estimate or its variance is undefined.");
  return true;
}

}  // namespace

double ReferenceDistribution::degrees_of_freedom(double scale) const {
  if (kind == Kind::kNormal) return kUndefined;
  if (kind == Kind::kPooled) return control_degrees + treatment_degrees;
  const double control = scale * scale * control_variance;
  const double sum = control + treatment_variance;
  return sum * sum /
         (control * control / control_degrees +
          treatment_variance * treatment_variance / treatment_degrees);
}

Result<void> check_options(const ComparisonOptions& options) {
  if (!(options.confidence_level > 0 && options.confidence_level < 1))
    return invalid_request("confidence_level must be between 0 and 1", "confidence_level");
  if (!std::isfinite(options.null_value))
    return invalid_request("null_value must be finite", "null_value");
  DESCANT_CHECK(check_choice(options.alternative, "alternative", {"two_sided", "greater", "less"}));
  DESCANT_CHECK(check_choice(options.margin_scale, "margin_scale", {"absolute", "relative"}));
  DESCANT_CHECK(check_choice(options.margin_treatment, "margin_treatment", {"exact", "fixed"}));
  DESCANT_CHECK(check_choice(options.direction, "direction", {"increase", "decrease"}));
  DESCANT_CHECK(
      check_choice(options.relative_method, "relative_method", {"delta", "fieller", "log"}));
  const auto& margin = options.non_inferiority_margin;
  if (!margin) return {};
  if (!(*margin > 0) || !std::isfinite(*margin))
    return invalid_request("non_inferiority_margin must be a positive number",
                           "non_inferiority_margin",
                           "Say with direction which way is good; the sign follows from it.");
  if (options.null_value != 0)
    return invalid_request("null_value and non_inferiority_margin exclude each other", "null_value",
                           "A margin is itself a shifted null: give one of the two.");
  if (options.margin_scale == "relative" && options.direction == "increase" && *margin >= 1)
    return invalid_request("a relative margin must be below 1 when an increase is good",
                           "non_inferiority_margin", "1% is written 0.01.");
  return {};
}

double interval_quantile(const ComparisonOptions& options, double degrees_of_freedom) {
  const double level = options.confidence_level;
  const double upper = options.alternative == "two_sided" ? (1 - level) / 2 : 1 - level;
  return -t_quantile(upper, degrees_of_freedom);
}

void open_unbounded_end(EffectInterval& interval, const ComparisonOptions& options) {
  if (options.alternative == "greater") interval.upper = kUndefined;
  if (options.alternative == "less") interval.lower = kUndefined;
}

double p_value_of(double statistic, double degrees_of_freedom, const std::string& alternative) {
  if (alternative == "greater") return t_upper_tail(statistic, degrees_of_freedom);
  if (alternative == "less") return t_upper_tail(-statistic, degrees_of_freedom);
  return std::min(1.0, 2 * t_upper_tail(std::abs(statistic), degrees_of_freedom));
}

Result<Comparison> compare(const EstimatePair& pair, const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  Comparison result;
  result.method = pair.method;
  result.control = pair.control;
  result.treatment = pair.treatment;
  result.warnings = pair.warnings;
  result.absolute.estimate = pair.treatment.estimate - pair.control.estimate;
  const double variance = variance_of_difference(pair);
  if (warn_when_insufficient(pair, variance, result.warnings)) {
    if (variance >= 0) result.absolute.standard_error = std::sqrt(variance);
    result.relative = relative_effect(pair, options, kUndefined, result.warnings);
    return result;
  }
  result.absolute.standard_error = std::sqrt(variance);
  const double degrees = pair.reference.degrees_of_freedom();
  const double q = interval_quantile(options, degrees);
  set_ends(result.absolute, q);
  open_unbounded_end(result.absolute, options);
  result.relative = relative_effect(pair, options, q, result.warnings);
  if (options.non_inferiority_margin) {
    test_margin(result, pair, options);
  } else {
    result.degrees_of_freedom = degrees;
    result.statistic =
        (result.absolute.estimate - options.null_value) / result.absolute.standard_error;
    result.p_value = p_value_of(result.statistic, degrees, options.alternative);
  }
  return result;
}

}  // namespace descant::stats
