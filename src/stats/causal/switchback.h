// SPDX-License-Identifier: Apache-2.0
#pragma once

// A switchback experiment: all traffic (of a place) changes arm with time, so the bucket of time,
// and not the row, is what was randomised. An arm's estimate is the mean of its bucket means, or
// total over total when buckets are weighted by their rows; its variance is that between buckets.
// The first `carryover_buckets` buckets after each change of arm are left out, since the other arm
// still shows in them. Buckets that follow one another are alike: the bootstrap draws whole blocks
// of buckets, and the randomisation test deals the arms anew to the blocks and drops carry-over
// anew (Bojinov, Simchi-Levi and Zhao 2023, Management Science 69). A block is `block_buckets`
// buckets, or the stretch between two changes of arm. Few buckets bring a warning, fewer than two
// kept in an arm NaN.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

// Of one place; `sum` over `weight` is its mean. The weight is the number of rows, or the
// denominator of a ratio.
struct SwitchbackBucket {
  std::uint32_t place = 0;
  double time = 0;
  std::uint8_t arm = 0;  // 1 is the treatment
  double sum = 0;
  double weight = 0;
};

struct SwitchbackOptions {
  std::int64_t carryover_buckets = 0;
  std::string weighting = "buckets";  // buckets | rows
  std::optional<std::int64_t> block_buckets;
  std::int64_t bootstrap_replicates = 0;      // 0: no bootstrap
  std::int64_t randomisation_replicates = 0;  // 0: no test
  std::uint64_t seed = 0;
  ComparisonOptions comparison;
};

struct BucketCounts {
  std::int64_t control = 0;  // kept
  std::int64_t treatment = 0;
  std::int64_t dropped = 0;  // as carry-over
  std::int64_t switches = 0;
  std::int64_t blocks = 0;
};

struct SwitchbackResult {
  Comparison comparison;  // n counts kept buckets
  BucketCounts buckets;
  double autocorrelation = kUndefined;  // of kept neighbours' deviations from their arm's mean
  std::optional<EffectInterval> bootstrap;
  std::optional<double> randomisation_p_value;
};

// Buckets in any order; two of one place and time are an error.
Result<SwitchbackResult> switchback(std::vector<SwitchbackBucket> buckets,
                                    const SwitchbackOptions& options);

// Rows as a request gives them; place is optional.
struct SwitchbackRequest {
  std::vector<Json> time_bucket;
  std::vector<Json> arm;
  std::vector<double> outcome;
  std::optional<std::vector<double>> denominator;
  std::optional<std::vector<Json>> place;
  std::optional<Json> control;
  SwitchbackOptions options;
};

Result<SwitchbackResult> switchback_of_rows(const SwitchbackRequest& request);

void describe(Describer& d, SwitchbackRequest& request);
void describe(Describer& d, BucketCounts& counts);
void describe(Describer& d, SwitchbackResult& result);

}  // namespace descant::stats
