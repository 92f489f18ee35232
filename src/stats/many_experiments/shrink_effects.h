// SPDX-License-Identifier: Apache-2.0
#pragma once

// What many experiments together say of each one's effect: the prior that fits all estimates best
// (effect_prior.h), and each effect's posterior under it, which pulls the lucky ones back. `normal`
// is N(mean, variance), `spike_and_slab` a share of exact nulls and the rest N(mean, variance) with
// mean 0 unless given, `t` a location-scale t whose tails let big wins stand (Azevedo, Deng,
// Montiel Olea, Rao, Weyl 2020). Intervals are equal-tailed and take the fitted prior as known.
//
// The sum of the effects that were selected, by their owner (`selected`) or by estimate /
// standard error above `selection_threshold`, is too large for having been selected: `naive` adds
// the estimates, `estimate` the posterior means, which no selection on the data biases (Efron 2011,
// "Tweedie's formula and selection bias", section 4). With a threshold, `bias_corrected` is the
// prior-free correction of Lee and Shen 2018 ("Winner's curse", KDD, section 3). Without either all
// effects count. No effects: empty lists and a warning. Fewer than three fit a prior poorly: a
// warning.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

inline constexpr std::size_t kMostEffectsOfT = 100'000;

struct ShrinkEffectsRequest {
  std::vector<double> estimates;
  std::vector<double> standard_errors;
  std::string prior = "normal";  // normal | spike_and_slab | t
  std::optional<double> prior_mean;
  double prior_degrees_of_freedom = 4;
  double confidence_level = 0.95;
  std::optional<std::vector<bool>> selected;
  std::optional<double> selection_threshold;
};

struct ShrunkEffect {
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double posterior_mean = kUndefined;
  double posterior_standard_deviation = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
  double probability_positive = kUndefined;
  double probability_null = kUndefined;
  bool selected = false;
};

struct PriorSummary {
  double mean = kUndefined;
  double standard_deviation = kUndefined;
  double null_share = kUndefined;
  double degrees_of_freedom = kUndefined;
  double log_likelihood = kUndefined;
};

struct CumulativeEffect {
  std::int64_t selected = 0;
  double naive = kUndefined;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
  double winners_curse = kUndefined;  // naive - estimate
  double bias_corrected = kUndefined;
};

struct ShrinkEffectsResult {
  std::string method;
  PriorSummary prior;
  std::vector<ShrunkEffect> effects;
  CumulativeEffect cumulative_effect;
  Warnings warnings;
};

Result<ShrinkEffectsResult> shrink_effects(const ShrinkEffectsRequest& request);

void describe(Describer& d, ShrinkEffectsRequest& request);
void describe(Describer& d, ShrunkEffect& effect);
void describe(Describer& d, PriorSummary& prior);
void describe(Describer& d, CumulativeEffect& effect);
void describe(Describer& d, ShrinkEffectsResult& result);

}  // namespace descant::stats
