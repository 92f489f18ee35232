// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.h"
#include "report/example_experiment.h"
#include "report/report.h"
#include "report/text_layout.h"

namespace descant::report {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ExperimentText, VerdictComesFirst) {
  const auto text = experiment_text(example::shipped(), {});
  EXPECT_TRUE(text.starts_with("SHIP  home_ranker: minutes_played improved")) << text;
  EXPECT_LT(text.find("minutes_played improved"), text.find("Who took part"));
}

TEST(ExperimentText, SaysWhoTookPartWhatWasCheckedAndWhatMoved) {
  const auto text = experiment_text(example::shipped(), {});
  for (const char* part : {"20,012",
                           "49.89%",
                           "50.00%",
                           "Left out: 37 listeners were seen",
                           "✓ The split is as declared",
                           "Before exposure the variants did not differ",
                           "312.4 min",
                           "+1.86%",
                           "+1.12% to +2.60%",
                           "0.0123 (0.05)",
                           "guardrail, at most 2% worse",
                           "at most 1 pp worse",
                           "not passed",
                           "CUPED removed 42.0% of the variance; unadjusted +2.05%",
                           "61.00%",
                           "95% interval",
                           "113 listeners left out",
                           "by country",
                           "2026-03-01 to 2026-03-28",
                           "█",
                           "The source begins after the lookback."})
    EXPECT_TRUE(contains(text, part)) << part << "\n" << text;
  EXPECT_FALSE(contains(text, "Rows without a listener")) << "nothing was left out for that reason";
}

TEST(ExperimentText, FitsEveryWidth) {
  for (const std::size_t width : {40U, 60U, 80U, 100U, 120U}) {
    for (const auto& result : {example::shipped(), example::running(), example::invalid()})
      for (const auto& line : split(experiment_text(result, {.width = width}), '\n'))
        EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(ExperimentText, WithholdsPValuesBeforeThePlannedEnd) {
  const auto text = experiment_text(example::running(), {});
  EXPECT_FALSE(contains(text, "0.0123"));
  EXPECT_TRUE(contains(text, "p-values are shown once the planned end is reached."));
}

TEST(ExperimentText, DeteriorationIsShownEvenEarly) {
  auto result = example::invalid();
  result.experiment.complete = false;
  EXPECT_TRUE(contains(experiment_text(result, {}), "<0.0001 (worse)"));
}

TEST(ExperimentText, NothingSaysNan) {
  auto result = example::running();
  for (auto& metric : result.metrics) {
    metric.comparison = {};
    for (auto& day : metric.days) day.comparison = {};
    for (auto& segment : metric.segments) segment.comparison = {};
  }
  for (auto& check : result.checks) check.p_value = stats::kUndefined;
  result.record = {};
  const auto text = experiment_text(result, {});
  EXPECT_FALSE(contains(text, "nan")) << text;
  EXPECT_FALSE(contains(text, "inf)"));
}

TEST(ExperimentText, ACheckThatWasNotTestedHasNoTick) {
  auto result = example::shipped();
  result.checks.resize(1);
  result.checks[0].p_value = stats::kUndefined;
  result.checks[0].message = "Not tested: nobody was exposed.";
  result.warnings = {{"check_undefined", "checks.sample_ratio", "It could not be computed."}};
  const auto text = experiment_text(result, {});
  EXPECT_TRUE(contains(text, "– Not tested: nobody was exposed.")) << text;
  EXPECT_FALSE(contains(text, "It could not be computed.")) << "said twice";
}

TEST(ExperimentText, SilentOnDaysBeforeAnEndThatIsReached) {
  auto result = example::shipped();
  result.warnings = {{"before_planned_end", "p_value", "Looking early misleads."}};
  EXPECT_FALSE(contains(experiment_text(result, {}), "Looking early misleads."));
  result.experiment.complete = false;
  EXPECT_TRUE(contains(experiment_text(result, {}), "Looking early misleads."));
}

TEST(ExperimentText, ColourOnlyWhenAskedAndNamesCannotAddAny) {
  EXPECT_FALSE(contains(experiment_text(example::shipped(), {}), "\x1b"));
  EXPECT_TRUE(contains(experiment_text(example::shipped(), {.color = true}), "\x1b[1;32mSHIP"));
  EXPECT_FALSE(contains(experiment_text(example::hostile(), {}), "\x1b"));
}

TEST(ExperimentText, PartsCanBeLeftOut) {
  const auto text = experiment_text(example::shipped(), {.segments = false, .days = false});
  EXPECT_FALSE(contains(text, "by country"));
  EXPECT_FALSE(contains(text, "Effect by day"));
}

TEST(ExperimentText, SaysForWhomWithTheTreesGroupsBelowTheirParents) {
  const auto text = experiment_text(example::shipped(), {});
  EXPECT_TRUE(contains(text, "For whom: new_ranker"));
  EXPECT_TRUE(contains(text, "differs by platform (p = 0.001)."));
  const auto desktop = text.find("platform: desktop");
  const auto brazil = text.find("  country: BR");
  const auto phones = text.find("platform: android, ios");
  ASSERT_NE(phones, std::string::npos);
  EXPECT_LT(desktop, brazil);
  EXPECT_LT(brazil, phones);
  EXPECT_TRUE(contains(text, "+8.500 min"));
  auto single = example::shipped();
  single.metrics[0].heterogeneity->tree->nodes.resize(1);
  EXPECT_FALSE(contains(experiment_text(single, {}), "platform: desktop"));
  single.metrics[0].heterogeneity.reset();
  EXPECT_FALSE(contains(experiment_text(single, {}), "For whom"));
}

TEST(ExperimentText, AnEmptyResultIsNoCrash) {
  EXPECT_TRUE(contains(experiment_text({}, {}), "Who took part"));
}

TEST(ExperimentText, SaysWhatFadesSinceExposure) {
  const std::string text = experiment_text(example::shipped(), {});
  EXPECT_NE(text.find("Effect by day since exposure: new_ranker"), std::string::npos);
  EXPECT_NE(text.find("The effect on minutes_played fades, from +3.00% on day 0."),
            std::string::npos);
  auto steady = example::shipped();
  steady.metrics[0].novelty->kind = "steady";
  EXPECT_EQ(experiment_text(steady, {}).find("fades"), std::string::npos);
}

}  // namespace
}  // namespace descant::report
