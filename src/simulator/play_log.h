// SPDX-License-Identifier: Apache-2.0
#pragma once

// All plays in the order in which a real log receives them, one UTC day after the other, ties in
// the order of the listeners. Only the day at hand and what its sessions carry over midnight are in
// memory. Listeners are simulated in fixed blocks, so the log is the same for any number of
// threads.

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/sessions.h"

namespace descant::simulator {

class PlayLog {
 public:
  // Both arguments must outlive the log.
  PlayLog(const World& world, const InfluenceAt& influence, std::size_t threads);

  // The plays that begin on the next day, valid until the following call. Called world.period.days
  // times at most.
  Result<std::span<const Play>> next_day();

  // Listeners with a play so far.
  std::vector<bool> played() const;

 private:
  static constexpr std::size_t kHours = 48;  // of the day at hand and the next one

  // Plays of a block of listeners by the hour in which they begin.
  struct Block {
    std::vector<Play> drawn;  // scratch
    std::vector<std::vector<Play>> hours = std::vector<std::vector<Play>>(kHours);
  };
  void simulate_block(std::size_t block);
  void sort_hour(std::size_t hour, std::span<Play> sorted) const;

  const World& world_;
  const InfluenceAt& influence_;
  std::size_t threads_;
  std::uint32_t day_ = 0;  // the next one
  std::vector<std::uint32_t> busy_until_;
  std::vector<Block> blocks_;
  std::vector<Play> sorted_;
};

}  // namespace descant::simulator
