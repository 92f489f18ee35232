// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/average_treatment_effect.h"

namespace descant::stats {

void describe(Describer& d, AverageTreatmentEffectRequest& request) {
  d.field(request.outcome, {.name = "outcome", .doc = "of each row", .required = true});
  d.field(request.treated,
          {.name = "treated", .doc = "of each row: 0 or 1, false or true", .required = true});
  d.field(request.covariates,
          {.name = "covariates",
           .doc = "by name, of each row, from before the treatment; null is missing"});
  d.field(request.outcome_covariates, {.name = "outcome_covariates",
                                       .doc = "names for the outcome regression; all if left out"});
  d.field(request.propensity_covariates,
          {.name = "propensity_covariates", .doc = "names for the propensity; all if left out"});
  d.field(request.cluster, {.name = "cluster", .doc = "of each row: rows of one depend"});
  d.field(request.method, {.name = "method",
                           .doc = "outcome model, weights, both, or weighted outcome model",
                           .choices = {"aipw", "regression_adjustment", "ipw", "ipwra"}});
  d.field(
      request.estimand,
      {.name = "estimand", .doc = "over all rows, or over the treated", .choices = {"ate", "att"}});
  d.field(request.propensity_model,
          {.name = "propensity_model", .doc = "of being treated", .choices = {"logit", "probit"}});
  describe(d, request.options);
}

void describe(Describer& d, PropensityRange& range) {
  d.field(range.minimum, {.name = "minimum", .doc = "propensity in the arm"});
  d.field(range.mean, {.name = "mean", .doc = "propensity in the arm"});
  d.field(range.maximum, {.name = "maximum", .doc = "propensity in the arm"});
  d.field(range.effective_sample_size,
          {.name = "effective_sample_size", .doc = "rows the weighted arm is worth"});
}

void describe(Describer& d, CovariateBalance& balance) {
  d.field(balance.covariate, {.name = "covariate", .doc = "its name"});
  d.field(balance.before, {.name = "before", .doc = "standardised difference of the arms"});
  d.field(balance.after, {.name = "after", .doc = "the same with the weights"});
}

void describe(Describer& d, Overlap& overlap) {
  d.field(overlap.control, {.name = "control", .doc = "propensities of the untreated"});
  d.field(overlap.treatment, {.name = "treatment", .doc = "propensities of the treated"});
  d.field(overlap.outside_support,
          {.name = "outside_support",
           .doc = "share of rows with a propensity that the other arm does not reach"});
  d.field(overlap.balance, {.name = "balance", .doc = "by covariate"});
}

void describe(Describer& d, EValue& value) {
  d.field(value.scale, {.name = "scale", .doc = "what the risk ratio comes from"});
  d.field(value.risk_ratio, {.name = "risk_ratio", .doc = "of the estimate"});
  d.field(value.estimate,
          {.name = "estimate",
           .doc = "risk ratio a hidden confounder needs with treatment and with outcome to explain "
                  "the effect away"});
  d.field(value.interval,
          {.name = "interval",
           .doc = "the same for the 95 % interval to reach no effect; 1 if it does"});
}

void describe(Describer& d, AverageTreatmentEffect& result) {
  describe(d, result.comparison);
  d.field(result.estimand, {.name = "estimand", .doc = "ate or att"});
  d.field(result.overlap, {.name = "overlap", .doc = "have rows their like in the other arm?"});
  d.field(result.e_value, {.name = "e_value", .doc = "how much hidden confounding it stands"});
}

}  // namespace descant::stats
