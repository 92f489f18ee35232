// SPDX-License-Identifier: Apache-2.0
#include "stats/many_experiments/shrink_effects.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/distributions.h"
#include "stats/many_experiments/effect_prior.h"
#include "stats/many_experiments/meta_analysis.h"

namespace descant::stats {
namespace {

constexpr std::array<std::string_view, 3> kPriors = {"normal", "spike_and_slab", "t"};

Result<void> check(const ShrinkEffectsRequest& request) {
  if (std::find(kPriors.begin(), kPriors.end(), request.prior) == kPriors.end())
    return invalid_request(fmt::format("unknown prior '{}'", request.prior), "prior",
                           did_you_mean(request.prior, kPriors));
  if (!(request.confidence_level > 0 && request.confidence_level < 1))
    return invalid_request("confidence_level must be between 0 and 1", "confidence_level");
  if (!(request.prior_degrees_of_freedom >= 1 && request.prior_degrees_of_freedom <= 1000))
    return invalid_request("the degrees of freedom of a t prior lie between 1 and 1000",
                           "prior_degrees_of_freedom");
  if (request.prior_mean && !std::isfinite(*request.prior_mean))
    return invalid_request("prior_mean must be finite", "prior_mean");
  DESCANT_CHECK(check_effects(request.estimates, request.standard_errors));
  for (std::size_t i = 0; i < request.estimates.size(); ++i)
    if (!(std::abs(request.estimates[i]) < 1e100 && request.standard_errors[i] > 1e-100))
      return invalid_request("an effect is too large or its standard error too small to pool",
                             fmt::format("estimates[{}]", i), "Give effects in a sensible unit.");
  if (request.selected && request.selection_threshold)
    return invalid_request("selected and selection_threshold exclude each other", "selected",
                           "Say which were selected, or by which threshold.");
  if (request.selected && request.selected->size() != request.estimates.size())
    return invalid_request(fmt::format("{} entries for {} estimates", request.selected->size(),
                                       request.estimates.size()),
                           "selected", "Give true or false for each estimate.");
  if (request.selection_threshold && !std::isfinite(*request.selection_threshold))
    return invalid_request("selection_threshold must be finite", "selection_threshold");
  if (request.prior == "t" && request.estimates.size() > kMostEffectsOfT)
    return invalid_request(fmt::format("a t prior takes at most {} effects", kMostEffectsOfT),
                           "estimates", "Use normal or spike_and_slab.");
  return {};
}

FittedPrior fit(const ShrinkEffectsRequest& request) {
  const Effects effects{request.estimates, request.standard_errors};
  const double mean = request.prior_mean.value_or(kUndefined);
  if (request.prior == "normal") return fit_normal(effects, mean);
  if (request.prior == "t") return fit_t(effects, mean, request.prior_degrees_of_freedom);
  return fit_spike_and_slab(effects, mean);
}

bool is_selected(const ShrinkEffectsRequest& request, std::size_t i) {
  if (request.selected) return (*request.selected)[i];
  if (!request.selection_threshold) return true;
  return request.estimates[i] / request.standard_errors[i] > *request.selection_threshold;
}

CumulativeEffect cumulative(const ShrinkEffectsRequest& request,
                            const std::vector<ShrunkEffect>& effects) {
  CumulativeEffect sum;
  double variance = 0;
  double bias = 0;  // of the selected sum, by the chance of each effect to be selected
  sum.naive = sum.estimate = 0;
  for (const auto& effect : effects) {
    if (request.selection_threshold) {
      const double z = *request.selection_threshold - effect.estimate / effect.standard_error;
      bias += effect.standard_error * std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
    }
    if (!effect.selected) continue;
    ++sum.selected;
    sum.naive += effect.estimate;
    sum.estimate += effect.posterior_mean;
    variance += effect.posterior_standard_deviation * effect.posterior_standard_deviation;
  }
  sum.standard_error = std::sqrt(variance);
  const double half = -normal_quantile((1 - request.confidence_level) / 2) * sum.standard_error;
  sum.lower = sum.estimate - half;
  sum.upper = sum.estimate + half;
  sum.winners_curse = sum.naive - sum.estimate;
  if (request.selection_threshold) sum.bias_corrected = sum.naive - bias;
  return sum;
}

void warn(ShrinkEffectsResult& result, const FittedPrior& prior) {
  if (result.effects.size() < 3)
    result.warnings.push_back({"few_effects", "estimates",
                               "Fewer than three effects say little of the distribution they come "
                               "from: the shrinkage is unreliable."});
  if (prior.variance == 0 || prior.null_share == 1)
    result.warnings.push_back({"no_spread", "estimates",
                               "The estimates vary no more than their standard errors explain, so "
                               "every effect is shrunk to one value."});
}

}  // namespace

Result<ShrinkEffectsResult> shrink_effects(const ShrinkEffectsRequest& request) {
  DESCANT_CHECK(check(request));
  ShrinkEffectsResult result;
  result.method = request.prior;
  if (request.estimates.empty()) {
    result.warnings.push_back({"no_effects", "estimates", "There are no effects to shrink."});
    return result;
  }
  const FittedPrior prior = fit(request);
  result.prior = {prior.mean, std::sqrt(prior.variance), kUndefined, kUndefined,
                  prior.log_likelihood};
  if (request.prior == "spike_and_slab") result.prior.null_share = prior.null_share;
  if (request.prior == "t") result.prior.degrees_of_freedom = request.prior_degrees_of_freedom;
  for (std::size_t i = 0; i < request.estimates.size(); ++i) {
    const auto p = posterior_of(prior.components, request.estimates[i], request.standard_errors[i],
                                request.confidence_level);
    result.effects.push_back({request.estimates[i], request.standard_errors[i], p.mean,
                              std::sqrt(p.variance), p.lower, p.upper, p.probability_positive,
                              request.prior == "spike_and_slab" ? p.probability_null : kUndefined,
                              is_selected(request, i)});
  }
  result.cumulative_effect = cumulative(request, result.effects);
  warn(result, prior);
  return result;
}

void describe(Describer& d, ShrinkEffectsRequest& request) {
  d.field(request.estimates,
          {.name = "estimates", .doc = "effects in one unit, one an experiment", .required = true});
  d.field(request.standard_errors,
          {.name = "standard_errors", .doc = "of the estimates", .required = true});
  d.field(request.prior, {.name = "prior",
                          .doc = "the form of the distribution that the true effects come from; "
                                 "its parameters are fitted",
                          .choices = {kPriors.begin(), kPriors.end()}});
  d.field(request.prior_mean,
          {.name = "prior_mean",
           .doc = "fixes its mean; else estimated, and 0 for the slab of spike_and_slab"});
  d.field(
      request.prior_degrees_of_freedom,
      {.name = "prior_degrees_of_freedom", .doc = "of the t prior", .minimum = 1, .maximum = 1000});
  d.field(request.confidence_level, {.name = "confidence_level",
                                     .doc = "of the intervals",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
  d.field(request.selected, {.name = "selected",
                             .doc = "whether each counts in the cumulative effect, such as those "
                                    "shipped; default: all"});
  d.field(request.selection_threshold,
          {.name = "selection_threshold",
           .doc = "instead of selected: those with estimate / standard error above it"});
}

void describe(Describer& d, ShrunkEffect& effect) {
  d.field(effect.estimate, {.name = "estimate", .doc = "as given"});
  d.field(effect.standard_error, {.name = "standard_error", .doc = "as given"});
  d.field(effect.posterior_mean, {.name = "posterior_mean", .doc = "the shrunk effect"});
  d.field(effect.posterior_standard_deviation,
          {.name = "posterior_standard_deviation", .doc = "its uncertainty"});
  d.field(effect.lower, {.name = "lower", .doc = "lower end of the credible interval"});
  d.field(effect.upper, {.name = "upper", .doc = "upper end of the credible interval"});
  d.field(effect.probability_positive,
          {.name = "probability_positive", .doc = "that the true effect is above 0"});
  d.field(effect.probability_null,
          {.name = "probability_null", .doc = "spike_and_slab: that the true effect is 0"});
  d.field(effect.selected, {.name = "selected", .doc = "counts in the cumulative effect"});
}

void describe(Describer& d, PriorSummary& prior) {
  d.field(prior.mean, {.name = "mean", .doc = "of the prior; of its slab"});
  d.field(prior.standard_deviation,
          {.name = "standard_deviation", .doc = "of the normal or the slab; the scale of t"});
  d.field(prior.null_share, {.name = "null_share", .doc = "spike_and_slab: share of exact nulls"});
  d.field(prior.degrees_of_freedom, {.name = "degrees_of_freedom", .doc = "of t, as given"});
  d.field(prior.log_likelihood,
          {.name = "log_likelihood", .doc = "marginal, at the fitted prior; compares priors"});
}

void describe(Describer& d, CumulativeEffect& effect) {
  d.field(effect.selected, {.name = "selected", .doc = "effects that count"});
  d.field(effect.naive, {.name = "naive", .doc = "sum of their estimates"});
  d.field(effect.estimate, {.name = "estimate", .doc = "sum of their posterior means"});
  d.field(effect.standard_error, {.name = "standard_error", .doc = "posterior"});
  d.field(effect.lower, {.name = "lower", .doc = "lower end of the credible interval"});
  d.field(effect.upper, {.name = "upper", .doc = "upper end of the credible interval"});
  d.field(effect.winners_curse,
          {.name = "winners_curse", .doc = "naive minus estimate: what selection added"});
  d.field(effect.bias_corrected,
          {.name = "bias_corrected",
           .doc = "with a threshold: naive less its bias by Lee and Shen, without any prior"});
}

void describe(Describer& d, ShrinkEffectsResult& result) {
  d.field(result.method, {.name = "method", .doc = "the prior's form"});
  d.field(result.prior, {.name = "prior", .doc = "as fitted"});
  d.field(result.effects, {.name = "effects", .doc = "in the order given"});
  d.field(result.cumulative_effect,
          {.name = "cumulative_effect", .doc = "of the selected, corrected for selection"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
