// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inner loops of the scan, compiled once per CPU level and chosen at run time. Each works on a
// block of units at once: unit u has the rows [low[u], high[u]) of a column. Whole numbers are
// summed exactly in 64 bits; doubles in eight fixed lanes, so that every CPU level gives the same
// bits.

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

// positions[u] = first row of [low[u], high[u]) whose time is not below thresholds[u].
using PositionKernel = void (*)(const void* times, const std::uint64_t* low,
                                const std::uint64_t* high, const std::int64_t* thresholds,
                                std::size_t units, std::uint64_t* positions);
// out[u] = sum, or number of non-zero values, over the slice.
using SliceKernel = void (*)(const Slices& slices, double* out);

struct Kernels {
  PositionKernel positions_uint32;
  PositionKernel positions_int64;
  SliceKernel sum[8];  // by timelines::Dtype
  SliceKernel count_nonzero[8];
};

// The best level this CPU runs; `DESCANT_CPU_LEVEL` (baseline, avx2, avx512) asks for a lower one.
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
