// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/kernels/kernels.h"

#include "base/cpu_level.h"

namespace descant::stats {

const Kernels& kernels() {
#ifndef DESCANT_SIMD_BASELINE_ONLY
  if (cpu_level() == CpuLevel::kAvx512) return avx512::level_kernels();
  if (cpu_level() == CpuLevel::kAvx2) return avx2::level_kernels();
#endif
  return baseline::level_kernels();
}

}  // namespace descant::stats
