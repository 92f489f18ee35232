// SPDX-License-Identifier: Apache-2.0
#include "timelines/string_pool.h"

#include <algorithm>
#include <cstring>

#include "timelines/entity_key.h"

namespace descant::timelines {

StringPool::StringPool() : slots_(256), mask_(255) {}

std::uint32_t StringPool::code_of(std::string_view text) {
  return code_of(text, hash_string_key(text));
}

std::uint32_t StringPool::code_of(std::string_view text, std::uint64_t hash) {
  for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_[at];
    if (slot.code_plus_1 == 0) break;
    if (slot.hash != hash || slot.length != text.size()) continue;
    const Entry& entry = entries_[slot.code_plus_1 - 1];
    if (std::memcmp(entry.text, text.data(), text.size()) == 0) return slot.code_plus_1 - 1;
  }
  if (entries_.size() * 2 >= slots_.size()) grow();
  entries_.push_back({hash, keep(text), static_cast<std::uint32_t>(text.size())});
  const auto code = static_cast<std::uint32_t>(entries_.size() - 1);
  std::uint64_t at = hash & mask_;
  while (slots_[at].code_plus_1 != 0) at = (at + 1) & mask_;
  slots_[at] = {hash, code + 1, entries_[code].length};
  return code;
}

void StringPool::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  mask_ = slots_.size() - 1;
  for (std::uint32_t code = 0; code < entries_.size(); ++code) {
    std::uint64_t at = entries_[code].hash & mask_;
    while (slots_[at].code_plus_1 != 0) at = (at + 1) & mask_;
    slots_[at] = {entries_[code].hash, code + 1, entries_[code].length};
  }
}

const char* StringPool::keep(std::string_view text) {
  constexpr std::size_t kBlockBytes = 1U << 18U;
  if (block_used_ + text.size() > block_size_) {
    block_size_ = std::max(kBlockBytes, text.size());
    blocks_.push_back(std::make_unique<char[]>(block_size_));
    block_used_ = 0;
  }
  char* kept = blocks_.back().get() + block_used_;
  std::memcpy(kept, text.data(), text.size());
  block_used_ += text.size();
  return kept;
}

}  // namespace descant::timelines
