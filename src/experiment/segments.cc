// SPDX-License-Identifier: Apache-2.0
#include "experiment/segments.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/text.h"

namespace descant::experiment {

namespace {

constexpr std::size_t kShownLimit = 65'000;  // codes are 16 bits wide

Result<std::vector<std::uint32_t>> count_values(const folds::UnitTable& units,
                                                const folds::SegmentColumn& column) {
  if (column.codes.size() != units.unit_count)
    return invalid_data(fmt::format("segment '{}' has {} codes for {} units", column.dimension,
                                    column.codes.size(), units.unit_count),
                        "segments." + column.dimension);
  std::vector<std::uint32_t> counts(column.labels.size(), 0);
  for (std::size_t unit = 0; unit < units.unit_count; ++unit) {
    if (column.codes[unit] >= counts.size())
      return invalid_data(fmt::format("segment '{}' has a code without a label", column.dimension),
                          "segments." + column.dimension);
    if (units.exposed_from.empty() || units.exposed_from[unit] < units.days.size())
      ++counts[column.codes[unit]];
  }
  return counts;
}

Result<void> choose(const folds::UnitTable& units, const folds::SegmentColumn& column,
                    std::size_t shown_max, ShownSegments& out) {
  const auto counts = count_values(units, column);
  if (!counts) return counts.error();
  std::vector<std::uint32_t> order;
  for (std::uint32_t code = 0; code < counts->size(); ++code)
    if ((*counts)[code] > 0) order.push_back(code);
  const std::size_t shown = std::min({order.size(), shown_max, kShownLimit});
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      if ((*counts)[a] != (*counts)[b]) return (*counts)[a] > (*counts)[b];
                      return column.labels[a] < column.labels[b];
                    });
  out.dimension = column.dimension;
  out.pooled_values = order.size() - shown;
  std::vector<std::uint16_t> shown_code(column.labels.size(), static_cast<std::uint16_t>(shown));
  for (std::size_t place = 0; place < shown; ++place) {
    shown_code[order[place]] = static_cast<std::uint16_t>(place);
    out.labels.push_back(column.labels[order[place]]);
  }
  if (out.pooled_values > 0)
    out.labels.push_back(fmt::format("(other: {} values)", format_count(out.pooled_values)));
  out.codes.resize(units.unit_count);
  for (std::size_t unit = 0; unit < units.unit_count; ++unit)
    out.codes[unit] = shown_code[column.codes[unit]];
  return {};
}

}  // namespace

Result<std::vector<ShownSegments>> choose_segments(const folds::UnitTable& units,
                                                   std::size_t shown_max, std::size_t threads) {
  std::vector<ShownSegments> shown(units.segments.size());
  auto done = for_each_morsel(units.segments.size(), threads, [&](std::size_t i, std::size_t) {
    return choose(units, units.segments[i], shown_max, shown[i]);
  });
  if (!done) return std::move(done.error());
  return shown;
}

Result<ShownStrata> choose_strata(const folds::UnitTable& units, std::size_t threads) {
  ShownStrata strata;
  if (units.strata.empty()) return strata;
  folds::UnitTable combined;  // with the combinations as one dimension
  combined.unit_count = units.unit_count;
  combined.days = units.days;
  combined.exposed_from = units.exposed_from;
  folds::SegmentColumn& all = combined.segments.emplace_back();
  all.codes.assign(units.unit_count, 0);
  all.labels = {""};
  for (const auto& dimension : units.strata) {
    if (const auto counts = count_values(units, dimension); !counts) return counts.error();
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known;
    std::vector<std::string> labels;
    for (std::size_t unit = 0; unit < units.unit_count; ++unit) {
      const auto [found, is_new] = known.try_emplace({all.codes[unit], dimension.codes[unit]},
                                                     static_cast<std::uint32_t>(labels.size()));
      if (is_new)
        labels.push_back(all.labels[all.codes[unit]] + "/" +
                         dimension.labels[dimension.codes[unit]]);
      all.codes[unit] = found->second;
    }
    all.labels = std::move(labels);
  }
  DESCANT_ASSIGN(auto shown, choose_segments(combined, kStrataMax - 1, threads));
  strata.count = std::max<std::size_t>(shown.front().labels.size(), 1);
  strata.codes = std::move(shown.front().codes);
  strata.pooled = shown.front().pooled_values;
  for (auto& code : strata.codes)  // of units that are not exposed
    code = std::min(code, static_cast<std::uint16_t>(strata.count - 1));
  return strata;
}

}  // namespace descant::experiment
