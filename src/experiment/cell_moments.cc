// SPDX-License-Identifier: Apache-2.0
#include "experiment/cell_moments.h"

#include <algorithm>
#include <array>

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

  void store(stats::Moments& out) const {
    const auto count = static_cast<double>(n);
    out.n = n;
    for (std::size_t i = 0; i < K; ++i) out.mean[i] = shift[i] + sum[i] / count;
    for (std::size_t i = 0, at = 0; i < K; ++i)
      for (std::size_t j = i; j < K; ++j, ++at)
        out.cross[i * K + j] = out.cross[j * K + i] = cross[at] - sum[i] * (sum[j] / count);
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

template <std::size_t K>
void add_units(const UnitBlock& block, const CellLayout& layout, std::size_t begin, std::size_t end,
               std::vector<CellSums<K>>& cells) {
  std::array<const double*, K> columns;
  std::array<double, K> caps;
  for (std::size_t i = 0; i < K; ++i) {
    columns[i] = block.columns[i].data();
    caps[i] = block.caps[i];
  }
  for (std::size_t unit = begin; unit < end; ++unit) {
    if (block.first_day[unit] > block.last_day) continue;
    std::array<double, K> row;
    for (std::size_t i = 0; i < K; ++i) row[i] = std::min(columns[i][unit], caps[i]);
    CellSums<K>* const lane = cells.data() + (unit % kLanes) * layout.cells;
    for (std::size_t g = 0; g < layout.groupings.size(); ++g)
      lane[layout.first_cell[g] + layout.groupings[g].codes[unit] * layout.arms + block.arm[unit]]
          .add(row);
  }
}

template <std::size_t K>
std::vector<GroupedMoments> merge_morsels(const CellLayout& layout,
                                          const std::vector<std::vector<CellSums<K>>>& morsels) {
  std::vector<GroupedMoments> merged;
  for (const auto& grouping : layout.groupings)
    merged.emplace_back(grouping.values,
                        std::vector<stats::Moments>(layout.arms, stats::Moments(K)));
  stats::Moments part(K);
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
  return merge_morsels<K>(layout, morsels);
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
  const CellLayout layout = lay_out(groupings, arms);
  switch (block.columns.size()) {
    case 1:
      return run<1>(block, layout, threads);
    case 2:
      return run<2>(block, layout, threads);
    case 3:
      return run<3>(block, layout, threads);
    case 4:
      return run<4>(block, layout, threads);
    case 5:
      return run<5>(block, layout, threads);
    default:
      return internal_error("cell_moments takes one to five columns");
  }
}

}  // namespace descant::experiment
