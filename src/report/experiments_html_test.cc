// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "report/example_experiment.h"
#include "report/page_view.h"
#include "report/report.h"

namespace descant::report {
namespace {

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++n;
  return n;
}

// The page as far as it comes from the result: without the libraries at its end.
std::string own_part(const std::string& page) { return page.substr(0, page.find("<footer")); }

TEST(ExperimentsHtml, OnePageForSeveralExperiments) {
  const std::vector<experiment::ExperimentResult> results = {example::shipped(), example::running(),
                                                             example::invalid()};
  const auto page = experiments_html("Listening", results);
  EXPECT_EQ(page.rfind("<!doctype html>", 0), 0U);
  EXPECT_EQ(count(page, "<article "), 3U);
  EXPECT_EQ(count(page, "href=\"#experiment-"), 3U);
  EXPECT_EQ(count(page, "vegaEmbed=t(e.vega,e.vegaLite)"), 1U) << "the libraries are there once";
  EXPECT_EQ(count(page, "Copyright (c)"), 3U) << "with their licences";
  for (const char* part :
       {"minutes_played improved, and both guardrails passed.", "week2_retention", "20,012",
        "A ranker trained on completed plays", "What is not known", "3f2a9c1b77e01d42",
        "+1.12% to +2.60%", "How to read this page", "37 listeners"})
    EXPECT_GE(count(page, part), 1U) << part;
}

TEST(ExperimentsHtml, LoadsNothing) {
  const auto page = own_part(experiments_html("t", std::vector{example::shipped()}));
  EXPECT_EQ(count(page, " src="), 0U);
  EXPECT_EQ(count(page, "@import"), 0U);
  EXPECT_EQ(count(page, "url("), 0U);
  EXPECT_EQ(count(page, "default-src 'none'"), 1U);
}

TEST(ExperimentsHtml, ShrunkEffectsStandBesideRawOnesAndTheTreeIsIndented) {
  const std::vector<experiment::ExperimentResult> results = {example::shipped()};
  const auto page = experiments_html("One", results);
  EXPECT_NE(page.find(">Shrunk</th>"), std::string::npos);
  EXPECT_NE(page.find("<td class=\"number\">+1.75%</td><td class=\"number\">+1.16% to +2.34%</td>"),
            std::string::npos);
  EXPECT_NE(page.find("<li class=\"depth-2\">country: DE, US: <strong>+4.500 min</strong>"),
            std::string::npos);
  auto without = results;
  without[0].metrics[0].heterogeneity.reset();
  const auto plain = experiments_html("One", without);
  EXPECT_EQ(plain.find(">Shrunk</th>"), std::string::npos);
  EXPECT_EQ(plain.find("class=\"tree\""), std::string::npos);
}

TEST(ExperimentsHtml, NamesCannotBreakOut) {
  const auto page = own_part(experiments_html(example::kHostile, std::vector{example::hostile()}));
  EXPECT_EQ(count(page, "<script>alert"), 0U);
  EXPECT_EQ(count(page, "alert(1)&lt;/script&gt;&amp;&quot;"), count(page, "alert(1)&lt;"));
  EXPECT_GE(count(page, "&lt;script&gt;alert(1)"), 4U);
  EXPECT_GE(count(page, "{{x}}"), 4U) << "a name is not a template";
}

TEST(ExperimentsHtml, ScriptJsonCannotEndItsElement) {
  const Json json = {{"name", "</script><!--&"}};
  const auto text = script_json(json);
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(*parse_json(text), json);
}

TEST(ExperimentsHtml, NoNanAndNoPValueTooEarly) {
  const auto page = own_part(experiments_html("t", std::vector{example::running()}));
  EXPECT_EQ(count(page, ">nan"), 0U);
  EXPECT_EQ(count(page, "nan%"), 0U);
  EXPECT_EQ(count(page, "0.0123 ("), 0U);
  EXPECT_GE(count(page, "p-values are withheld"), 1U);
  EXPECT_GE(count(page, "cannot be computed from these data"), 1U);
}

TEST(ExperimentsHtml, EmptyInput) {
  EXPECT_EQ(count(experiments_html("t", {}), "There are no experiments to show."), 1U);
  EXPECT_EQ(count(experiments_html("t", std::vector<experiment::ExperimentResult>(1)), "<article "),
            1U);
}

TEST(ExperimentsHtml, TheSameResultGivesTheSameBytes) {
  const std::vector results = {example::shipped()};
  EXPECT_EQ(experiments_html("t", results), experiments_html("t", results));
}

}  // namespace
}  // namespace descant::report
