// SPDX-License-Identifier: Apache-2.0
#pragma once

// Distinct strings of one column as one thread met them: code i is the i-th new string. Codes are
// private to the pool; sorted labels and entity hashes give them their meaning afterwards.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace descant::timelines {

class StringPool {
 public:
  StringPool();

  // The code of a string with this hash (hash_string_key), added when it is new.
  std::uint32_t code_of(std::string_view text, std::uint64_t hash);
  std::uint32_t code_of(std::string_view text);
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }

  std::size_t size() const { return entries_.size(); }
  std::string_view at(std::uint32_t code) const {
    return {entries_[code].text, entries_[code].length};
  }
  std::uint64_t hash_at(std::uint32_t code) const { return entries_[code].hash; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t code_plus_1 = 0;
    std::uint32_t length = 0;
  };
  struct Entry {
    std::uint64_t hash;
    const char* text;
    std::uint32_t length;
  };
  void grow();
  const char* keep(std::string_view text);

  std::vector<Slot> slots_;
  std::uint64_t mask_;
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_used_ = 0;
  std::size_t block_size_ = 0;
};

}  // namespace descant::timelines
