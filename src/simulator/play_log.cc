// SPDX-License-Identifier: Apache-2.0
#include "simulator/play_log.h"

#include <array>

namespace descant::simulator {
namespace {

constexpr std::size_t kBlockListeners = 8'192;
constexpr std::size_t kSecondsPerHour = 3'600;

}  // namespace

PlayLog::PlayLog(const World& world, const InfluenceAt& influence, std::size_t threads)
    : world_(world),
      influence_(influence),
      threads_(threads),
      busy_until_(world.population.listeners.size()),
      blocks_((busy_until_.size() + kBlockListeners - 1) / kBlockListeners) {}

void PlayLog::simulate_block(std::size_t number) {
  Block& block = blocks_[number];
  // What yesterday's sessions carried over midnight comes first.
  for (std::size_t hour = 0; hour < 24; ++hour) {
    block.hours[hour].swap(block.hours[hour + 24]);
    block.hours[hour + 24].clear();
  }
  block.drawn.clear();
  const std::size_t end = std::min((number + 1) * kBlockListeners, busy_until_.size());
  for (std::size_t listener = number * kBlockListeners; listener < end; ++listener)
    simulate_day(world_, influence_, static_cast<std::uint32_t>(listener), day_,
                 busy_until_[listener], block.drawn);
  const std::uint32_t day_begin = day_ * kSecondsPerDay;
  for (const Play& play : block.drawn)
    block.hours[(play.second - day_begin) / kSecondsPerHour].push_back(play);
}

// A stable counting sort by second over all blocks in their order.
void PlayLog::sort_hour(std::size_t hour, std::span<Play> sorted) const {
  const std::size_t begin = day_ * std::size_t{kSecondsPerDay} + hour * kSecondsPerHour;
  std::array<std::size_t, kSecondsPerHour + 1> position{};
  for (const Block& block : blocks_) {
    for (const Play& play : block.hours[hour]) ++position[play.second - begin + 1];
  }
  for (std::size_t second = 1; second <= kSecondsPerHour; ++second)
    position[second] += position[second - 1];
  for (const Block& block : blocks_) {
    for (const Play& play : block.hours[hour]) sorted[position[play.second - begin]++] = play;
  }
}

Result<std::span<const Play>> PlayLog::next_day() {
  if (day_ >= world_.period.days) return internal_error("the log has no further day");
  DESCANT_CHECK(for_each_morsel(blocks_.size(), threads_, [&](std::size_t block, std::size_t) {
    simulate_block(block);
    return Result<void>();
  }));
  std::array<std::size_t, 25> offset{};
  for (std::size_t hour = 0; hour < 24; ++hour) {
    offset[hour + 1] = offset[hour];
    for (const Block& block : blocks_) offset[hour + 1] += block.hours[hour].size();
  }
  sorted_.resize(offset[24]);
  DESCANT_CHECK(for_each_morsel(24, threads_, [&](std::size_t hour, std::size_t) {
    sort_hour(hour, std::span(sorted_).subspan(offset[hour], offset[hour + 1] - offset[hour]));
    return Result<void>();
  }));
  ++day_;
  return std::span<const Play>(sorted_);
}

std::vector<bool> PlayLog::played() const {
  std::vector<bool> played(busy_until_.size());
  for (std::size_t i = 0; i < played.size(); ++i) played[i] = busy_until_[i] > 0;
  return played;
}

}  // namespace descant::simulator
