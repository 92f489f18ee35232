// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two-stage least squares for one treatment received, by one instrument or several (Wooldridge
// 2010, chapter 5), after Frisch and Waugh: all are first cleared of intercept and covariates.
// Errors are classical (divisor n - parameters), robust (HC1) or clustered (CR1, t with clusters
// - 1). With one 0/1 instrument and no covariates the estimate is Wald's ratio, the local average
// treatment effect; with a 0/1 treatment the arms' estimates are the compliers' mean outcomes
// without and with treatment (Imbens and Rubin 1997, Review of Economic Studies 64), whose
// difference is the effect. The Anderson-Rubin (1949) region holds with weak instruments and may be
// unbounded, in pieces, or empty. Sargan's (1958) test needs more instruments than one. No first
// stage, too few rows or collinear instruments: NaN and a warning.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/causal/design_matrix.h"
#include "stats/causal/encouragement.h"
#include "stats/comparison.h"

namespace descant::stats {

struct InstrumentalVariablesRequest {
  std::vector<double> outcome;
  std::vector<double> treatment_received;
  Json instrument;  // a list, or lists by name
  Covariates covariates;
  std::optional<std::vector<Json>> cluster;
  std::string standard_errors = "auto";  // auto | classical | robust | cluster
  ComparisonOptions options;
};

struct FirstStage {
  std::vector<std::string> instruments;
  std::vector<double> coefficients;
  double f_statistic = kUndefined;
  double numerator_degrees = kUndefined;
  double denominator_degrees = kUndefined;
  double p_value = kUndefined;
  double partial_r_squared = kUndefined;
};

struct AndersonRubin {
  double statistic = kUndefined;  // F, of the null value
  double p_value = kUndefined;
  std::vector<RegionPiece> region;
};

struct ChiSquaredTest {
  double statistic = kUndefined;
  double degrees_of_freedom = kUndefined;
  double p_value = kUndefined;
};

struct InstrumentalVariables {
  Comparison comparison;
  std::int64_t n = 0;
  std::string standard_errors;
  FirstStage first_stage;
  AndersonRubin anderson_rubin;
  std::optional<ChiSquaredTest> sargan;
  EffectInterval least_squares;  // of the outcome on the treatment received, for contrast
};

Result<InstrumentalVariables> instrumental_variables(const InstrumentalVariablesRequest& request);

void describe(Describer& d, InstrumentalVariablesRequest& request);
void describe(Describer& d, FirstStage& stage);
void describe(Describer& d, AndersonRubin& test);
void describe(Describer& d, ChiSquaredTest& test);
void describe(Describer& d, InstrumentalVariables& result);

}  // namespace descant::stats
