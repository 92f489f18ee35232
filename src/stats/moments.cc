// SPDX-License-Identifier: Apache-2.0
#include "stats/moments.h"

#include <limits>

namespace descant::stats {

void Moments::add(std::span<const double> row) {
  const std::size_t k = columns();
  ++n;
  const double weight = static_cast<double>(n - 1) / static_cast<double>(n);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j)
      cross[i * k + j] += weight * (row[i] - mean[i]) * (row[j] - mean[j]);
  for (std::size_t i = 0; i < k; ++i) mean[i] += (row[i] - mean[i]) / static_cast<double>(n);
}

void Moments::merge(const Moments& other) {
  if (other.n == 0) return;
  if (n == 0) {
    *this = other;
    return;
  }
  const std::size_t k = columns();
  const double a = static_cast<double>(n);
  const double b = static_cast<double>(other.n);
  const double weight = a * b / (a + b);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j)
      cross[i * k + j] +=
          other.cross[i * k + j] + weight * (other.mean[i] - mean[i]) * (other.mean[j] - mean[j]);
  for (std::size_t i = 0; i < k; ++i) mean[i] += (other.mean[i] - mean[i]) * (b / (a + b));
  n += other.n;
}

double Moments::covariance(std::size_t i, std::size_t j) const {
  if (n < 2) return std::numeric_limits<double>::quiet_NaN();
  return cross[i * columns() + j] / static_cast<double>(n - 1);
}

}  // namespace descant::stats
