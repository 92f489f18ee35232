// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loops of resampling, compiled once per CPU level and chosen at run time; every level
// gives the same bits, because each lane adds the same numbers in the same order. Callers give
// whole blocks: rows beyond the last unit are 0.

#include <cstddef>
#include <cstdint>

namespace descant::stats {

// Sums of columns over subsets of a block of units, for many subsets at once.
constexpr std::size_t kBlockUnits = 64;  // one word says which are in a subset
constexpr std::size_t kPanelColumns = 16;
struct SubsetSums {
  const double* rows = nullptr;            // kBlockUnits x kPanelColumns
  const std::uint64_t* subsets = nullptr;  // bit u: unit u is in it
  std::size_t subset_count = 0;
  double* sums = nullptr;  // subset_count x kPanelColumns, added to
};

// Poisson(1) weights, four of 16 random bits from each word of a stream: word w of a block gives
// the weights of units 4w to 4w + 3. Their mean and variance are 1 exactly.
constexpr std::size_t kWeightBlockUnits = 1024;
constexpr std::size_t kWordsPerWeightBlock = kWeightBlockUnits / 4;
constexpr std::size_t kSumLanes = 8;
constexpr std::size_t kMostWeightedColumns = 5;
struct PoissonSums {
  const double* const* columns = nullptr;  // column_count pointers to kWeightBlockUnits values
  std::size_t column_count = 0;            // 1 to kMostWeightedColumns
  const std::uint64_t* states = nullptr;   // Random::state of each replicate's stream
  std::uint64_t first_word = 0;            // where the block stands in the streams
  std::size_t replicates = 0;
  double* sums = nullptr;  // replicates x column_count x kSumLanes, added to
};

struct PoissonWeights {
  std::uint64_t state = 0;
  std::uint64_t first_word = 0;
  std::uint16_t* weights = nullptr;  // kWeightBlockUnits
};

struct Kernels {
  void (*subset_sums)(const SubsetSums&);
  void (*poisson_sums)(const PoissonSums&);
  std::uint64_t (*poisson_weights)(const PoissonWeights&);  // returns their sum
};

// Those of base/cpu_level.h's level.
const Kernels& kernels();

namespace baseline {
const Kernels& level_kernels();
}
#ifndef DESCANT_SIMD_BASELINE_ONLY
namespace avx2 {
const Kernels& level_kernels();
}
namespace avx512 {
const Kernels& level_kernels();
}
#endif

}  // namespace descant::stats
