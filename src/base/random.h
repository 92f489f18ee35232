// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random numbers addressed by what they are for: a stream is keyed by (seed, purpose, index,
// number) and costs nothing to reach, and neither does any place within it, so any listener's any
// day, or any replicate's any unit, can be drawn alone, in any order, on any thread, with the same
// outcome. SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators",
// section 4) both mixes the key and steps the stream. The standard library's distributions are not
// used, because their output is implementation defined.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace descant {

constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15ULL;

// SplitMix64's finaliser: a bijection on 64 bits.
constexpr std::uint64_t split_mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

class Random {
 public:
  // What a stream is for is an enumerator of the folder that draws it.
  template <class Purpose>
  requires std::is_enum_v<Purpose> Random(std::uint64_t seed, Purpose purpose,
                                          std::uint64_t index = 0, std::uint64_t number = 0)
      : state_(split_mix(
            split_mix(split_mix(seed + static_cast<std::uint64_t>(purpose) * kGoldenGamma) +
                      index) +
            number * kGoldenGamma)) {}

  std::uint64_t next() { return split_mix(state_ += kGoldenGamma); }
  // What `next` would give after `skipped` others, without stepping.
  std::uint64_t at(std::uint64_t skipped) const {
    return split_mix(state_ + (skipped + 1) * kGoldenGamma);
  }
  std::uint64_t state() const { return state_; }  // for kernels that step many streams at once
  // In [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  double exponential(double mean) { return -mean * std::log1p(-uniform()); }
  // Box and Muller 1958; one of the pair.
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }
  // By inversion; for small means.
  unsigned poisson(double mean, unsigned at_most) {
    double probability = std::exp(-mean);
    double rest = uniform() - probability;
    unsigned count = 0;
    while (rest >= 0 && count < at_most) {
      ++count;
      probability *= mean / count;
      rest -= probability;
    }
    return count;
  }

 private:
  std::uint64_t state_;
};

// Draws an index with probability proportional to its weight in constant time (Walker 1977; built
// as Vose 1991). Weights are non-negative and not all zero.
class AliasTable {
 public:
  AliasTable() = default;
  explicit AliasTable(std::span<const double> weights);

  std::uint32_t pick(Random& random) const { return pick(random.next()); }
  std::uint32_t pick(std::uint64_t bits) const {
    const auto slot = static_cast<std::uint32_t>(((bits >> 32) * slots_.size()) >> 32);
    const Slot& chosen = slots_[slot];
    return static_cast<std::uint32_t>(bits) < chosen.threshold ? slot : chosen.alias;
  }
  std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::uint32_t threshold = 0;  // of 2^32
    std::uint32_t alias = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace descant
