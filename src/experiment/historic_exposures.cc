// SPDX-License-Identifier: Apache-2.0
#include "experiment/historic_exposures.h"

#include <algorithm>
#include <utility>

namespace descant::experiment {

namespace {

using FirstEvents = std::vector<std::pair<std::uint32_t, Instant>>;

FirstEvents first_events(const timelines::TableView& table, Instant begin, Instant end) {
  const timelines::Column& time = table.columns[0];
  FirstEvents found;
  timelines::with_values(time.dtype, time.data, [&](const auto* times) {
    const auto low = time.stored_threshold(begin), high = time.stored_threshold(end);
    for (std::size_t e = 0; e < table.entities.size(); ++e) {
      const auto* const last = times + table.offsets[e + 1];
      const auto* const first =
          std::lower_bound(times + table.offsets[e], last, low,
                           [](const auto& a, auto b) { return static_cast<std::int64_t>(a) < b; });
      if (first == last || static_cast<std::int64_t>(*first) >= high) continue;
      found.emplace_back(table.entities[e],
                         time.instant_at(static_cast<std::size_t>(first - times)));
    }
  });
  return found;
}

FirstEvents merged(const FirstEvents& a, const FirstEvents& b) {
  FirstEvents out;
  out.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  // Of a unit in both the earlier stands first.
  out.erase(std::unique(out.begin(), out.end(),
                        [](const auto& x, const auto& y) { return x.first == y.first; }),
            out.end());
  return out;
}

}  // namespace

folds::Exposures historic_exposures(
    const std::vector<std::shared_ptr<const timelines::TableView>>& facts, Instant begin,
    Instant end, std::size_t arms) {
  FirstEvents all;
  for (const auto& table : facts) all = merged(all, first_events(*table, begin, end));
  folds::Exposures exposures;
  for (const auto& [entity, at] : all) {
    exposures.entity.push_back(entity);
    exposures.at.push_back(at);
  }
  exposures.arm.assign(all.size(), 0);
  exposures.counts.assignments = all.size();
  exposures.counts.units.assign(arms, 0);
  if (arms > 0) exposures.counts.units[0] = all.size();
  exposures.counts.in_several_by_first_variant.assign(arms, 0);
  return exposures;
}

}  // namespace descant::experiment
