// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "stats/resampling/kernels/kernels.h"

// Compiled once per CPU level into a namespace of its own. Everything but level_kernels is local to
// the file: a function that two levels shared could run instructions the CPU lacks.
namespace descant::stats::DESCANT_SIMD_NAMESPACE {
namespace {

// Vectors of a fixed width, which the compiler splits where the CPU's are narrower. Loads and
// stores go through memcpy, so that nothing needs to be aligned.
using Doubles = double __attribute__((vector_size(64)));
using Words = std::uint64_t __attribute__((vector_size(64)));
using Shorts = std::uint16_t __attribute__((vector_size(64)));
using EightShorts = std::uint16_t __attribute__((vector_size(16)));
using EightInts = std::int32_t __attribute__((vector_size(32)));
constexpr std::size_t kLanes = 8;

// ---- sums over subsets ----

constexpr std::size_t kGroupUnits = 4;
constexpr std::size_t kGroups = kBlockUnits / kGroupUnits;
constexpr std::size_t kSubsets = 1U << kGroupUnits;
constexpr std::size_t kPanelVectors = kPanelColumns / kLanes;

struct Row {
  Doubles part[kPanelVectors];
};

// Sums of every subset of each group of units: one addition each.
void fill_table(const double* rows, Row (&table)[kGroups][kSubsets]) {
  for (std::size_t group = 0; group < kGroups; ++group) {
    table[group][0] = {};
    for (std::size_t subset = 1; subset < kSubsets; ++subset) {
      const auto unit = group * kGroupUnits + static_cast<std::size_t>(__builtin_ctzll(subset));
      Row row;
      std::memcpy(&row, rows + unit * kPanelColumns, sizeof(row));
      const Row& rest = table[group][subset & (subset - 1)];
      for (std::size_t v = 0; v < kPanelVectors; ++v)
        table[group][subset].part[v] = rest.part[v] + row.part[v];
    }
  }
}

void subset_sums(const SubsetSums& s) {
  Row table[kGroups][kSubsets];
  fill_table(s.rows, table);
  for (std::size_t i = 0; i < s.subset_count; ++i) {
    std::uint64_t left = s.subsets[i];
    Row sum;
    std::memcpy(&sum, s.sums + i * kPanelColumns, sizeof(sum));
    for (std::size_t group = 0; group < kGroups; ++group, left >>= kGroupUnits) {
      const Row& row = table[group][left % kSubsets];
      for (std::size_t v = 0; v < kPanelVectors; ++v) sum.part[v] += row.part[v];
    }
    std::memcpy(s.sums + i * kPanelColumns, &sum, sizeof(sum));
  }
}

// ---- Poisson(1) weights ----

// A weight is the number of these that 16 random bits reach: 65536 times P(weight <= k), rounded
// so that mean and variance are exactly 1.
constexpr std::uint16_t kThresholds[] = {24109, 48218, 60274, 64292, 65297, 65497, 65530, 65535};
constexpr std::uint64_t kGamma = 0x9E3779B97F4A7C15ULL;  // that of base/random.h

// SplitMix64's finaliser on eight words.
inline void mix(Words& x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  x = x ^ (x >> 31);
}

// The weights of 32 units from words `first` to `first + 7` of a stream.
inline void draw(std::uint64_t state, std::uint64_t first, Shorts& weights) {
  Words words;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    words[lane] = state + (first + lane + 1) * kGamma;
  mix(words);
  Shorts bits;
  std::memcpy(&bits, &words, sizeof(bits));
  weights = Shorts{};
  for (const std::uint16_t threshold : kThresholds)
    weights -= reinterpret_cast<Shorts>(bits >= threshold);  // true is -1
}

constexpr std::size_t kUnitsPerDraw = kLanes * 4;

inline void add_weighted(const Shorts& weights, const double* values, Doubles& sum) {
  for (std::size_t part = 0; part < kUnitsPerDraw; part += kLanes) {
    EightShorts eight;
    std::memcpy(&eight, reinterpret_cast<const char*>(&weights) + 2 * part, sizeof(eight));
    Doubles x;
    std::memcpy(&x, values + part, sizeof(x));
    sum += __builtin_convertvector(__builtin_convertvector(eight, EightInts), Doubles) * x;
  }
}

// One pass over the weights for up to kAtOnce columns.
template <std::size_t kColumns>
void add_block(const PoissonSums& s, std::size_t replicate, double* out) {
  Doubles sums[kColumns];
  std::memcpy(sums, out, sizeof(sums));
  for (std::size_t unit = 0; unit < kWeightBlockUnits; unit += kUnitsPerDraw) {
    Shorts weights;
    draw(s.states[replicate], s.first_word + unit / 4, weights);
    for (std::size_t c = 0; c < kColumns; ++c) add_weighted(weights, s.columns[c] + unit, sums[c]);
  }
  std::memcpy(out, sums, sizeof(sums));
}

void poisson_sums(const PoissonSums& s) {
  for (std::size_t replicate = 0; replicate < s.replicates; ++replicate) {
    double* const out = s.sums + replicate * s.column_count * kSumLanes;
    switch (s.column_count) {
      case 1:
        add_block<1>(s, replicate, out);
        break;
      case 2:
        add_block<2>(s, replicate, out);
        break;
      case 3:
        add_block<3>(s, replicate, out);
        break;
      case 4:
        add_block<4>(s, replicate, out);
        break;
      default:
        add_block<kMostWeightedColumns>(s, replicate, out);
        break;
    }
  }
}

std::uint64_t poisson_weights(const PoissonWeights& p) {
  std::uint64_t total = 0;
  for (std::size_t unit = 0; unit < kWeightBlockUnits; unit += kUnitsPerDraw) {
    Shorts weights;
    draw(p.state, p.first_word + unit / 4, weights);
    std::memcpy(p.weights + unit, &weights, sizeof(weights));
  }
  for (std::size_t unit = 0; unit < kWeightBlockUnits; ++unit) total += p.weights[unit];
  return total;
}

}  // namespace

const Kernels& level_kernels() {
  static constexpr Kernels kTable = {subset_sums, poisson_sums, poisson_weights};
  return kTable;
}

}  // namespace descant::stats::DESCANT_SIMD_NAMESPACE
