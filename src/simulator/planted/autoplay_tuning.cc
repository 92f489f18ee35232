// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/autoplay_tuning.h"

#include "simulator/planted/experiment.h"

namespace descant::simulator {
namespace {

class AutoplayTuning : public PlantedExperiment {
 public:
  using PlantedExperiment::PlantedExperiment;

 private:
  void affect(const Listener&, double, Influence&) const override {}
  Json parameters() const override { return Json::object(); }
};

}  // namespace

std::unique_ptr<Planted> make_autoplay_tuning() {
  return std::make_unique<AutoplayTuning>(ExperimentDesign{
      .number = 4,
      .name = "autoplay_tuning",
      .description = "No effect at all",
      .control = "control",
      .treatment = "short_gap",
      .start = "2026-03-02",
      .end = "2026-03-22",
      .expected_action = "stop",
      .expected_because = "There is nothing to find, so success is not shown at the planned end."});
}

}  // namespace descant::simulator
