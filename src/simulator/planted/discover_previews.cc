// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/discover_previews.h"

#include "simulator/planted/experiment.h"

namespace descant::simulator {
namespace {

constexpr Platform kCrashPlatform = kAndroid;
constexpr double kCrashShare = 0.18;
constexpr double kSkipFactor = 1.08;

class DiscoverPreviews : public PlantedExperiment {
 public:
  using PlantedExperiment::PlantedExperiment;

 private:
  void affect(const Listener&, double, Influence& influence) const override {
    for (double& skip : influence.skip) skip *= kSkipFactor;
  }
  bool is_lost(const Listener& listener, Random& random) const override {
    return listener.platform == kCrashPlatform && random.chance(kCrashShare);
  }
  Json parameters() const override {
    return {{"skip_probability_factor", kSkipFactor},
            {"lost_treatment_share", kCrashShare},
            {"lost_treatment_segment", {{"usual_platform", kPlatforms[kCrashPlatform].name}}}};
  }
};

}  // namespace

std::unique_ptr<Planted> make_discover_previews() {
  return std::make_unique<DiscoverPreviews>(ExperimentDesign{
      .number = 3,
      .name = "discover_previews",
      .description = "Treatment assignments go missing on one platform, and skips rise",
      .control = "control",
      .treatment = "previews",
      .start = "2026-03-09",
      .end = "2026-03-25",
      .expected_action = "invalid",
      .expected_because = "The sample ratio does not fit the declared shares."});
}

}  // namespace descant::simulator
