// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small world for the tests of this folder, made as simulate() makes it, with what is planted in
// it. Both live behind pointers, because planted things keep the address of their world.

#include <memory>

#include <gtest/gtest.h>

#include "simulator/planted/planted.h"

namespace descant::simulator {

struct TestWorld {
  std::unique_ptr<World> world = std::make_unique<World>();
  PlantedList planted = all_planted();
};

inline TestWorld make_test_world(std::uint64_t listeners, double plays_per_listener = 60,
                                 std::uint64_t seed = 7, std::uint32_t days = 70) {
  TestWorld test;
  World& world = *test.world;
  world.seed = seed;
  world.period = {*parse_date("2026-02-02"), days};
  world.catalogue = make_catalogue(seed);
  world.rhythm = *Rhythm::make(world.period.first, days);
  world.population = *make_population(seed, listeners, world.period, plays_per_listener,
                                      world.rhythm, world.catalogue, 2);
  for (const auto& thing : test.planted) EXPECT_TRUE(thing->prepare(world, 2));
  return test;
}

}  // namespace descant::simulator
