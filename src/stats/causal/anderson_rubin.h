// SPDX-License-Identifier: Apache-2.0
#pragma once

// Anderson and Rubin's test and region from a reduced form: the coefficients of outcome and of
// treatment received on the instruments, with their joint covariance under whichever errors were
// chosen (Anderson and Rubin 1949, Annals of Mathematical Statistics 20; Andrews, Stock and Sun
// 2019, Annual Review of Economics 11, section 5). An effect b is inside when F of the coefficients
// of outcome - b treatment is below its quantile. That is a quadratic in b when there is one
// instrument or errors are classical, solved as such; else the line is searched on a grid that is
// fine near `centre` and reaches infinity. NaN anywhere gives an empty region and NaN.

#include <optional>
#include <vector>

#include <Eigen/Core>

#include "stats/causal/design_matrix.h"
#include "stats/causal/encouragement.h"

namespace descant::stats {

enum class ErrorKind { kClassical, kRobust, kCluster };

// HC1 or CR1 factor of a sandwich's middle; 1 for classical errors.
double small_sample_factor(ErrorKind kind, double n, double parameters,
                           const std::optional<CodedLabels>& clusters);

// For q instruments: q coefficients each, and q x q covariances between them.
struct ReducedForm {
  Eigen::VectorXd outcome;
  Eigen::VectorXd treatment;
  Eigen::MatrixXd outcome_covariance;
  Eigen::MatrixXd cross_covariance;
  Eigen::MatrixXd treatment_covariance;
  double denominator_degrees = kUndefined;
  bool proportional = false;  // the three covariances are multiples of one matrix
};

// F statistic of outcome - effect * treatment.
double anderson_rubin_statistic(const ReducedForm& form, double effect);

std::vector<RegionPiece> anderson_rubin_region(const ReducedForm& form, double confidence_level,
                                               double centre, double scale);

}  // namespace descant::stats
