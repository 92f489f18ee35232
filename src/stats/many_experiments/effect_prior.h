// SPDX-License-Identifier: Apache-2.0
#pragma once

// The distribution that the true effects of many experiments come from, as a mixture of normals,
// and what it makes of one estimate. A point at a value is a component without variance; Student's
// t is a mixture over its scale. Fitting maximises the marginal likelihood of the estimates
// (empirical Bayes type II; Efron and Morris 1973): over the scale by the root of its score,
// searched from a grid over sixteen decades, with the location or the share of nulls profiled out.
// Estimates and standard errors are finite and positive (check_effects); callers see to it.

#include <span>
#include <vector>

#include "stats/comparison.h"

namespace descant::stats {

struct PriorComponent {
  double weight = 1;
  double mean = 0;
  double variance = 0;
};
using PriorComponents = std::vector<PriorComponent>;

struct EffectPosterior {
  double mean = kUndefined;
  double variance = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
  double probability_positive = kUndefined;
  double probability_null = kUndefined;  // of the component without variance
};

EffectPosterior posterior_of(const PriorComponents& prior, double estimate, double standard_error,
                             double confidence_level);

struct FittedPrior {
  double mean = 0;
  double variance = 0;    // of the normal or the slab; squared scale of t
  double null_share = 0;  // spike and slab
  double log_likelihood = kUndefined;
  PriorComponents components;
};

struct Effects {
  std::span<const double> estimates;
  std::span<const double> standard_errors;
};

// A NaN mean is estimated.
FittedPrior fit_normal(const Effects& effects, double mean);
FittedPrior fit_spike_and_slab(const Effects& effects, double slab_mean);
FittedPrior fit_t(const Effects& effects, double mean, double degrees_of_freedom);

}  // namespace descant::stats
