// SPDX-License-Identifier: Apache-2.0
#include "experiment/cell_moments.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/parallel.h"

namespace descant::experiment {

namespace {

constexpr std::size_t kMorselUnitsMin = 32'768;
// Bounds the memory for the cells of all morsels, whatever the size of the table.
constexpr std::size_t kMorselsMax = 64;
// Neighbouring units go to different copies of the cells, so that an addition need not wait for the
// one before it.
constexpr std::size_t kLanes = 2;

std::size_t morsel_units(std::size_t units) {
  return std::max(kMorselUnitsMin, (units + kMorselsMax - 1) / kMorselsMax);
}

double cap_of(const UnitBlock& block, std::size_t column) {
  return block.caps.empty() ? std::numeric_limits<double>::infinity() : block.caps[column];
}

double floor_of(const UnitBlock& block, std::size_t column) {
  return block.floors.empty() ? -std::numeric_limits<double>::infinity() : block.floors[column];
}

// Sums of one cell in one morsel, around the first row it met.
template <std::size_t K>
struct CellSums {
  std::int64_t n = 0;
  std::array<double, K> shift{};
  std::array<double, K> sum{};
  std::array<double, K*(K + 1) / 2> cross{};

  void add(const std::array<double, K>& row) {
    if (n++ == 0) shift = row;
    std::array<double, K> d;
    for (std::size_t i = 0; i < K; ++i) d[i] = row[i] - shift[i];
    for (std::size_t i = 0; i < K; ++i) sum[i] += d[i];
    for (std::size_t i = 0, at = 0; i < K; ++i)
      for (std::size_t j = i; j < K; ++j) cross[at++] += d[i] * d[j];
  }

  // `out` may have fewer columns.
  void store(stats::Moments& out) const {
    const auto count = static_cast<double>(n);
    const std::size_t kept = out.columns();
    out.n = n;
    for (std::size_t i = 0; i < kept; ++i) out.mean[i] = shift[i] + sum[i] / count;
    for (std::size_t i = 0, at = 0; i < kept; at += K - i, ++i)
      for (std::size_t j = i; j < kept; ++j)
        out.cross[i * kept + j] = out.cross[j * kept + i] =
            cross[at + j - i] - sum[i] * (sum[j] / count);
  }
};

struct CellLayout {
  std::span<const Grouping> groupings;
  std::vector<std::size_t> first_cell;  // by grouping
  std::size_t arms = 0;
  std::size_t cells = 0;  // of one lane
};

CellLayout lay_out(std::span<const Grouping> groupings, std::size_t arms) {
  CellLayout layout{groupings, {}, arms, 0};
  for (const auto& grouping : groupings) {
    layout.first_cell.push_back(layout.cells);
    layout.cells += grouping.values * arms;
  }
  return layout;
}

std::vector<GroupedMoments> empty_moments(const CellLayout& layout, std::size_t columns) {
  std::vector<GroupedMoments> empty;
  for (const auto& grouping : layout.groupings)
    empty.emplace_back(grouping.values,
                       std::vector<stats::Moments>(layout.arms, stats::Moments(columns)));
  return empty;
}

template <std::size_t K>
void add_units(const UnitBlock& block, const CellLayout& layout, std::size_t begin, std::size_t end,
               std::vector<CellSums<K>>& cells) {
  std::array<const double*, K> columns;
  std::array<double, K> caps{};
  std::array<double, K> floors{};
  columns.fill(block.columns[0].data());  // columns beyond those of the block are 0
  for (std::size_t i = 0; i < block.columns.size(); ++i) {
    columns[i] = block.columns[i].data();
    caps[i] = cap_of(block, i);
    floors[i] = floor_of(block, i);
  }
  for (std::size_t unit = begin; unit < end; ++unit) {
    if (block.first_day[unit] > block.last_day) continue;
    std::array<double, K> row;
    for (std::size_t i = 0; i < K; ++i)
      row[i] = std::max(std::min(columns[i][unit], caps[i]), floors[i]);
    CellSums<K>* const lane = cells.data() + (unit % kLanes) * layout.cells;
    for (std::size_t g = 0; g < layout.groupings.size(); ++g)
      lane[layout.first_cell[g] + layout.groupings[g].codes[unit] * layout.arms + block.arm[unit]]
          .add(row);
  }
}

template <std::size_t K>
std::vector<GroupedMoments> merge_morsels(const CellLayout& layout, std::size_t columns,
                                          const std::vector<std::vector<CellSums<K>>>& morsels) {
  std::vector<GroupedMoments> merged = empty_moments(layout, columns);
  stats::Moments part(columns);
  for (const auto& cells : morsels)
    for (std::size_t g = 0; g < merged.size(); ++g)
      for (std::size_t cell = 0; cell < layout.groupings[g].values * layout.arms; ++cell) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          const auto& sums = cells[lane * layout.cells + layout.first_cell[g] + cell];
          if (sums.n == 0) continue;
          sums.store(part);
          merged[g][cell / layout.arms][cell % layout.arms].merge(part);
        }
      }
  return merged;
}

template <std::size_t K>
Result<std::vector<GroupedMoments>> run(const UnitBlock& block, const CellLayout& layout,
                                        std::size_t threads) {
  const std::size_t units = block.arm.size();
  std::vector<std::vector<CellSums<K>>> morsels(morsel_count(units));
  auto done = for_each_unit_morsel(units, threads,
                                   [&](std::size_t morsel, std::size_t begin, std::size_t end) {
                                     std::vector<CellSums<K>> cells(kLanes * layout.cells);
                                     add_units<K>(block, layout, begin, end, cells);
                                     morsels[morsel] = std::move(cells);
                                   });
  if (!done) return std::move(done.error());
  return merge_morsels<K>(layout, block.columns.size(), morsels);
}

// Units of a cluster in the order of clusters.
std::vector<std::uint32_t> by_cluster(std::span<const std::uint32_t> cluster) {
  const std::size_t clusters =
      cluster.empty() ? 0 : std::size_t{*std::max_element(cluster.begin(), cluster.end())} + 1;
  std::vector<std::uint32_t> next(clusters + 1, 0);
  for (const std::uint32_t code : cluster) ++next[code + 1];
  for (std::size_t c = 1; c <= clusters; ++c) next[c] += next[c - 1];
  std::vector<std::uint32_t> order(cluster.size());
  for (std::uint32_t unit = 0; unit < cluster.size(); ++unit) order[next[cluster[unit]]++] = unit;
  return order;
}

// Totals of one cluster in the cells its units fall into.
class ClusterTotals {
 public:
  explicit ClusterTotals(std::size_t columns) : columns_(columns) {}

  double* of(std::size_t cell) {
    const auto found = std::find(cells_.begin(), cells_.end(), cell);
    if (found == cells_.end()) {
      cells_.push_back(cell);
      totals_.resize(totals_.size() + columns_, 0.0);
      return totals_.data() + totals_.size() - columns_;
    }
    return totals_.data() + static_cast<std::size_t>(found - cells_.begin()) * columns_;
  }
  void move_into(GroupedMoments& moments, std::size_t arms) {
    for (std::size_t i = 0; i < cells_.size(); ++i)
      moments[cells_[i] / arms][cells_[i] % arms].add(
          std::span(totals_).subspan(i * columns_, columns_));
    cells_.clear();
    totals_.clear();
  }

 private:
  std::size_t columns_;
  std::vector<std::size_t> cells_;
  std::vector<double> totals_;
};

GroupedMoments clusters_of(const UnitBlock& block, const Grouping& grouping,
                           std::span<const std::uint32_t> order, std::size_t arms) {
  const std::size_t columns = block.columns.size();
  GroupedMoments moments(grouping.values,
                         std::vector<stats::Moments>(arms, stats::Moments(columns)));
  ClusterTotals totals(columns);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t unit = order[i];
    if (i > 0 && block.cluster[unit] != block.cluster[order[i - 1]])
      totals.move_into(moments, arms);
    if (block.first_day[unit] > block.last_day) continue;
    double* const total = totals.of(grouping.codes[unit] * arms + block.arm[unit]);
    for (std::size_t k = 0; k < columns; ++k)
      total[k] += std::max(std::min(block.columns[k][unit], cap_of(block, k)), floor_of(block, k));
  }
  totals.move_into(moments, arms);
  return moments;
}

Result<std::vector<GroupedMoments>> cluster_moments(const UnitBlock& block,
                                                    std::span<const Grouping> groupings,
                                                    std::size_t arms, std::size_t threads) {
  const auto order = by_cluster(block.cluster);
  std::vector<GroupedMoments> found(groupings.size());
  DESCANT_CHECK(
      for_each_morsel(groupings.size(), threads, [&](std::size_t g, std::size_t) -> Result<void> {
        found[g] = clusters_of(block, groupings[g], order, arms);
        return {};
      }));
  return found;
}

// The smallest compiled size that holds the columns.
template <std::size_t K, std::size_t... kLarger>
Result<std::vector<GroupedMoments>> run_fitting(const UnitBlock& block, const CellLayout& layout,
                                                std::size_t threads) {
  if constexpr (sizeof...(kLarger) > 0) {
    if (block.columns.size() > K) return run_fitting<kLarger...>(block, layout, threads);
  }
  return run<K>(block, layout, threads);
}

}  // namespace

std::size_t morsel_count(std::size_t units) {
  return (units + morsel_units(units) - 1) / morsel_units(units);
}

Result<void> for_each_unit_morsel(
    std::size_t units, std::size_t threads,
    const std::function<void(std::size_t, std::size_t, std::size_t)>& task) {
  const std::size_t size = morsel_units(units);
  return for_each_morsel(morsel_count(units), threads,
                         [&](std::size_t morsel, std::size_t) -> Result<void> {
                           const std::size_t begin = morsel * size;
                           task(morsel, begin, std::min(begin + size, units));
                           return {};
                         });
}

Result<std::vector<GroupedMoments>> cell_moments(const UnitBlock& block,
                                                 std::span<const Grouping> groupings,
                                                 std::size_t arms, std::size_t threads) {
  if (block.columns.empty() || block.columns.size() > kColumnsMax)
    return internal_error("cell_moments takes 1 to 32 columns");
  const auto fits = [&](const std::vector<double>& limits) {
    return limits.empty() || limits.size() == block.columns.size();
  };
  if (!fits(block.caps) || !fits(block.floors))
    return internal_error("cell_moments takes one limit for each column");
  if (!block.cluster.empty()) return cluster_moments(block, groupings, arms, threads);
  return run_fitting<1, 2, 3, 4, 5, 6, 8, 12, kColumnsMax>(block, lay_out(groupings, arms),
                                                           threads);
}

}  // namespace descant::experiment
