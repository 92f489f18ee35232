// SPDX-License-Identifier: Apache-2.0
#pragma once

// Worlds of two arms: what the units' values look like, how many units there are, and what comes
// with them (denominators, covariates, strata, clusters). The treatment adds the effect to each
// value, so that it moves means and quantiles alike; a share moves by it. Effects of a detection
// chance near 0.8 for a test of the mean are chosen where none is given.

#include <vector>

#include "calibration.h"

namespace descant::simulation {

struct Shape {
  double (*draw)(Random&);
  double mean = 0;
  double variance = 1;
  std::string about;
};

Shape normal_shape(double mean, double standard_deviation);  // 10 and 2, or 10 and 4
Shape skewed_shape();                                        // lognormal, skewness 6.2
Shape zero_inflated_shape();  // four in five are 0, the rest exponential
Shape heavy_tailed_shape();   // Pareto, index 2.5: a variance but no skewness

struct Sizes {
  int control = 100;
  int treatment = 100;
};

// 2.8 standard errors of a difference of means.
double detectable(double control_variance, double treatment_variance, Sizes sizes);

World shifted(std::string name, const Shape& shape, Sizes sizes);
// Arms of different spread, of which the formula knows nothing.
World unequal_spread(std::string name, const Shape& control, const Shape& treatment, Sizes sizes);
// Without effect the treatment sits on `null_difference`, and the effect is added to that.
World shifted_from(std::string name, const Shape& shape, Sizes sizes, double null_difference,
                   double effect);

struct ClusterPlan {
  int clusters = 40;  // an arm
  int rows = 10;  // a cluster; when uneven, of the smallest, and the largest has nine times that
  double intra_cluster_correlation = 0.2;
  bool uneven = false;
};
World clustered(std::string name, ClusterPlan plan);

// `n` and `successes`.
World shares(std::string name, double share, Sizes sizes, double effect = 0);

// Plays over sessions.
World ratio(std::string name, Sizes sizes, bool heavy_denominators = false);

struct CovariatePlan {
  double correlation = 0.7;
  int covariates = 1;       // the first is correlated with the outcome, the rest with nothing
  double slope_change = 0;  // added to the treatment's slope: no effect on the mean
  double missing = 0;       // share
  double (*noise)(Random&) = nullptr;  // default: normal
};
World with_covariates(std::string name, Sizes sizes, CovariatePlan plan);
// The ratio with each unit's earlier ratio as covariates.
World ratio_with_covariates(std::string name, Sizes sizes);

Json arm_of(std::vector<double> values);  // {"values": [..]}
std::vector<double> draw_values(Random& random, const Shape& shape, int n, double shift = 0);

}  // namespace descant::simulation
