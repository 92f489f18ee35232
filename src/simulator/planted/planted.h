// SPDX-License-Identifier: Apache-2.0
#pragma once

// Something planted in the data on purpose, to be found again: an experiment's effect, and later an
// incident, a shift of mix or a drift of taste. A planted thing changes how listeners behave from
// some moment on (`influence`), may log assignments, and states what it did (`truth`). Each is one
// file in this folder and one line in all_planted().

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "simulator/vocabulary.h"
#include "simulator/world.h"

namespace descant::simulator {

// Factors on what a listener would do otherwise, at the start of a session.
struct Influence {
  double sessions = 1;                                          // how many, at most 2
  double session_length = 1;                                    // plays in each
  std::array<double, kSurfaceCount> skip{1, 1, 1, 1, 1, 1, 1};  // skip probability by surface
};

// Multiplies into the influence on a listener at a second.
using InfluenceAt =
    std::function<void(std::uint32_t listener, std::uint32_t second, Influence& influence)>;

struct Assignment {
  std::uint32_t second = 0;
  std::uint32_t listener = 0;
  std::uint8_t experiment = 0;  // position among the planted things
  std::uint8_t variant = 0;     // index into variant_names()
};

class Planted;
using PlantedList = std::vector<std::unique_ptr<Planted>>;

class Planted {
 public:
  virtual ~Planted() = default;
  virtual std::string_view name() const = 0;

  // Called once, before anything is asked: decides who is touched, and when.
  virtual Result<void> prepare(const World& world, std::size_t threads) = 0;

  virtual void influence(std::uint32_t listener, std::uint32_t second,
                         Influence& influence) const = 0;

  // Assignments that reach the log, with the names their variant codes index.
  virtual std::vector<Assignment> assignments() const { return {}; }
  virtual std::vector<std::string> variant_names() const { return {}; }

  // What was planted and what it comes to in this world; `played` says who ever played.
  virtual Result<Json> truth(const World& world, const PlantedList& all,
                             const std::vector<bool>& played, std::size_t threads) const = 0;
};

PlantedList all_planted();

// The joint influence of all, or of all but one.
InfluenceAt influence_of(const PlantedList& all, const Planted* except = nullptr);

}  // namespace descant::simulator
