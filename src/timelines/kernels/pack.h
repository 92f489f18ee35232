// SPDX-License-Identifier: Apache-2.0
#pragma once

// The straight loops of packing a run, compiled once per CPU level and chosen at run time. `values`
// holds integers, or doubles as their bits. No loop reads or writes outside [0, rows).

#include <cstddef>
#include <cstdint>

namespace descant::timelines {

struct ValueRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct PackKernels {
  // Least and greatest of at least one value.
  ValueRange (*range)(const std::int64_t* values, std::size_t rows);
  // Divides instants (0 <= value < 2^52) by the unit if it divides every one; else changes nothing
  // and gives false.
  bool (*divide_all)(std::int64_t* values, std::size_t rows, std::int64_t unit);
  // Turns doubles into the whole numbers they are multiples of 1 / divisor of, if all are, exactly;
  // else changes nothing and gives false.
  bool (*multiply_all)(std::int64_t* values, std::size_t rows, double divisor);
  bool (*all_finite)(const double* values, std::size_t rows);
  // Partition of each integer key.
  void (*partitions)(const std::int64_t* keys, std::size_t rows, std::uint16_t* partitions);
};

const PackKernels& pack_kernels();

namespace baseline {
const PackKernels& level_pack_kernels();
}
#ifndef DESCANT_SIMD_BASELINE_ONLY
namespace avx2 {
const PackKernels& level_pack_kernels();
}
namespace avx512 {
const PackKernels& level_pack_kernels();
}
#endif

}  // namespace descant::timelines
