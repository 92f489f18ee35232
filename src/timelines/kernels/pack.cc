// SPDX-License-Identifier: Apache-2.0
#include "timelines/kernels/pack.h"

#include "base/cpu_level.h"

namespace descant::timelines {

const PackKernels& pack_kernels() {
#ifndef DESCANT_SIMD_BASELINE_ONLY
  if (cpu_level() == CpuLevel::kAvx512) return avx512::level_pack_kernels();
  if (cpu_level() == CpuLevel::kAvx2) return avx2::level_pack_kernels();
#endif
  return baseline::level_pack_kernels();
}

}  // namespace descant::timelines
