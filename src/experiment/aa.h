// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the experiment's own tests behave when nothing differs: its real units are assigned again and
// again at random, as the definition shares them between control and one treatment, and each time
// every metric is compared as it would be. Told are the false-positive rate with its
// Clopper-Pearson interval, whether the p-values are uniform (Kolmogorov and Smirnov, with
// Stephens' correction), the power at the effect the definition states, and how often the whole
// decision rule would have shipped or stopped. Rates outside their interval mean that a test does
// not hold what it promises for these units: heavy tails, few units, dependence. Depends on the
// seed, never on the threads.

#include <cstdint>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/parallel.h"
#include "base/result.h"
#include "experiment/readout.h"

namespace descant::experiment {

struct AaOptions {
  std::size_t replicates = 2000;
  std::uint64_t seed = 1;
  double alpha = 0.05;  // of the two-sided test whose false positives are counted
  std::size_t threads = 0;
};

// A share of replicates with its 95% Clopper-Pearson interval.
struct Rate {
  std::int64_t count = 0;
  double estimate = stats::kUndefined;
  double lower = stats::kUndefined;
  double upper = stats::kUndefined;
};

struct AaMetric {
  std::string name;
  std::string role;
  std::int64_t units = 0;
  Rate false_positives;     // two-sided, at the options' alpha
  bool as_promised = true;  // alpha lies in their 99.9% interval
  double uniformity_statistic = stats::kUndefined;
  double uniformity_p_value = stats::kUndefined;
  double effect = stats::kUndefined;  // absolute; a margin for a guardrail
  double alpha_used = stats::kUndefined;
  Rate power;  // to find the effect, or that the margin is kept, one-sided at alpha_used
};

struct AaDecisions {
  Rate ship, stop, other;
};

struct AaResult {
  std::string experiment;
  std::string as_of;
  std::int64_t replicates = 0;
  std::uint64_t seed = 0;
  double alpha = stats::kUndefined;
  double treatment_share = stats::kUndefined;
  std::vector<AaMetric> metrics;
  AaDecisions decisions;  // of the whole rule
  Warnings warnings;
};

Rate rate_of(std::int64_t count, std::int64_t total);
Rate rate_of(std::int64_t count, std::int64_t total, double level);

Result<AaResult> run_aa(const UnitReadout& readout, const AaOptions& options,
                        const Watch& watch = {});

void describe(Describer& d, Rate& rate);
void describe(Describer& d, AaMetric& metric);
void describe(Describer& d, AaDecisions& decisions);
void describe(Describer& d, AaResult& result);

}  // namespace descant::experiment
