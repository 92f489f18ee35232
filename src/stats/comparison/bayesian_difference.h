// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a prior and the data together say of an effect. `normal`: the estimated effect is normal
// around the true one, whose prior is normal, on the relative effect unless the scale is absolute;
// no prior, or one that is not proper, is flat. `beta_binomial`: the arms' shares have the same
// beta prior each, and everything is of their difference, by quadrature and without simulation
// (probability and loss as in Stucchio 2015, "Bayesian A/B testing at VWO", sections 7 and 8).
// probability_better: that the treatment is better by `direction`. risk: the expected loss of
// choosing an arm, E[max(effect, 0)] for the control when an increase is good, E[max(-effect, 0)]
// for the treatment. The comparison beside them knows no prior and has a normal reference. An
// effect without an estimate or variance has NaN and a warning, even under a proper prior.

#include <optional>
#include <string>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/outcome.h"

namespace descant::stats {

struct EffectPrior {
  double mean = 0;
  double variance = 1;
  bool proper = true;
  std::optional<std::string> scale = {};  // as in BayesianPlan, which may say it instead
};

struct BayesianPlan {
  std::string model = "normal";      // normal | beta_binomial
  std::optional<EffectPrior> prior;  // none: flat
  std::optional<std::string> scale;  // relative (normal's default) | absolute
  double prior_alpha = 1;
  double prior_beta = 1;
};

struct ArmRisk {
  double control = kUndefined;
  double treatment = kUndefined;
};

struct BayesianComparison {
  Comparison comparison;
  std::string scale;
  double probability_better = kUndefined;
  ArmRisk risk;
  EffectInterval credible_interval;  // estimate and standard_error: of the posterior
};

Result<BayesianComparison> bayesian_difference(const EstimatePair& pair, const BayesianPlan& plan,
                                               const ComparisonOptions& options);
Result<BayesianComparison> beta_binomial_difference(const SuccessCount& control,
                                                    const SuccessCount& treatment,
                                                    const BayesianPlan& plan,
                                                    const ComparisonOptions& options);

void describe(Describer& d, EffectPrior& prior);
void describe(Describer& d, BayesianPlan& plan);
void describe(Describer& d, ArmRisk& risk);
void describe(Describer& d, BayesianComparison& result);

}  // namespace descant::stats
