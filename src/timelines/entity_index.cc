// SPDX-License-Identifier: Apache-2.0
#include "timelines/entity_index.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace descant::timelines {

void PartitionKeys::clear() {
  std::fill(slots_.begin(), slots_.end(), Slot{});
  keys_.clear();
  ranks_.clear();
}

std::uint32_t PartitionKeys::slot_of(std::int64_t key) {
  // The top bits are the same throughout a partition; the ones below them spread.
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (hash_integer_key(key) << kPartitionBits) >> shift_;
  for (;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.index_plus_1 == 0) break;
    if (slot.key == key) return slot.index_plus_1 - 1;
  }
  keys_.push_back(key);
  slots_[at] = {key, static_cast<std::uint32_t>(keys_.size())};
  if (keys_.size() * 2 > slots_.size()) grow();
  return static_cast<std::uint32_t>(keys_.size() - 1);
}

void PartitionKeys::grow() {
  slots_.assign(slots_.size() * 4, Slot{});
  shift_ -= 2;
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t index = 0; index < keys_.size(); ++index) {
    std::size_t at = (hash_integer_key(keys_[index]) << kPartitionBits) >> shift_;
    while (slots_[at].index_plus_1 != 0) at = (at + 1) & mask;
    slots_[at] = {keys_[index], index + 1};
  }
}

void PartitionKeys::settle() {
  std::vector<std::uint32_t> order(keys_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return hash_integer_key(keys_[a]) < hash_integer_key(keys_[b]);
  });
  ranks_.resize(keys_.size());
  std::vector<std::int64_t> sorted(keys_.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
    ranks_[order[rank]] = rank;
    sorted[rank] = keys_[order[rank]];
  }
  keys_ = std::move(sorted);
}

Result<StringKeys> settle_string_keys(std::span<const RunCollector* const> tables) {
  struct Met {
    std::uint64_t hash;
    std::uint32_t table, writer, code;
  };
  const auto text_of = [&](const Met& met) {
    return tables[met.table]->writers()[met.writer]->pool(0).at(met.code);
  };
  StringKeys keys;
  std::vector<Met> all;
  for (std::uint32_t t = 0; t < tables.size(); ++t) {
    auto& by_writer = keys.ids.emplace_back();
    for (std::uint32_t w = 0; w < tables[t]->writers().size(); ++w) {
      const StringPool& pool = tables[t]->writers()[w]->pool(0);
      by_writer.emplace_back(pool.size());
      for (std::uint32_t code = 0; code < pool.size(); ++code)
        all.push_back({pool.hash_at(code), t, w, code});
    }
  }
  std::sort(all.begin(), all.end(), [](const Met& a, const Met& b) { return a.hash < b.hash; });
  keys.partition_start.assign(kPartitions + 1, 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_new = i == 0 || all[i].hash != all[i - 1].hash;
    if (is_new) {
      keys.by_id.push_back(text_of(all[i]));
      ++keys.partition_start[partition_of(all[i].hash) + 1];
    } else if (text_of(all[i]) != keys.by_id.back()) {
      return invalid_data(fmt::format("the keys '{}' and '{}' have the same 64-bit hash",
                                      text_of(all[i]), keys.by_id.back()),
                          {}, "Use an integer key, or rename one of the two.");
    }
    keys.ids[all[i].table][all[i].writer][all[i].code] =
        static_cast<std::uint32_t>(keys.by_id.size() - 1);
  }
  for (std::size_t p = 0; p < kPartitions; ++p)
    keys.partition_start[p + 1] += keys.partition_start[p];
  return keys;
}

}  // namespace descant::timelines
