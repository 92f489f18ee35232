// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an A/A test needs: the same units assigned to two arms again and again at random, and each
// time both arms' moments of every metric. Every unit goes to the treatment with probability
// `treatment_share` of its own (as hashed assignment does); with `cluster`, whole clusters go. The
// moments of a replicate are those that any comparison takes: column 0 is the outcome, or its
// numerator with the denominator in column 1; covariates follow. Units a metric does not include
// count in neither arm. Sums are taken about each column's mean, so that large means lose nothing.
// Only the treatment's sums are taken, since the totals are known, and those of 64 units at a time
// by table: the sums of all subsets of 4 units, looked up by the replicate's assignment ("Four
// Russians", Arlazarov et al. 1970). Assignments depend on the seed, the replicate and the unit
// alone, and results on nothing else. Errors: columns of different lengths, values that are not
// finite among included units, a share outside (0, 1). No units: moments of n = 0.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "base/result.h"
#include "stats/moments.h"

namespace descant::stats {

// One metric by unit. The spans are the caller's and must outlive the call.
struct MetricColumns {
  std::vector<std::span<const double>> columns;
  std::span<const std::uint8_t> included = {};  // 1 where the metric has the unit; empty: all
};

struct Rerandomisation {
  std::uint64_t seed = 1;
  std::size_t replicates = 1000;
  double treatment_share = 0.5;
  std::span<const std::uint32_t> cluster = {};  // by unit, from 0 to units - 1; empty: each alone
  std::size_t threads = 0;                      // 0: all
};

struct ArmMoments {
  Moments control;
  Moments treatment;
};

// The moments of all replicates, kept as sums.
class RerandomisedMoments {
 public:
  std::size_t replicates() const { return totals_.empty() ? 0 : sums_.size() / totals_.size(); }
  std::size_t metrics() const { return metrics_.size(); }
  ArmMoments arms(std::size_t replicate, std::size_t metric) const;

  // Where a metric's sums stand in a replicate's row: its units, its columns about their centres,
  // and the columns' products (upper triangle by row).
  struct Layout {
    std::size_t count = 0;
    std::size_t first_sum = 0;
    std::size_t first_product = 0;
    std::vector<double> centre;  // subtracted from each column
  };
  RerandomisedMoments(std::vector<Layout> metrics, std::vector<double> totals,
                      std::vector<double> sums);

 private:
  std::vector<Layout> metrics_;
  std::vector<double> totals_;  // of one row
  std::vector<double> sums_;    // of the treatment, a row per replicate
};

Result<RerandomisedMoments> rerandomise(std::span<const MetricColumns> metrics, std::size_t units,
                                        const Rerandomisation& options, const Watch& watch = {});

// The units of a replicate's treatment, for statistics that need rows: 1 is the treatment.
std::vector<std::uint8_t> assignment(std::size_t units, const Rerandomisation& options,
                                     std::size_t replicate);

}  // namespace descant::stats
