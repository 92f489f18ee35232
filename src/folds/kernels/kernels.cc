// SPDX-License-Identifier: Apache-2.0
#include "folds/kernels/kernels.h"

#include <cstdlib>
#include <string_view>

namespace descant::folds {
namespace {

const Kernels& choose() {
#ifndef DESCANT_SIMD_BASELINE_ONLY
  const char* asked = std::getenv("DESCANT_CPU_LEVEL");
  const std::string_view limit = asked == nullptr ? "avx512" : asked;
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                        __builtin_cpu_supports("fma");
  if (has_avx512 && limit == "avx512") return avx512::level_kernels();
  if (has_avx2 && limit != "baseline") return avx2::level_kernels();
#endif
  return baseline::level_kernels();
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace descant::folds
