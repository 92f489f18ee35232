// SPDX-License-Identifier: Apache-2.0
#include "base/cpu_level.h"

#include <cstdlib>
#include <string_view>

namespace descant {
namespace {

CpuLevel find_level() {
#ifdef __x86_64__
  const char* asked = std::getenv("DESCANT_CPU_LEVEL");
  const std::string_view limit = asked == nullptr ? "avx512" : asked;
  if (limit == "baseline") return CpuLevel::kBaseline;
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                        __builtin_cpu_supports("fma");
  if (has_avx512 && limit == "avx512") return CpuLevel::kAvx512;
  if (has_avx2) return CpuLevel::kAvx2;
#endif
  return CpuLevel::kBaseline;
}

}  // namespace

CpuLevel cpu_level() {
  static const CpuLevel level = find_level();
  return level;
}

}  // namespace descant
