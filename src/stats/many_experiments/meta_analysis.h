// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pools estimates of the same effect from several studies by inverse variance. `fixed` takes them
// for one effect; the others let the true effects vary with variance tau squared, estimated by
// DerSimonian and Laird (1986), by restricted maximum likelihood (`reml`, Fisher scoring as in
// Viechtbauer 2005, section 2) or by Paule and Mandel (1982). `knapp_hartung` (2003) replaces the
// normal reference by t with k - 1 degrees of freedom and scales the standard error by the observed
// spread. Q is Cochran's, always with the fixed weights. I squared is a share: of `reml` and
// `paule_mandel` by tau squared and the typical within-study variance (Higgins and Thompson 2002),
// which for the other two is (Q - (k - 1)) / Q. The prediction interval of a new study's true
// effect has k - 2 degrees of freedom (Higgins, Thompson, Spiegelhalter 2009). No studies: NaN and
// a warning; one: that study. A standard error that is not positive, or a number that is not
// finite, is an error naming it.

#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct MetaAnalysisRequest {
  std::vector<double> estimates;
  std::vector<double> standard_errors;
  std::string method = "reml";
  double confidence_level = 0.95;
  bool knapp_hartung = false;
};

struct PredictionInterval {
  double lower = kUndefined;
  double upper = kUndefined;
};

struct MetaAnalysisResult {
  std::string method;
  std::int64_t studies = 0;
  double estimate = kUndefined;
  double standard_error = kUndefined;
  double lower = kUndefined;
  double upper = kUndefined;
  double statistic = kUndefined;
  double degrees_of_freedom = kUndefined;
  double p_value = kUndefined;
  double tau_squared = kUndefined;
  double i_squared = kUndefined;
  double q = kUndefined;
  double q_degrees_of_freedom = kUndefined;
  double q_p_value = kUndefined;
  PredictionInterval prediction_interval;
  std::vector<double> weights;
  Warnings warnings;
};

Result<MetaAnalysisResult> meta_analysis(const MetaAnalysisRequest& request);

// Estimates with positive standard errors, one of each; shared by what works on many experiments.
Result<void> check_effects(const std::vector<double>& estimates,
                           const std::vector<double>& standard_errors);

void describe(Describer& d, MetaAnalysisRequest& request);
void describe(Describer& d, PredictionInterval& interval);
void describe(Describer& d, MetaAnalysisResult& result);

}  // namespace descant::stats
