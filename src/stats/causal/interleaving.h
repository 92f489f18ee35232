// SPDX-License-Identifier: Apache-2.0
#pragma once

// An interleaved ranking credits each click, or stream, to the ranker that placed the item. A
// unit's credit share of an arm is (its wins + ties / 2) / (all three); the Comparison is the t
// test on units' credit, treatment share minus control share, in which every unit counts the same.
// `preference` is Delta_AB, the treatment's share of all wins with ties halved, less 1/2, whose
// interval is bootstrapped over units (Chapelle, Joachims, Radlinski and Yue 2012, ACM TOIS 30,
// section 4). The sign test is exact on the units that prefer one arm, with Clopper and Pearson's
// interval. Units without wins and ties are left out and counted. Negative counts are errors; fewer
// than two units give NaN and a warning.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct InterleavingUnit {
  double wins_control = 0;
  double wins_treatment = 0;
  double ties = 0;
};

struct InterleavingOptions {
  std::int64_t replicates = 1000;  // of the bootstrap
  std::uint64_t seed = 0;
  ComparisonOptions comparison;
};

struct SignTest {
  std::int64_t prefer_control = 0;
  std::int64_t prefer_treatment = 0;
  std::int64_t undecided = 0;
  double share = kUndefined;  // of the decided that prefer the treatment
  double lower = kUndefined;
  double upper = kUndefined;
  double p_value = kUndefined;
};

struct InterleavingResult {
  Comparison comparison;
  EffectInterval preference;
  SignTest sign_test;
  std::int64_t empty_units = 0;
};

Result<InterleavingResult> interleaving(const std::vector<InterleavingUnit>& units,
                                        const InterleavingOptions& options);

// Rows as a request gives them; the rows of one unit are added up.
struct InterleavingRequest {
  std::vector<Json> unit;
  std::vector<double> wins_control;
  std::vector<double> wins_treatment;
  std::optional<std::vector<double>> ties;
  InterleavingOptions options;
};

Result<InterleavingResult> interleaving_of_rows(const InterleavingRequest& request);

void describe(Describer& d, InterleavingRequest& request);
void describe(Describer& d, SignTest& test);
void describe(Describer& d, InterleavingResult& result);

}  // namespace descant::stats
