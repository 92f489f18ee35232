// SPDX-License-Identifier: Apache-2.0
#include "folds/kernels/kernels.h"

#ifdef __AVX512F__
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined vectors inside its own intrinsics for ours (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#endif

// Compiled once per CPU level into a namespace of its own. Everything but level_kernels is local to
// the file: a function that two levels shared could run instructions the CPU lacks.
namespace descant::folds::DESCANT_SIMD_NAMESPACE {
namespace {

// Below this many rows, counting smaller times in a straight line, which the memory sees coming,
// beats halving, whose every step waits for it.
constexpr std::size_t kLinearRows = 512;
// Slices of neighbouring units leave gaps that hide them from the hardware's prefetching.
constexpr std::size_t kLinesAhead = 8;
constexpr std::size_t kUnitsAhead = 16;

// Asks for the first lines of a slice some units ahead.
template <class T>
void prefetch_ahead(const T* values, const std::uint64_t* low, const std::uint64_t* high,
                    std::size_t unit, std::size_t units) {
  if (unit + kUnitsAhead >= units) return;
  const char* at = reinterpret_cast<const char*>(values + low[unit + kUnitsAhead]);
  const char* end = reinterpret_cast<const char*>(values + high[unit + kUnitsAhead]);
  for (std::size_t line = 0; line < kLinesAhead && at < end; ++line, at += 64)
    __builtin_prefetch(at);
}

// Adds to below[k] the number of times under thresholds[k].
template <class T, std::size_t kCount>
void count_below(const T* times, std::size_t rows, const T* thresholds, std::uint64_t* below) {
  for (std::size_t k = 0; k < kCount; ++k) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < rows; ++i) count += times[i] < thresholds[k] ? 1 : 0;
    below[k] += count;
  }
}

#ifdef __AVX512F__
// Most slices are shorter than this. Their lengths follow no pattern, and a loop over them would
// mispredict its end; loads of no lanes are cheaper.
constexpr std::size_t kStraightRows = 32;

// Lanes of a vector of 16 that starts at row `first` and are below `rows`.
__mmask16 lanes_left(std::size_t rows, std::size_t first) {
  const std::size_t left = rows > first ? rows - first : 0;
  return static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
}

template <std::size_t kCount>
void count_below(const std::uint32_t* times, std::size_t rows, const std::uint32_t* thresholds,
                 std::uint64_t* below) {
  __m512i limits[kCount];
  for (std::size_t k = 0; k < kCount; ++k)
    limits[k] = _mm512_set1_epi32(static_cast<int>(thresholds[k]));
  const auto add = [&](std::size_t first) {
    const __mmask16 mask = lanes_left(rows, first);
    const __m512i part = _mm512_maskz_loadu_epi32(mask, times + first);
    for (std::size_t k = 0; k < kCount; ++k)
      below[k] += static_cast<std::uint64_t>(
          __builtin_popcount(_mm512_mask_cmplt_epu32_mask(mask, part, limits[k])));
  };
  for (std::size_t i = 0; i < kStraightRows; i += 16) add(i);
  for (std::size_t i = kStraightRows; i < rows; i += 16) add(i);
}
template <class T, std::size_t kCount>
requires std::is_same_v<T, std::uint32_t>
void count_below(const T* times, std::size_t rows, const T* thresholds, std::uint64_t* below) {
  count_below<kCount>(times, rows, thresholds, below);
}
#endif

// The first position for one threshold in a long range: halves it, then counts.
template <class T>
std::uint64_t search_long(const T* times, std::uint64_t begin, std::size_t rows, T threshold) {
  while (rows > kLinearRows) {
    const std::size_t half = rows / 2;
    const bool right = times[begin + half - 1] < threshold;
    begin += right ? half : 0;
    rows -= right ? half : rows - half;
  }
  std::uint64_t below = 0;
  count_below<T, 1>(times + begin, rows, &threshold, &below);
  return begin + below;
}

// Thresholds [first, first + kCount) of all units.
template <class T, std::size_t kCount>
void find_group(const PositionSearch& s, std::size_t first) {
  constexpr std::int64_t kLargest =
      sizeof(T) == 4 ? std::int64_t{0xFFFFFFFF} : std::int64_t{0x7FFFFFFFFFFFFFFF};
  const T* const times = static_cast<const T*>(s.times);
  for (std::size_t u = 0; u < s.units; ++u) {
    const std::uint64_t low = s.low[u];
    const std::size_t rows = s.high[u] - low;
    prefetch_ahead(times, s.low, s.high, u, s.units);
    T thresholds[kCount];
    std::uint64_t below[kCount] = {};
    bool beyond = false;  // some threshold is above what the type holds
    for (std::size_t k = 0; k < kCount; ++k) {
      const std::int64_t threshold = s.thresholds[(first + k) * kUnitsPerBlock + u];
      beyond |= threshold > kLargest;
      thresholds[k] = static_cast<T>(threshold > kLargest ? kLargest : threshold);
    }
    if (rows > kLinearRows) {
      for (std::size_t k = 0; k < kCount; ++k)
        below[k] = search_long(times, low, rows, thresholds[k]) - low;
    } else {
      count_below<T, kCount>(times + low, rows, thresholds, below);
    }
    for (std::size_t k = 0; k < kCount; ++k)
      s.positions[(first + k) * kUnitsPerBlock + u] = low + below[k];
    if (!beyond) continue;
    for (std::size_t k = 0; k < kCount; ++k)
      if (s.thresholds[(first + k) * kUnitsPerBlock + u] > kLargest)
        s.positions[(first + k) * kUnitsPerBlock + u] = s.high[u];
  }
}

template <class T>
void positions(const PositionSearch& search) {
  std::size_t first = 0;
  for (; first + 4 <= search.threshold_count; first += 4) find_group<T, 4>(search, first);
  const std::size_t left = search.threshold_count - first;
  if (left == 3) find_group<T, 3>(search, first);
  if (left == 2) find_group<T, 2>(search, first);
  if (left == 1) find_group<T, 1>(search, first);
}

constexpr std::size_t kLanes = 8;

// Eight running sums, folded in one fixed order.
template <class Sum>
Sum fold_lanes(const Sum* lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

template <class T, class Sum, bool kFiltered>
Sum sum_rows(const T* values, const std::uint8_t* filter, std::size_t rows) {
  Sum lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= rows; i += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) {
      const auto value = static_cast<Sum>(values[i + j]);
      lanes[j] += kFiltered && filter[i + j] == 0 ? Sum{0} : value;
    }
  for (std::size_t j = 0; i < rows; ++i, ++j)
    lanes[j] += kFiltered && filter[i] == 0 ? Sum{0} : static_cast<Sum>(values[i]);
  return fold_lanes(lanes);
}

#ifdef __AVX512F__
template <>
std::int64_t sum_rows<std::uint32_t, std::int64_t, false>(const std::uint32_t* values,
                                                          const std::uint8_t*, std::size_t rows) {
  const __m512i low_half = _mm512_set1_epi64(0xFFFFFFFF);
  __m512i even = _mm512_setzero_si512();
  __m512i odd = _mm512_setzero_si512();
  const auto add = [&](std::size_t first) {
    const __m512i part = _mm512_maskz_loadu_epi32(lanes_left(rows, first), values + first);
    even = _mm512_add_epi64(even, _mm512_and_si512(part, low_half));
    odd = _mm512_add_epi64(odd, _mm512_srli_epi64(part, 32));
  };
  for (std::size_t i = 0; i < kStraightRows; i += 16) add(i);
  for (std::size_t i = kStraightRows; i < rows; i += 16) add(i);
  return _mm512_reduce_add_epi64(_mm512_add_epi64(even, odd));
}
#endif

template <class T, bool kFiltered>
std::int64_t count_rows(const T* values, const std::uint8_t* filter, std::size_t rows) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < rows; ++i)
    count += values[i] != T{0} && (!kFiltered || filter[i] != 0) ? 1 : 0;
  return count;
}

template <class T, class Sum>
void sum(const Slices& s, double* out) {
  const T* const values = static_cast<const T*>(s.values);
  for (std::size_t u = 0; u < s.units; ++u) {
    const std::uint64_t low = s.low[u];
    const std::size_t rows = s.high[u] - low;
    prefetch_ahead(values, s.low, s.high, u, s.units);
    out[u] = static_cast<double>(s.filter == nullptr
                                     ? sum_rows<T, Sum, false>(values + low, nullptr, rows)
                                     : sum_rows<T, Sum, true>(values + low, s.filter + low, rows));
  }
}

template <class T>
void count_nonzero(const Slices& s, double* out) {
  const T* const values = static_cast<const T*>(s.values);
  for (std::size_t u = 0; u < s.units; ++u) {
    const std::uint64_t low = s.low[u];
    const std::size_t rows = s.high[u] - low;
    prefetch_ahead(values, s.low, s.high, u, s.units);
    out[u] = static_cast<double>(s.filter == nullptr
                                     ? count_rows<T, false>(values + low, nullptr, rows)
                                     : count_rows<T, true>(values + low, s.filter + low, rows));
  }
}

// Sums of 64-bit values are doubles: whole numbers could overflow.
constexpr Kernels kTable = {
    positions<std::uint32_t>,
    positions<std::int64_t>,
    {sum<std::uint8_t, std::int64_t>, sum<std::uint16_t, std::int64_t>,
     sum<std::uint32_t, std::int64_t>, sum<std::int8_t, std::int64_t>,
     sum<std::int16_t, std::int64_t>, sum<std::int32_t, std::int64_t>, sum<std::int64_t, double>,
     sum<double, double>},
    {count_nonzero<std::uint8_t>, count_nonzero<std::uint16_t>, count_nonzero<std::uint32_t>,
     count_nonzero<std::int8_t>, count_nonzero<std::int16_t>, count_nonzero<std::int32_t>,
     count_nonzero<std::int64_t>, count_nonzero<double>},
};

}  // namespace

const Kernels& level_kernels() { return kTable; }

}  // namespace descant::folds::DESCANT_SIMD_NAMESPACE
