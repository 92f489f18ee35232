// SPDX-License-Identifier: Apache-2.0
#pragma once

// Count, means and centred cross products of k columns over units: all that a mean, a ratio and any
// regression adjustment need, and mergeable. Centred, so that large means lose nothing. Merging
// follows Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
// variances" (1979). Values must be finite; callers leave missing rows out before.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descant::stats {

struct Moments {
  explicit Moments(std::size_t columns = 0) : mean(columns, 0.0), cross(columns * columns, 0.0) {}

  std::size_t columns() const { return mean.size(); }
  void add(std::span<const double> row);
  void merge(const Moments& other);

  // Divisor n - 1; NaN below two rows.
  double covariance(std::size_t i, std::size_t j) const;
  double variance(std::size_t i) const { return covariance(i, i); }

  std::int64_t n = 0;
  std::vector<double> mean;
  std::vector<double> cross;  // row-major sum of (x_i - mean_i)(x_j - mean_j)
};

}  // namespace descant::stats
