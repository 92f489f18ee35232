// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loops of the scan, compiled once per CPU level and chosen at run time. Each works on a
// block of units at once: unit u has the rows [low[u], high[u]) of a column. Whole numbers
// of up to 32 bits are summed exactly in 64; wider ones, whose sum could overflow, and doubles in
// eight fixed lanes of doubles, so that every CPU level gives the same bits.

#include <cstddef>
#include <cstdint>

#include "timelines/column.h"

namespace descant::folds {

// A slice of a column per unit, and an optional filter: a 0/1 byte per row.
struct Slices {
  const void* values = nullptr;  // of the kernel's type
  const std::uint8_t* filter = nullptr;
  const std::uint64_t* low = nullptr;
  const std::uint64_t* high = nullptr;
  std::size_t units = 0;
};

// Several thresholds per unit, all found in one pass over its times. Of threshold b and unit u the
// values stand at [b * kUnitsPerBlock + u].
constexpr std::size_t kUnitsPerBlock =
    1024;  // so that what a thread keeps of a block fits its cache
struct PositionSearch {
  const void* times = nullptr;  // of the kernel's type
  const std::uint64_t* low = nullptr;
  const std::uint64_t* high = nullptr;
  const std::int64_t* thresholds = nullptr;
  std::size_t threshold_count = 0;
  std::size_t units = 0;  // at most kUnitsPerBlock
  std::uint64_t* positions =
      nullptr;  // first row of the unit whose time is not below the threshold
};
using PositionKernel = void (*)(const PositionSearch& search);
// out[u] = sum, or number of non-zero values, over the slice.
using SliceKernel = void (*)(const Slices& slices, double* out);

struct Kernels {
  PositionKernel positions_uint32;
  PositionKernel positions_int64;
  SliceKernel sum[8];  // by timelines::Dtype
  SliceKernel count_nonzero[8];
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

}  // namespace descant::folds
