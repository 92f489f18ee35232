// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the p-values of re-randomised A/A runs say about a method: how often it rejects, with
// Clopper and Pearson's exact binomial interval (1934), and how uniform the p-values are, by
// Kolmogorov and Smirnov's statistic with Stephens' approximation of its p-value (1970). An effect
// planted in the treatment's moments gives power in the same way. No defined p-values: NaN.

#include <cstdint>
#include <span>
#include <vector>

#include "base/describe.h"
#include "stats/comparison.h"
#include "stats/moments.h"

namespace descant::stats {

struct RejectionRate {
  double estimate = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
};

struct Uniformity {
  double statistic = kUndefined;  // the largest distance of the cumulative distributions
  double p_value = kUndefined;
};

RejectionRate clopper_pearson(std::int64_t successes, std::int64_t n, double confidence_level);

// Of the defined p-values, the share at most alpha.
RejectionRate rejection_rate(std::span<const double> p_values, double alpha,
                             double confidence_level);
Uniformity uniformity_of(std::vector<double> p_values);
// How many defined p-values lie in each of `bins` intervals of equal width.
std::vector<std::int64_t> histogram_of(std::span<const double> p_values, std::size_t bins);

enum class EffectScale { kRelative, kAbsolute };

// Plants an effect in the outcome, column 0: times 1 + effect, or plus the effect. Of a ratio,
// whose denominator is column 1, plus the effect times the denominator, so that the ratio moves by
// the effect.
void plant_effect(Moments& treatment, bool is_ratio, EffectScale scale, double effect);

void describe(Describer& d, Uniformity& uniformity);

}  // namespace descant::stats
