// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <numeric>

namespace descant {

AliasTable::AliasTable(std::span<const double> weights) : slots_(weights.size()) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  const auto n = static_cast<double>(weights.size());
  std::vector<double> scaled;
  std::vector<std::uint32_t> below, above;
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    scaled.push_back(weights[i] * n / total);
    (scaled[i] < 1 ? below : above).push_back(i);
  }
  while (!below.empty() && !above.empty()) {
    const std::uint32_t small = below.back(), large = above.back();
    below.pop_back();
    slots_[small] = {static_cast<std::uint32_t>(scaled[small] * 0x1.0p32), large};
    scaled[large] -= 1 - scaled[small];
    if (scaled[large] >= 1) continue;
    above.pop_back();
    below.push_back(large);
  }
  // What is left is 1 up to rounding: such a slot is its own alias.
  for (const auto* left : {&below, &above}) {
    for (const std::uint32_t i : *left) slots_[i] = {0xFFFFFFFFU, i};
  }
}

}  // namespace descant
