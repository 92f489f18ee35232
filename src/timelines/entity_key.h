// SPDX-License-Identifier: Apache-2.0
#pragma once

// The order of entities in the store. A key is hashed to 64 well-spread bits: integers by a
// bijection (so distinct integers never collide), strings by XXH3. Entities are ordered by hash,
// and an entity's id is its rank. The order follows from the keys alone, every range of ids is a
// fair sample of the entities, and the top bits split them evenly.

#include <cstdint>
#include <string_view>

#include <xxhash.h>

namespace descant::timelines {

// Finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014); a bijection of 64 bits.
constexpr std::uint64_t hash_integer_key(std::int64_t key) {
  auto x = static_cast<std::uint64_t>(key) + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

inline std::uint64_t hash_string_key(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

// Entities are split by the top bits of their hash into this many partitions, each sorted alone.
constexpr unsigned kPartitionBits = 10;
constexpr std::size_t kPartitions = std::size_t{1} << kPartitionBits;
constexpr std::size_t partition_of(std::uint64_t hash) { return hash >> (64U - kPartitionBits); }

}  // namespace descant::timelines
