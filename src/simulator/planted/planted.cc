// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/planted.h"

#include "simulator/planted/autoplay_tuning.h"
#include "simulator/planted/discover_previews.h"
#include "simulator/planted/home_ranker.h"

namespace descant::simulator {

PlantedList all_planted() {
  PlantedList all;
  all.push_back(make_home_ranker());
  all.push_back(make_autoplay_tuning());
  all.push_back(make_discover_previews());
  return all;
}

InfluenceAt influence_of(const PlantedList& all, const Planted* except) {
  return [&all, except](std::uint32_t listener, std::uint32_t second, Influence& influence) {
    for (const auto& planted : all) {
      if (planted.get() != except) planted->influence(listener, second, influence);
    }
  };
}

}  // namespace descant::simulator
