// SPDX-License-Identifier: Apache-2.0
#include "timelines/kernels/pack.h"

// Compiled once per CPU level into a namespace of its own. Everything but level_pack_kernels is
// local to the file and calls nothing outside it: a function that two levels shared could run
// instructions the CPU lacks. So the hash of entity_key.h is written out here; a test compares
// them.
namespace descant::timelines::DESCANT_SIMD_NAMESPACE {
namespace {

constexpr std::size_t kBlock = 2048;  // checked as a whole, so that loops have no exits

double to_double(std::int64_t bits) { return __builtin_bit_cast(double, bits); }

ValueRange range(const std::int64_t* values, std::size_t rows) {
  std::int64_t low = values[0];
  std::int64_t high = values[0];
  for (std::size_t i = 0; i < rows; ++i) {
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  return {low, high};
}

bool divide_all(std::int64_t* values, std::size_t rows, std::int64_t unit) {
  // Quotients by way of doubles, which vectors can divide: whole ones below 2^52 are exact.
  const auto divisor = static_cast<double>(unit);
  for (std::size_t start = 0; start < rows; start += kBlock) {
    const std::size_t end = start + kBlock < rows ? start + kBlock : rows;
    std::int64_t remainders = 0;
    for (std::size_t i = start; i < end; ++i) {
      const auto quotient = static_cast<std::int64_t>(static_cast<double>(values[i]) / divisor);
      remainders |= values[i] - quotient * unit;
    }
    if (remainders != 0) return false;
  }
  for (std::size_t i = 0; i < rows; ++i)
    values[i] = static_cast<std::int64_t>(static_cast<double>(values[i]) / divisor);
  return true;
}

// Nearest whole number for |x| < 2^51, ties to even: adding 1.5 * 2^52 leaves no bits for a
// fraction. Unlike std::nearbyint it needs no call, and vectors can do it.
double round_to_whole(double x) {
  constexpr double kShift = 6755399441055744.0;
  return (x + kShift) - kShift;
}

bool multiply_all(std::int64_t* values, std::size_t rows, double divisor) {
  constexpr double kLimit = 2251799813685248.0;  // 2^51
  for (std::size_t start = 0; start < rows; start += kBlock) {
    const std::size_t end = start + kBlock < rows ? start + kBlock : rows;
    std::int64_t wrong = 0;
    for (std::size_t i = start; i < end; ++i) {
      const double x = to_double(values[i]);
      const double scaled = x * divisor;
      const double whole = round_to_whole(scaled);
      const bool exact = (whole / divisor == x) & (scaled < kLimit) & (scaled > -kLimit);
      wrong |= exact ? 0 : 1;
    }
    if (wrong != 0) return false;
  }
  for (std::size_t i = 0; i < rows; ++i)
    values[i] = static_cast<std::int64_t>(round_to_whole(to_double(values[i]) * divisor));
  return true;
}

bool all_finite(const double* values, std::size_t rows) {
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < rows; ++i) wrong |= values[i] - values[i] == 0.0 ? 0 : 1;
  return wrong == 0;
}

void partitions(const std::int64_t* keys, std::size_t rows, std::uint16_t* out) {
  for (std::size_t i = 0; i < rows; ++i) {
    std::uint64_t x = static_cast<std::uint64_t>(keys[i]) + 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    x ^= x >> 31U;
    out[i] = static_cast<std::uint16_t>(x >> 54U);
  }
}

constexpr PackKernels kTable = {range, divide_all, multiply_all, all_finite, partitions};

}  // namespace

const PackKernels& level_pack_kernels() { return kTable; }

}  // namespace descant::timelines::DESCANT_SIMD_NAMESPACE
