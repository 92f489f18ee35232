// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each way of looking at a test costs: the largest and the expected sample size of every
// sequential method that finds the same effect with the same power over the same looks. All of it
// is exact for normal estimates with known variance, from the recursion of
// stats/sequential/stopped_process.h: every method is a set of bounds at the looks, and the largest
// sample is the one at which the effect crosses them with the power asked for. Fixed-power stopping
// ends at a precision, which with a known variance is the fixed sample. An effect or standard
// deviation of 0 is an error.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/sequential/spending.h"

namespace descant::stats {

struct SequentialPlanRequest {
  std::int64_t looks = 5;           // equally spaced
  std::vector<double> information;  // instead of looks
  double alpha = 0.05;
  double power = 0.8;
  double effect = 0;
  double standard_deviation = 1;
  std::int64_t sides = 2;
  double allocation = 0.5;
  std::optional<SpendingFunction> spending;      // one more group-sequential method
  std::optional<double> optimal_n;               // asymptotic
  std::optional<double> optimal_intrinsic_time;  // gavi
  std::optional<double> tau_squared;             // msprt
};

struct PlannedMethod {
  std::string method;
  std::optional<double> parameter;
  double n_maximum = kUndefined;
  double n_expected = kUndefined;
  double n_expected_without_effect = kUndefined;
  double inflation_factor = kUndefined;
  double power = kUndefined;
  double false_positive_rate = kUndefined;
};

struct SequentialPlanResult {
  std::string method = "recursion";
  std::vector<double> information;
  std::vector<PlannedMethod> methods;
  Warnings warnings;
};

Result<SequentialPlanResult> sequential_plan(const SequentialPlanRequest& request);

void describe(Describer& d, SequentialPlanRequest& request);
void describe(Describer& d, PlannedMethod& method);
void describe(Describer& d, SequentialPlanResult& result);

}  // namespace descant::stats
