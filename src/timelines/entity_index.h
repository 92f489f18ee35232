// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which entities occur in the tables of one build, and the id of each: rank by (partition, hash).
// String keys are settled at once over all pools; integer keys partition by partition, while the
// partition's rows are at hand. Two different strings with one 64-bit hash are found, never merged.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "timelines/run.h"

namespace descant::timelines {

// Distinct integer keys of one partition with their rank by hash. Reused between partitions.
class PartitionKeys {
 public:
  void clear();
  // Number of the key in order of first appearance; rank_of turns it into the rank after settle.
  std::uint32_t add(std::int64_t key) { return slot_of(key); }
  void settle();
  std::uint32_t rank_of(std::uint32_t number) const { return ranks_[number]; }
  std::size_t size() const { return keys_.size(); }
  const std::vector<std::int64_t>& sorted_keys() const { return keys_; }  // after settle

 private:
  struct Slot {
    std::int64_t key = 0;
    std::uint32_t index_plus_1 = 0;
  };
  std::uint32_t slot_of(std::int64_t key);
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(4096);
  unsigned shift_ = 64 - 12;
  std::vector<std::int64_t> keys_;
  std::vector<std::uint32_t> ranks_;  // by index of first appearance
};

// Ids of string keys, for every pool code of every table.
struct StringKeys {
  std::vector<std::string_view> by_id;
  std::vector<std::uint64_t> partition_start;  // first id of each partition, and the end
  // [table][writer][code] -> id
  std::vector<std::vector<std::vector<std::uint32_t>>> ids;
};

Result<StringKeys> settle_string_keys(std::span<const RunCollector* const> tables);

}  // namespace descant::timelines
