// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which of the levels that kernels are compiled for (src/*/kernels/*.simd.cc) this processor runs:
// x86-64-v1, v3 or v4. The environment variable DESCANT_CPU_LEVEL (baseline, avx2, avx512) asks for
// a lower one, to compare them. Results are the same at every level.

namespace descant {

enum class CpuLevel { kBaseline, kAvx2, kAvx512 };

CpuLevel cpu_level();  // found once

}  // namespace descant
