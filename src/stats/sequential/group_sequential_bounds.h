// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bounds of a group-sequential test on the z scale, from information fractions and a spending
// function or a classical family, by the recursion of stats/sequential/stopped_process.h (Jennison
// and Turnbull 2000, chapters 2, 7 and 19). Two sides are symmetric and spend alpha / 2 in each
// tail. Bounds of a spending function depend only on the looks so far, so that looks need not be
// planned; a classical family needs the whole schedule, up to 1. `beta_spending` adds a futility
// bound to a one-sided test: beta = 1 - power is spent below it under the drift at which both
// bounds meet at the end (Pampallona, Tsiatis, Kim 2001). Not binding,
// the upper bound stands as if there were none; binding, its stops lower the upper bound. A bound
// above 8 is infinite here and 8 in the result: it is never crossed. Information that does not
// increase or exceeds 1 is an error.

#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/sequential/spending.h"

namespace descant::stats {

struct GroupSequentialBoundsRequest {
  std::vector<double> information;
  double alpha = 0.05;
  std::int64_t sides = 2;
  SpendingFunction spending;
  std::optional<SpendingFunction> beta_spending;
  bool binding_futility = false;
  double power = 0.8;
};

struct GroupSequentialBoundsResult {
  std::string method;
  std::vector<double> upper;
  std::optional<std::vector<double>> lower;  // none when one-sided without futility
  std::vector<double> alpha_spent;
  std::optional<std::vector<double>> beta_spent;
  std::vector<double> nominal_p;
  double inflation_factor = kUndefined;
  double drift = kUndefined;  // mean of the last look's statistic at the power asked for
  Warnings warnings;
};

Result<GroupSequentialBoundsResult> group_sequential_bounds(
    const GroupSequentialBoundsRequest& request);

// What the other sequential methods compute with: infinite where never crossed.
struct LookBounds {
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> alpha_spent;  // of one tail
  std::vector<double> beta_spent;   // empty without futility
  double drift = kUndefined;        // futility only
};

// The request's fields except that the last look may be above 1 if `overrun`.
Result<void> check_bounds_request(const GroupSequentialBoundsRequest& request, bool overrun);
Result<LookBounds> look_bounds(const GroupSequentialBoundsRequest& request);
// Bounds of a spending function (one tail's alpha): the lower ones are -upper, or minus infinity.
LookBounds spending_bounds(std::span<const double> information, const SpendingFunction& spending,
                           double tail_alpha, bool two_sided);

// Probabilities to stop at each look above, and below, under a drift (the mean of Z at t = 1).
struct StopProbabilities {
  std::vector<double> above;
  std::vector<double> below;
};
StopProbabilities stop_probabilities(std::span<const double> information, const LookBounds& bounds,
                                     double drift);
// The drift under which the bounds are crossed above with this probability, over all looks.
double drift_for_power(std::span<const double> information, const LookBounds& bounds, double power);

void describe_bounds_fields(Describer& d, GroupSequentialBoundsRequest& request);
void describe(Describer& d, GroupSequentialBoundsRequest& request);
void describe(Describer& d, GroupSequentialBoundsResult& result);

}  // namespace descant::stats
