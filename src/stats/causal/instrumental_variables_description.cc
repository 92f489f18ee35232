// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/instrumental_variables.h"

namespace descant::stats {

void describe(Describer& d, InstrumentalVariablesRequest& request) {
  d.field(request.outcome, {.name = "outcome", .doc = "of each row", .required = true});
  d.field(request.treatment_received, {.name = "treatment_received",
                                       .doc = "of each row: what was taken up, 0 or 1 or an amount",
                                       .required = true});
  d.field(request.instrument,
          {.name = "instrument",
           .doc = "of each row: what moved the treatment and nothing else, such as the "
                  "encouragement; a list, or several lists by name",
           .required = true});
  d.field(request.covariates,
          {.name = "covariates", .doc = "by name, of each row; null is missing"});
  d.field(request.cluster, {.name = "cluster", .doc = "of each row: the unit of assignment"});
  d.field(request.standard_errors,
          {.name = "standard_errors",
           .doc = "auto: cluster when clusters are given, else classical; robust is HC1",
           .choices = {"auto", "classical", "robust", "cluster"}});
  describe(d, request.options);
}

void describe(Describer& d, FirstStage& stage) {
  d.field(stage.instruments, {.name = "instruments", .doc = "that were used"});
  d.field(stage.coefficients,
          {.name = "coefficients", .doc = "of the treatment received on each instrument"});
  d.field(stage.f_statistic, {.name = "f_statistic", .doc = "of the instruments together"});
  d.field(stage.numerator_degrees, {.name = "numerator_degrees", .doc = "of F"});
  d.field(stage.denominator_degrees, {.name = "denominator_degrees", .doc = "of F"});
  d.field(stage.p_value, {.name = "p_value", .doc = "of F"});
  d.field(stage.partial_r_squared,
          {.name = "partial_r_squared", .doc = "share of the treatment that instruments explain"});
}

void describe(Describer& d, AndersonRubin& test) {
  d.field(test.statistic, {.name = "statistic", .doc = "F of the null value"});
  d.field(test.p_value, {.name = "p_value", .doc = "of the null value"});
  d.field(test.region, {.name = "region",
                        .doc = "effects not rejected, in pieces; valid with weak instruments"});
}

void describe(Describer& d, ChiSquaredTest& test) {
  d.field(test.statistic, {.name = "statistic", .doc = "chi-squared"});
  d.field(test.degrees_of_freedom, {.name = "degrees_of_freedom", .doc = "of the statistic"});
  d.field(test.p_value, {.name = "p_value", .doc = "upper tail"});
}

void describe(Describer& d, InstrumentalVariables& result) {
  describe(d, result.comparison);
  d.field(result.n, {.name = "n", .doc = "rows"});
  d.field(result.standard_errors, {.name = "standard_errors", .doc = "that were used"});
  d.field(result.first_stage,
          {.name = "first_stage", .doc = "the treatment received on the instruments"});
  d.field(result.anderson_rubin,
          {.name = "anderson_rubin", .doc = "test and region that hold with weak instruments"});
  d.field(result.sargan, {.name = "sargan",
                          .doc = "do several instruments agree? assumes equal variances",
                          .omit_when_empty = true});
  d.field(result.least_squares,
          {.name = "least_squares",
           .doc = "the outcome on the treatment received, which is confounded; for contrast"});
}

}  // namespace descant::stats
