// SPDX-License-Identifier: Apache-2.0
#include "experiment/clusters.h"

#include <algorithm>

namespace descant::experiment {
namespace {

constexpr std::uint16_t kUnseen = 0xFFFF;
constexpr std::uint16_t kMixed = 0xFFFE;

bool is_exposed(const folds::UnitTable& units, std::size_t unit) {
  return units.exposed_from.empty() || units.exposed_from[unit] < units.days.size();
}

// The arm of each cluster's exposed units, or kMixed.
std::vector<std::uint16_t> arms_of_clusters(const folds::UnitTable& units) {
  std::vector<std::uint16_t> arms;
  for (std::size_t unit = 0; unit < units.cluster.size(); ++unit) {
    if (!is_exposed(units, unit)) continue;
    const std::uint32_t cluster = units.cluster[unit];
    if (cluster >= arms.size()) arms.resize(cluster + std::size_t{1}, kUnseen);
    std::uint16_t& arm = arms[cluster];
    arm = arm == kUnseen || arm == units.arm[unit] ? units.arm[unit] : kMixed;
  }
  return arms;
}

}  // namespace

std::vector<std::uint32_t> cluster_numbers(std::span<const std::uint32_t> codes) {
  std::uint32_t known = 0;
  for (const std::uint32_t code : codes) known = std::max(known, code);
  std::vector<std::uint32_t> number_of(std::size_t{known} + 1, 0);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(codes.size());
  std::uint32_t next = 0;
  for (const std::uint32_t code : codes) {
    if (code == 0) {
      numbers.push_back(next++);
      continue;
    }
    if (number_of[code] == 0) number_of[code] = ++next;  // one more than the number
    numbers.push_back(number_of[code] - 1);
  }
  return numbers;
}

void leave_out_mixed_clusters(folds::UnitTable& units, folds::ExposureCounts& counts) {
  if (units.cluster.empty()) return;
  const auto arms = arms_of_clusters(units);
  counts.mixed_clusters = static_cast<std::uint64_t>(std::count(arms.begin(), arms.end(), kMixed));
  if (counts.mixed_clusters == 0) return;
  if (units.exposed_from.empty()) units.exposed_from.assign(units.unit_count, 0);
  for (std::size_t unit = 0; unit < units.unit_count; ++unit) {
    if (!is_exposed(units, unit) || arms[units.cluster[unit]] != kMixed) continue;
    ++counts.in_mixed_clusters;
    units.exposed_from[unit] = static_cast<std::uint16_t>(units.days.size());
  }
}

std::vector<std::int64_t> count_clusters(const folds::UnitTable& units) {
  if (units.cluster.empty()) return {};
  std::vector<std::int64_t> counts(units.variants.size(), 0);
  for (const std::uint16_t arm : arms_of_clusters(units))
    if (arm < counts.size()) ++counts[arm];
  return counts;
}

}  // namespace descant::experiment
