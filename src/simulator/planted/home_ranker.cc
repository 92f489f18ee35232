// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/home_ranker.h"

#include "simulator/planted/experiment.h"

namespace descant::simulator {
namespace {

constexpr double kFirstLift = 0.008;  // on the day of exposure, of sessions and of their length
constexpr double kFullLift = 0.033;   // in the end
constexpr double kDaysToGrow = 5;     // time constant
constexpr double kSkipFactor = 0.93;
constexpr Plan kSkipPlan = kFree;

class HomeRanker : public PlantedExperiment {
 public:
  using PlantedExperiment::PlantedExperiment;

 private:
  void affect(const Listener& listener, double days, Influence& influence) const override {
    const double lift = kFullLift - (kFullLift - kFirstLift) * std::exp(-days / kDaysToGrow);
    influence.sessions *= 1 + lift;
    influence.session_length *= 1 + lift;
    if (listener.plan != kSkipPlan) return;
    for (double& skip : influence.skip) skip *= kSkipFactor;
  }
  Json parameters() const override {
    return {{"sessions_and_session_length_lift",
             {{"formula", "full - (full - first) * exp(-days / time_constant_days)"},
              {"first", kFirstLift},
              {"full", kFullLift},
              {"time_constant_days", kDaysToGrow}}},
            {"skip_probability_factor", kSkipFactor},
            {"skip_probability_segment", {{"plan", kPlans[kSkipPlan].name}}}};
  }
};

}  // namespace

std::unique_ptr<Planted> make_home_ranker() {
  return std::make_unique<HomeRanker>(ExperimentDesign{
      .number = 1,
      .name = "home_ranker",
      .description = "A lift in listening time that grows over the days since exposure, and fewer "
                     "skips in one segment only",
      .control = "control",
      .treatment = "new_ranker",
      .start = "2026-03-02",
      .end = "2026-03-22",
      .expected_action = "ship",
      .expected_because = "Listening time rises and no guardrail is harmed."});
}

}  // namespace descant::simulator
