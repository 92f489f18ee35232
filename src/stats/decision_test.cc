// SPDX-License-Identifier: Apache-2.0
#include "stats/decision.h"

#include <cmath>

#include <gtest/gtest.h>

#include "stats/decision_rule.h"

namespace descant::stats {
namespace {

using ::testing::Test;

const std::vector<MetricTests> kHomeRanker = {
    {"minutes_played", "success", 0.0003},         {"discovery", "success", 0.2},
    {"skip_rate", "guardrail", 0.01, 0.6},         {"retention", "guardrail", 0.002, 0.4},
    {"crashes", "deterioration", kUndefined, 0.3}, {"sample_ratio", "quality", 0.5}};

Decision decided(std::vector<MetricTests> metrics, DecisionPlan plan = {}) {
  auto decision = decide(metrics, plan);
  EXPECT_TRUE(decision.ok());
  return decision ? *decision : Decision{};
}

TEST(DecisionTest, ShipsWhenASuccessMetricImprovesAndGuardrailsHold) {
  const auto decision = decided(kHomeRanker);
  EXPECT_EQ(decision.action, "ship");
  EXPECT_EQ(decision.explanation,
            "Ship: minutes_played improved (p = 0.0003, needed 0.025) and both guardrails are "
            "non-inferior.");
  EXPECT_DOUBLE_EQ(decision.metrics[0].alpha_used, 0.025);
  EXPECT_DOUBLE_EQ(decision.metrics[2].alpha_used, 0.05);
  EXPECT_DOUBLE_EQ(decision.metrics[5].alpha_used, 0.01 / 6);
  EXPECT_DOUBLE_EQ(decision.metrics[2].deterioration_alpha_used, 0.01 / 6);
  EXPECT_DOUBLE_EQ(decision.metrics[0].power_planned, 1 - (0.19 / 0.99) / 3);
}

TEST(DecisionTest, PlansPowerAsInThePaper) {
  // alpha .05, beta .2, alpha- .01, S = 2, G = 3.
  const auto decision = decided({{"a", "success", 0.5},
                                 {"b", "success", 0.5},
                                 {"c", "guardrail", 0.5},
                                 {"d", "guardrail", 0.5},
                                 {"e", "guardrail", 0.5}});
  EXPECT_NEAR(1 - decision.metrics[0].power_planned, 0.04798, 5e-6);
}

TEST(DecisionTest, FollowsTheOrderOfTheRule) {
  auto metrics = kHomeRanker;
  metrics[3].deterioration_p_value = 0.0001;
  EXPECT_EQ(decided(metrics).action, "stop");
  EXPECT_EQ(decided(metrics).explanation, "Stop: retention got worse (p = 0.0001, limit 0.00167).");
  metrics[5].p_value = 0.0001;
  EXPECT_EQ(decided(metrics).action, "invalid");
  auto calm = kHomeRanker;
  EXPECT_EQ(decided(calm, {.complete = false}).action, "continue");
  calm[2].p_value = 0.2;
  EXPECT_EQ(decided(calm).action, "stop");
  EXPECT_EQ(decided(calm).explanation,
            "Stop: skip_rate is not shown to be non-inferior (p = 0.2000, needed 0.05).");
}

TEST(DecisionTest, GuardrailsAloneMayShipAndShareBetaAmongThemselves) {
  const auto decision = decided({{"a", "guardrail", 0.01, 0.5}, {"b", "guardrail", 0.01, 0.5}});
  EXPECT_EQ(decision.action, "ship");
  EXPECT_DOUBLE_EQ(decision.metrics[0].power_planned, 1 - (0.19 / 0.99) / 2);
}

TEST(DecisionTest, CompatibilityDividesBetaByGuardrailsOnly) {
  DecisionPlan plan;
  plan.compatibility = "confidence_docs";
  EXPECT_DOUBLE_EQ(decided(kHomeRanker, plan).metrics[0].power_planned, 1 - (0.19 / 0.99) / 2);
}

TEST(DecisionTest, WithoutDeteriorationAlphaNothingDeteriorates) {
  auto metrics = kHomeRanker;
  metrics[3].deterioration_p_value = 0;
  metrics[5].p_value = 0;
  DecisionPlan plan;
  plan.deterioration_alpha = 0;
  EXPECT_EQ(decided(metrics, plan).action, "ship");
  EXPECT_DOUBLE_EQ(decided(metrics, plan).metrics[0].power_planned, 1 - 0.2 / 3);
}

TEST(DecisionTest, SeveralTreatmentsShareAlpha) {
  DecisionPlan plan;
  plan.treatments = 2;
  EXPECT_DOUBLE_EQ(decided(kHomeRanker, plan).metrics[0].alpha_used, 0.0125);
}

TEST(DecisionTest, ASuccessMetricDeterioratesOnTheOtherSideOfItsTest) {
  const auto decision = decided({{"a", "success", 0.999}}, {.complete = false});
  EXPECT_EQ(decision.action, "stop");
  EXPECT_TRUE(decision.metrics[0].deteriorated);
}

TEST(DecisionTest, AMissingPValueNeverPasses) {
  const auto decision = decided({{"a", "success"}, {"q", "quality"}});
  EXPECT_EQ(decision.action, "stop");
  EXPECT_EQ(decision.warnings.size(), 2U);
}

TEST(DecisionTest, EvaluatesExpressions) {
  const std::vector<MetricTests> metrics = {{"a", "success", 0.2},
                                            {"b", "success", 0.02},
                                            {"c", "success", 0.01},
                                            {"g", "guardrail", 0.01}};
  DecisionPlan plan;
  plan.rule = "a and b or (c AND g)";
  const auto decision = decided(metrics, plan);
  EXPECT_EQ(decision.action, "ship");
  EXPECT_DOUBLE_EQ(decision.metrics[0].alpha_used, 0.025);
  EXPECT_DOUBLE_EQ(decision.metrics[3].power_planned, 1 - (0.19 / 0.99) / 2);
  plan.rule = "a AND (b OR c) AND \"g\"";
  EXPECT_EQ(decided(metrics, plan).action, "stop");
}

TEST(DecisionTest, RejectsWhatItCannotRead) {
  DecisionPlan plan;
  for (const char* rule : {"", "a AND", "(a", "a b", "nobody", "a OR )", "\"a"}) {
    plan.rule = rule;
    const auto decision = decide({{"a", "success", 0.1}}, plan);
    ASSERT_FALSE(decision.ok()) << rule;
    EXPECT_EQ(decision.error().where, "rule") << rule;
  }
  plan.rule = std::string(100000, '(');
  EXPECT_FALSE(decide({{"a", "success", 0.1}}, plan).ok());
  EXPECT_EQ(decide({{"a", "success", 1.5}}, {}).error().where, "metrics[0].p_value");
  EXPECT_EQ(decide({{"a", "succes", 0.5}}, {}).error().where, "metrics[0].role");
  EXPECT_EQ(decide({{"a"}, {"a"}}, {}).error().where, "metrics[1].name");
  EXPECT_FALSE(decide({}, {}).ok());
  EXPECT_EQ(decide({{"a"}}, {.deterioration_alpha = 0.3}).error().where, "deterioration_alpha");
}

TEST(DecisionTest, ReadsOneSidedTestsFromAComparison) {
  Comparison comparison;
  comparison.absolute = {2.0, 1.0};
  comparison.statistic = 2.0;
  comparison.p_value = 0.0455;
  const auto up = tests_of(comparison, "a", "success", "increase");
  EXPECT_NEAR(up.p_value, 0.02275013, 1e-8);
  EXPECT_NEAR(up.deterioration_p_value, 1 - 0.02275013, 1e-8);
  const auto down = tests_of(comparison, "a", "success", "decrease");
  EXPECT_NEAR(down.p_value, 1 - 0.02275013, 1e-8);
  EXPECT_EQ(tests_of(comparison, "a", "guardrail", "decrease").p_value, 0.0455);
}

}  // namespace
}  // namespace descant::stats
