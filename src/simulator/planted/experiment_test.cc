// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/experiment.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "simulator/test_world.h"

namespace descant::simulator {
namespace {

class PlantedExperimentTest : public testing::Test {
 protected:
  // One world for all tests: its truths take a second.
  static void SetUpTestSuite() {
    test_ = new TestWorld(make_test_world(30'000));
    const std::vector<bool> played(30'000, true);
    truths_ = new std::map<std::string, Json>();
    for (const auto& thing : test_->planted)
      (*truths_)[std::string(thing->name())] =
          *thing->truth(*test_->world, test_->planted, played, 2);
  }
  static void TearDownTestSuite() {
    delete test_;
    delete truths_;
  }
  static const Planted& planted(const std::string& name) {
    for (const auto& thing : test_->planted) {
      if (thing->name() == name) return *thing;
    }
    ADD_FAILURE() << name;
    return *test_->planted[0];
  }
  static const Json& truth(const std::string& name) { return truths_->at(name); }
  static double difference(const Json& metrics, const std::string& metric) {
    return metrics[metric]["relative_difference"].get<double>();
  }

  static inline TestWorld* test_ = nullptr;
  static inline std::map<std::string, Json>* truths_ = nullptr;
};

TEST_F(PlantedExperimentTest, HomeRankersLiftGrowsOverDays) {
  const Json& measured = truth("home_ranker")["measured"];
  EXPECT_NEAR(difference(measured["metrics"], "minutes_played"), 0.053, 0.012);
  EXPECT_GT(difference(measured["metrics"], "week2_retention"), 0.005);
  const auto lifts = measured["minutes_relative_difference_by_day"].get<std::vector<double>>();
  ASSERT_EQ(lifts.size(), 14U);
  const auto mean = [&](std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t day = from; day < to; ++day) sum += lifts[day];
    return sum / static_cast<double>(to - from);
  };
  EXPECT_GT(mean(0, 2), 0.01);
  EXPECT_GT(mean(5, 8), mean(0, 2) + 0.01);
  EXPECT_GT(mean(10, 14), mean(0, 2) + 0.02);
}

TEST_F(PlantedExperimentTest, HomeRankerLowersSkipsForOnePlanOnly) {
  for (const auto& [plan, metrics] : truth("home_ranker")["measured"]["plan"].items()) {
    const double change = difference(metrics, "skip_rate");
    EXPECT_NEAR(change, plan == "free" ? -0.07 : 0.0, 0.012) << plan;
  }
}

TEST_F(PlantedExperimentTest, AutoplayTuningDoesNothing) {
  for (const auto& [metric, values] : truth("autoplay_tuning")["measured"]["metrics"].items())
    EXPECT_EQ(values["relative_difference"], 0) << metric;
}

TEST_F(PlantedExperimentTest, DiscoverPreviewsLosesAssignmentsAndRaisesSkips) {
  const Json& previews = truth("discover_previews");
  EXPECT_NEAR(difference(previews["measured"]["metrics"], "skip_rate"), 0.08, 0.01);
  const double control = previews["variants"][0]["listeners"];
  const double treatment = previews["variants"][1]["listeners"];
  const double half = (control + treatment) / 2;
  const double chi_squared = 2 * (control - half) * (control - half) / half;
  EXPECT_GT(chi_squared, 15);
  EXPECT_NEAR(previews["variants"][1]["actual_share"].get<double>(), 0.482, 0.01);
  for (const char* other : {"home_ranker", "autoplay_tuning"})
    EXPECT_NEAR(truth(other)["variants"][1]["actual_share"].get<double>(), 0.5, 0.012) << other;
}

TEST_F(PlantedExperimentTest, ExpectedActionsAreStated) {
  EXPECT_EQ(truth("home_ranker")["expected_action"], "ship");
  EXPECT_EQ(truth("autoplay_tuning")["expected_action"], "stop");
  EXPECT_EQ(truth("discover_previews")["expected_action"], "invalid");
  for (const auto& [name, truth] : *truths_) EXPECT_EQ(truth["complete"], true) << name;
}

TEST_F(PlantedExperimentTest, AssignmentsHoldRepeatsAndListenersInBothVariants) {
  for (const auto& thing : test_->planted) {
    std::map<std::uint32_t, std::vector<Assignment>> by_listener;
    for (const Assignment& row : thing->assignments()) by_listener[row.listener].push_back(row);
    std::size_t both = 0, again = 0, before_signup = 0;
    for (const auto& [listener, rows] : by_listener) {
      ASSERT_LE(rows.size(), 2U);
      const Listener& person = test_->world->population.listeners[listener];
      before_signup += double{1} * rows[0].second < person.signup_day * double{kSecondsPerDay};
      if (rows.size() == 1) continue;
      EXPECT_GT(rows[1].second, rows[0].second);
      ++(rows[0].variant == rows[1].variant ? again : both);
    }
    EXPECT_EQ(before_signup, 0U);
    EXPECT_GT(both, 10U);
    EXPECT_GT(again, 20U);
    const Json& stated = truth(std::string(thing->name()));
    EXPECT_EQ(stated["listeners_in_both_variants"], both);
    EXPECT_EQ(stated["listeners_assigned_again"], again);
    EXPECT_EQ(stated["variants"][0]["listeners"].get<std::size_t>() +
                  stated["variants"][1]["listeners"].get<std::size_t>() + both,
              by_listener.size());
  }
}

TEST_F(PlantedExperimentTest, OnlyTheTreatedAreInfluencedAndOnlyAfterAssignment) {
  const Planted& ranker = planted("home_ranker");
  std::map<std::uint32_t, std::vector<Assignment>> by_listener;
  for (const Assignment& row : ranker.assignments()) by_listener[row.listener].push_back(row);
  std::array<std::size_t, 2> checked{};
  for (const auto& [listener, rows] : by_listener) {
    if (rows.size() > 1) continue;
    Influence before, after;
    ranker.influence(listener, rows[0].second - 1, before);
    ranker.influence(listener, rows[0].second + 1, after);
    EXPECT_EQ(before.sessions, 1);
    EXPECT_EQ(after.sessions > 1, rows[0].variant == 1);
    ++checked[rows[0].variant];
  }
  EXPECT_GT(checked[0], 1'000U);
  EXPECT_GT(checked[1], 1'000U);
}

TEST_F(PlantedExperimentTest, AShortPeriodIsAnExperimentStillRunning) {
  const TestWorld test = make_test_world(2'000, 30, 7, 40);
  const std::vector<bool> played(2'000, true);
  for (const auto& thing : test.planted) {
    const auto truth = thing->truth(*test.world, test.planted, played, 2);
    ASSERT_TRUE(truth);
    EXPECT_EQ((*truth)["expected_action"], "continue");
    EXPECT_EQ((*truth)["complete"], false);
  }
}

}  // namespace
}  // namespace descant::simulator
