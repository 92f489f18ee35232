// SPDX-License-Identifier: Apache-2.0
#include "simulator/counterfactual.h"

#include <numeric>

#include "simulator/sessions.h"

namespace descant::simulator {
namespace {

constexpr std::size_t kExposuresMax = 200'000;
constexpr std::size_t kMorselExposures = 1'024;

Outcome outcome_of(const World& world, const Exposure& exposure, const InfluenceAt& influence,
                   std::vector<Play>& plays) {
  plays.clear();
  std::uint32_t busy_until = 0;
  const std::uint32_t first_day = exposure.second / kSecondsPerDay;
  const std::uint32_t last_day =
      std::min(first_day + kWindowDays, world.period.days - 1);  // the window's last second
  for (std::uint32_t day = first_day; day <= last_day; ++day)
    simulate_day(world, influence, exposure.listener, day, busy_until, plays);

  Outcome outcome{.listeners = 1};
  for (const Play& play : plays) {
    if (play.second < exposure.second) continue;
    const std::uint32_t day = (play.second - exposure.second) / kSecondsPerDay;
    if (day >= kWindowDays) continue;
    const double minutes = play.ms_played / 60'000.0;
    outcome.plays += 1;
    outcome.skips += play.is_skipped;
    outcome.minutes_by_day[day] += minutes;
    if (play.surface == kDiscover || play.surface == kRadio) outcome.discovery_minutes += minutes;
    if (day >= 7) outcome.returned = 1;
  }
  return outcome;
}

}  // namespace

void Outcome::merge(const Outcome& other) {
  listeners += other.listeners;
  plays += other.plays;
  skips += other.skips;
  discovery_minutes += other.discovery_minutes;
  returned += other.returned;
  for (std::size_t day = 0; day < kWindowDays; ++day)
    minutes_by_day[day] += other.minutes_by_day[day];
}

double Outcome::minutes_per_listener() const {
  return std::accumulate(minutes_by_day.begin(), minutes_by_day.end(), 0.0) / listeners;
}

Result<Outcomes> simulate_outcomes(const World& world, std::span<const Exposure> exposures,
                                   const InfluenceAt& influence, std::size_t threads) {
  const std::size_t morsels = (exposures.size() + kMorselExposures - 1) / kMorselExposures;
  std::vector<Outcomes> parts(morsels);
  DESCANT_CHECK(for_each_morsel(morsels, threads, [&](std::size_t morsel, std::size_t) {
    std::vector<Play> plays;
    const std::size_t begin = morsel * kMorselExposures;
    const std::size_t count = std::min(kMorselExposures, exposures.size() - begin);
    for (const Exposure& exposure : exposures.subspan(begin, count)) {
      const Outcome outcome = outcome_of(world, exposure, influence, plays);
      parts[morsel].by_plan[world.population.listeners[exposure.listener].plan].merge(outcome);
    }
    return Result<void>();
  }));
  Outcomes outcomes;
  for (const Outcomes& part : parts) {
    for (std::size_t plan = 0; plan < kPlans.size(); ++plan)
      outcomes.by_plan[plan].merge(part.by_plan[plan]);
  }
  for (const Outcome& plan : outcomes.by_plan) outcomes.all.merge(plan);
  return outcomes;
}

void thin(std::vector<Exposure>& exposures) {
  const std::size_t step = (exposures.size() + kExposuresMax - 1) / kExposuresMax;
  if (step <= 1) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < exposures.size(); i += step) exposures[kept++] = exposures[i];
  exposures.resize(kept);
}

}  // namespace descant::simulator
