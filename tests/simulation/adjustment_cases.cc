// SPDX-License-Identifier: Apache-2.0
// Comparisons with covariates.
#include <cmath>

#include "worlds.h"

namespace descant::simulation {
namespace {

double skewed_noise(Random& random) {
  const double e = std::exp(1.0);
  return (std::exp(random.normal()) - std::sqrt(e)) / std::sqrt((e - 1) * e);
}

}  // namespace

std::vector<Case> adjustment_cases() {
  const auto usual = with_covariates("covariate", {100, 100}, {});
  const auto skewed = with_covariates("covariate, skewed", {500, 500}, {.noise = skewed_noise});
  const auto small = without_formula(with_covariates("covariate, small", {10, 10}, {}));
  const auto many = with_covariates("four covariates, small", {10, 10}, {.covariates = 4});
  const auto slopes =
      with_covariates("covariate, unequal arms and slopes", {450, 50}, {.slope_change = 0.8});
  const auto missing = with_covariates("covariate, a third missing", {100, 100}, {.missing = 0.3});
  const auto ratios = ratio_with_covariates("ratio with covariate", {200, 200});
  const std::string op = "adjusted_difference", cuped = R"({"method": "cuped"})",
                    per_arm = R"({"method": "cuped_per_arm"})", lin = R"({"method": "lin"})",
                    robust = R"({"method": "lin", "robust": true})";
  const char* const coefficients = "the error of coefficients fitted to so few units is left out";
  using enum Rule;
  return {
      {op, cuped, usual, kRough, kRough},
      {op, cuped, skewed, kRough, kRough, {.power_slack = 0.05}},
      {op, cuped, small, kRough, kRough},
      {op, cuped, many, kFails, kFails, because(coefficients)},
      {op, cuped, slopes, kRough, kRough},
      {op, cuped, missing, kRough, kRough},
      {op, R"({"method": "cuped"})", ratios, kRough, kRough, {.label = "cuped of a ratio"}},
      {op, per_arm, usual, kRough, kRough},
      {op, per_arm, small, kRough, kRough},
      {op, per_arm, slopes, kRough, kRough},
      {op, lin, usual, kRough, kRough},
      {op, lin, skewed, kRough, kRough, {.power_slack = 0.05}},
      {op, lin, small, kRough, kRough},
      {op, lin, many, kRough, kRough},
      {op, lin, slopes, kRough, kRough},
      {op, robust, usual, kRough, kRough},
      {op, robust, small, kRough, kRough},
      {op, robust, slopes, kRough, kRough},
  };
}

}  // namespace descant::simulation
