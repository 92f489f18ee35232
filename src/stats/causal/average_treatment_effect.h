// SPDX-License-Identifier: Apache-2.0
#pragma once

// The average effect of a treatment that was not randomised, from rows with covariates, assuming
// that these hold whatever moved both treatment and outcome. `regression_adjustment` fits the
// outcome by least squares in each arm, `ipw` weights by the inverse propensity (weights that add
// up to 1), `aipw` does both and is right when either model is (Robins, Rotnitzky and Zhao 1994,
// JASA 89), `ipwra` weights the regressions (Wooldridge 2007, Journal of Econometrics 141).
// `estimand`: `ate` over all rows or `att` over the treated. Errors are those of the stacked
// estimating equations, with every model's own uncertainty (Stefanski and Boos 2002, American
// Statistician 56); reference: normal. Overlap and balance are always shown; the E-value says how
// strong a hidden confounder would have to be (VanderWeele and Ding 2017, Annals of Internal
// Medicine 167). Separation, an arm too small or collinear within itself: NaN and a warning.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/causal/design_matrix.h"
#include "stats/comparison.h"

namespace descant::stats {

struct AverageTreatmentEffectRequest {
  std::vector<double> outcome;
  std::vector<Json> treated;
  Covariates covariates;
  std::optional<std::vector<std::string>> outcome_covariates;     // all
  std::optional<std::vector<std::string>> propensity_covariates;  // all
  std::optional<std::vector<Json>> cluster;
  std::string method = "aipw";
  std::string estimand = "ate";
  std::string propensity_model = "logit";  // logit | probit
  ComparisonOptions options;
};

struct PropensityRange {
  double minimum = kUndefined;
  double mean = kUndefined;
  double maximum = kUndefined;
  double effective_sample_size = kUndefined;  // of the weighted arm (Kish 1965)
};

struct CovariateBalance {
  std::string covariate;
  double before = kUndefined;  // difference in means over the arms' root mean variance
  double after = kUndefined;   // the same with the weights
};

struct Overlap {
  PropensityRange control;
  PropensityRange treatment;
  double outside_support = kUndefined;  // share of rows outside the other arm's range
  std::vector<CovariateBalance> balance;
};

struct EValue {
  std::string scale;  // risk_ratio for a 0/1 outcome, else standardised_mean_difference
  double risk_ratio = kUndefined;
  double estimate = kUndefined;
  double interval = kUndefined;  // of the 95 % interval's end nearer to no effect
};

struct AverageTreatmentEffect {
  Comparison comparison;
  std::string estimand;
  Overlap overlap;
  EValue e_value;
};

Result<AverageTreatmentEffect> average_treatment_effect(
    const AverageTreatmentEffectRequest& request);

void describe(Describer& d, AverageTreatmentEffectRequest& request);
void describe(Describer& d, PropensityRange& range);
void describe(Describer& d, CovariateBalance& balance);
void describe(Describer& d, Overlap& overlap);
void describe(Describer& d, EValue& value);
void describe(Describer& d, AverageTreatmentEffect& result);

}  // namespace descant::stats
