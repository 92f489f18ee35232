// SPDX-License-Identifier: Apache-2.0
#pragma once

// Draws from one binomial distribution, and its quantiles, by a table of its cumulative
// probabilities: exact inversion at the cost of a binary search. The table holds the values whose
// probability is above 1e-20 of the mode's, about 10 standard deviations each way, so n of 10^9
// costs megabytes. Probabilities follow from the mode by their ratio (n - k) / (k + 1) p / (1 - p).

#include <cstdint>
#include <vector>

#include "base/random.h"

namespace descant::stats {

class BinomialDraws {
 public:
  BinomialDraws(std::int64_t n, double probability);  // n >= 0, probability in (0, 1)

  // The least k with P(at most k) >= p.
  std::int64_t quantile(double p) const;
  std::int64_t draw(Random& random) const { return quantile(random.uniform()); }
  std::int64_t least() const { return first_; }  // that the table holds
  std::int64_t most() const { return first_ + static_cast<std::int64_t>(cumulative_.size()) - 1; }

 private:
  std::int64_t first_ = 0;
  std::vector<double> cumulative_;
};

}  // namespace descant::stats
