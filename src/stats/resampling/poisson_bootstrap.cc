// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/poisson_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/parallel.h"
#include "base/random.h"
#include "stats/order_statistics.h"
#include "stats/resampling/kernels/kernels.h"

namespace descant::stats {
namespace {

constexpr std::size_t kReplicatesPerMorsel = 32;

std::size_t blocks_of(std::size_t units) {
  return (units + kWeightBlockUnits - 1) / kWeightBlockUnits;
}

// Calls work(first, count) for all replicates, some at a time.
Result<void> for_replicates(std::size_t replicates,
                            const std::function<void(std::size_t, std::size_t)>& work) {
  const std::size_t morsels = (replicates + kReplicatesPerMorsel - 1) / kReplicatesPerMorsel;
  return for_each_morsel(morsels, thread_count(), [&](std::size_t morsel, std::size_t) {
    const std::size_t first = morsel * kReplicatesPerMorsel;
    work(first, std::min(kReplicatesPerMorsel, replicates - first));
    return Result<void>();
  });
}

BootstrapArm undefined_arm(std::size_t n, const PoissonBootstrap& options) {
  BootstrapArm out;
  out.arm.n = static_cast<std::int64_t>(n);
  out.estimates.assign(options.replicates, kUndefined);
  if (options.with_variances) out.variances = out.estimates;
  return out;
}

// ---- ratios ----

// z, the denominator b, and where variances are wanted z^2, z b and b^2; padded to whole blocks.
std::vector<std::vector<double>> ratio_columns(std::span<const double> numerator,
                                               std::span<const double> denominator, double ratio,
                                               bool with_products) {
  const std::size_t n = numerator.size();
  std::vector<std::vector<double>> columns(
      with_products ? 5 : 2, std::vector<double>(blocks_of(n) * kWeightBlockUnits, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    const double b = denominator[i];
    const double z = numerator[i] - ratio * b;
    columns[0][i] = z;
    columns[1][i] = b;
    if (!with_products) continue;
    columns[2][i] = z * z;
    columns[3][i] = z * b;
    columns[4][i] = b * b;
  }
  return columns;
}

// The weighted sums of the columns in `count` replicates, [replicate][column].
std::vector<double> weighted_sums(const std::vector<std::vector<double>>& columns,
                                  const PoissonBootstrap& options, std::size_t first,
                                  std::size_t count) {
  const std::size_t k = columns.size();
  std::vector<std::uint64_t> states;
  for (std::size_t r = first; r < first + count; ++r)
    states.push_back(Random(options.seed, options.purpose, r).state());
  std::vector<double> lanes(count * k * kSumLanes, 0.0);
  std::vector<const double*> at(k);
  for (std::size_t block = 0; block < columns[0].size() / kWeightBlockUnits; ++block) {
    for (std::size_t c = 0; c < k; ++c) at[c] = columns[c].data() + block * kWeightBlockUnits;
    kernels().poisson_sums(
        {at.data(), k, states.data(), block * kWordsPerWeightBlock, count, lanes.data()});
  }
  std::vector<double> sums(count * k);
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] = std::accumulate(&lanes[i * kSumLanes], &lanes[i * kSumLanes] + kSumLanes, 0.0);
  return sums;
}

// ---- quantiles ----

// The weights of sorted values, a block at a time. Of clustered values a cluster's own.
class SortedWeights {
 public:
  SortedWeights(std::size_t n, std::span<const std::uint32_t> cluster, std::size_t clusters,
                const Random& stream)
      : n_(n), cluster_(cluster), stream_(stream) {
    if (cluster_.empty()) return;
    by_cluster_.resize(blocks_of(clusters) * kWeightBlockUnits);
    for (std::size_t block = 0; block < blocks_of(clusters); ++block)
      kernels().poisson_weights(
          {stream_.state(), block * kWordsPerWeightBlock, &by_cluster_[block * kWeightBlockUnits]});
  }

  // Fills kWeightBlockUnits weights, 0 beyond the last value, and gives their sum.
  std::uint64_t fill(std::size_t block, std::uint16_t* weights) const {
    const std::size_t first = block * kWeightBlockUnits;
    const std::size_t used = std::min(kWeightBlockUnits, n_ - first);
    if (cluster_.empty()) {
      const std::uint64_t sum =
          kernels().poisson_weights({stream_.state(), block * kWordsPerWeightBlock, weights});
      if (used == kWeightBlockUnits) return sum;
    } else {
      for (std::size_t i = 0; i < used; ++i) weights[i] = by_cluster_[cluster_[first + i]];
    }
    std::fill(weights + used, weights + kWeightBlockUnits, std::uint16_t{0});
    return std::accumulate(weights, weights + used, std::uint64_t{0});
  }

 private:
  std::size_t n_;
  std::span<const std::uint32_t> cluster_;
  Random stream_;
  std::vector<std::uint16_t> by_cluster_;
};

// One replicate's order statistics: each sorted value as often as its weight says.
class WeightedSample {
 public:
  WeightedSample(std::span<const double> sorted, const SortedWeights& weights)
      : sorted_(sorted), weights_(weights) {
    for (std::size_t block = 0; block < blocks_of(sorted.size()); ++block)
      block_ends_.push_back(size_ += weights_.fill(block, buffer_));
  }

  std::uint64_t size() const { return size_; }

  double at(std::uint64_t rank) {
    const auto block = static_cast<std::size_t>(
        std::upper_bound(block_ends_.begin(), block_ends_.end(), rank) - block_ends_.begin());
    std::uint64_t left = rank - (block == 0 ? 0 : block_ends_[block - 1]);
    if (block != buffered_) weights_.fill(buffered_ = block, buffer_);
    std::size_t i = 0;
    while (left >= buffer_[i]) left -= buffer_[i++];
    return sorted_[block * kWeightBlockUnits + i];
  }

 private:
  std::span<const double> sorted_;
  const SortedWeights& weights_;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> block_ends_;
  std::uint16_t buffer_[kWeightBlockUnits];
  std::size_t buffered_ = ~std::size_t{0};
};

struct SortedRows {
  std::vector<double> values;
  std::vector<std::uint32_t> cluster;
  std::size_t clusters = 0;
};

SortedRows sorted_rows(std::span<const double> values, std::span<const std::uint32_t> cluster) {
  SortedRows out;
  if (cluster.empty()) {
    out.values.assign(values.begin(), values.end());
    std::sort(out.values.begin(), out.values.end());
    return out;
  }
  std::vector<std::pair<double, std::uint32_t>> pairs;
  for (std::size_t i = 0; i < values.size(); ++i) pairs.emplace_back(values[i], cluster[i]);
  std::sort(pairs.begin(), pairs.end());
  for (const auto& [value, label] : pairs) {
    out.values.push_back(value);
    out.cluster.push_back(label);
    out.clusters = std::max<std::size_t>(out.clusters, label + 1U);
  }
  return out;
}

double squared(double x) { return x * x; }

// (Y_U - Y_L)^2 / 4 z^2; `at` gives an order statistic.
template <class At>
double outer_variance(std::size_t n, double quantile, double z, At at) {
  if (n < 2) return kUndefined;
  const auto outer = outer_ranks(n, quantile, z);
  return squared((at(outer.upper) - at(outer.lower)) / (2 * z));
}

// The influence of a unit, or of a cluster's units together, is (q - 1{Y <= estimate}) over n times
// the density, which the standard error of independent units implies.
void set_influence(BootstrapArm& out, const SortedRows& rows, double quantile, double variance) {
  const auto n = static_cast<double>(rows.values.size());
  const double scale = std::sqrt(variance / (quantile * (1 - quantile) * n));
  std::vector<double> influence(rows.cluster.empty() ? 0 : rows.clusters, 0.0);
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    const double unit = scale * (quantile - (rows.values[i] <= out.arm.estimate ? 1 : 0));
    if (rows.cluster.empty())
      influence.push_back(unit);
    else
      influence[rows.cluster[i]] += unit;
  }
  for (const double x : influence) {
    out.influence_squares += x * x;
    out.influence_cubes += x * x * x;
  }
}

}  // namespace

Result<BootstrapArm> bootstrap_ratio(std::span<const double> numerator,
                                     std::span<const double> denominator,
                                     const PoissonBootstrap& options) {
  BootstrapArm out = undefined_arm(numerator.size(), options);
  const double total = std::accumulate(denominator.begin(), denominator.end(), 0.0);
  if (total == 0) return out;  // no units either
  const double ratio = std::accumulate(numerator.begin(), numerator.end(), 0.0) / total;
  const auto n = static_cast<double>(numerator.size());
  const double correction = n / (n - 1);
  out.arm.estimate = ratio;
  for (std::size_t i = 0; i < numerator.size(); ++i) {
    const double influence = (numerator[i] - ratio * denominator[i]) / total;
    out.influence_squares += influence * influence;
    out.influence_cubes += influence * influence * influence;
  }
  out.variance = n < 2 ? kUndefined : out.influence_squares * correction;
  const auto columns = ratio_columns(numerator, denominator, ratio, options.with_variances);
  DESCANT_CHECK(for_replicates(options.replicates, [&](std::size_t first, std::size_t count) {
    const auto sums = weighted_sums(columns, options, first, count);
    for (std::size_t r = 0; r < count; ++r) {
      const double* const s = &sums[r * columns.size()];
      if (s[1] == 0) continue;
      const double shift = s[0] / s[1];
      out.estimates[first + r] = ratio + shift;
      if (options.with_variances)
        out.variances[first + r] =
            (s[2] - 2 * shift * s[3] + shift * shift * s[4]) / (s[1] * s[1]) * correction;
    }
  }));
  return out;
}

Result<BootstrapArm> bootstrap_quantile(std::span<const double> values,
                                        std::span<const std::uint32_t> cluster, double quantile,
                                        double z, const PoissonBootstrap& options) {
  BootstrapArm out = undefined_arm(values.size(), options);
  if (values.empty()) return out;
  const SortedRows rows = sorted_rows(values, cluster);
  const auto sorted_at = [&](std::size_t rank) { return rows.values[rank]; };
  out.arm.estimate = quantile_of_sorted(rows.values, quantile);
  out.variance = outer_variance(values.size(), quantile, z, sorted_at);
  set_influence(out, rows, quantile, out.variance);
  DESCANT_CHECK(for_replicates(options.replicates, [&](std::size_t first, std::size_t count) {
    for (std::size_t r = first; r < first + count; ++r) {
      const SortedWeights weights(values.size(), rows.cluster, rows.clusters,
                                  Random(options.seed, options.purpose, r));
      WeightedSample sample(rows.values, weights);
      if (sample.size() == 0) continue;
      const auto ranks = quantile_ranks(sample.size(), quantile);
      out.estimates[r] = ranks.of(sample.at(ranks.lower), sample.at(ranks.upper));
      if (options.with_variances)
        out.variances[r] = outer_variance(sample.size(), quantile, z,
                                          [&](std::size_t rank) { return sample.at(rank); });
    }
  }));
  return out;
}

}  // namespace descant::stats
