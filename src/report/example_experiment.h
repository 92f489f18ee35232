// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment made up for this folder's tests: every part of a result is present, one metric of
// each kind of verdict, and names that try to break out of a terminal or a page.

#include <string>

#include "experiment/result.h"

namespace descant::report::example {

inline stats::Comparison comparison(double control, double relative, double half_width,
                                    std::int64_t n = 20'000) {
  stats::Comparison c;
  c.method = "cuped";
  c.control = {n, control, control * 0.004};
  c.treatment = {n, control * (1 + relative), control * 0.004};
  c.relative = {relative, half_width / 1.96, relative - half_width, relative + half_width};
  c.absolute = {control * relative, control * half_width / 1.96, control * (relative - half_width),
                control * (relative + half_width)};
  c.statistic = relative / (half_width / 1.96);
  c.degrees_of_freedom = 39'998;
  c.p_value = 0.01;
  return c;
}

inline experiment::MetricResult metric(const std::string& name, const std::string& role,
                                       const std::string& type, double control, double relative,
                                       double half_width, const std::string& verdict) {
  experiment::MetricResult m;
  m.name = name;
  m.role = role;
  m.treatment = "new_ranker";
  m.type = type;
  m.unit = type == "mean" ? "min" : "";
  m.description = "About " + name;
  m.direction = "increase";
  m.mature_units = 40'000;
  m.variance_reduction = 0.42;
  m.alpha_used = 0.05;
  m.p_value_one_sided = 0.0123;
  m.deterioration_p_value = 0.9;
  m.verdict = verdict;
  m.comparison = comparison(control, relative, half_width);
  m.unadjusted = comparison(control, relative * 1.1, half_width * 1.4);
  for (int d = 0; d < 28; ++d) {
    const double share = (d + 1) / 28.0;
    const std::string day = (d < 9 ? "2026-03-0" : "2026-03-") + std::to_string(d + 1);
    m.days.push_back({day, d == 27, comparison(control, relative * share, half_width / share), {}});
  }
  for (const char* value : {"android", "ios", "desktop"})
    m.segments.push_back({"platform", value, comparison(control, relative, half_width * 2, 7'000)});
  for (const char* value : {"BR", "DE", "US"})
    m.segments.push_back(
        {"country", value, comparison(control, relative * 1.3, half_width * 2, 7'000)});
  return m;
}

inline experiment::ExperimentResult shipped() {
  experiment::ExperimentResult r;
  auto& e = r.experiment;
  e.name = "home_ranker";
  e.hypothesis = "A ranker trained on completed plays raises listening time";
  e.control = "control";
  e.start = "2026-03-01";
  e.end = "2026-03-28";
  e.as_of = "2026-04-12T03:00:00Z";
  e.timezone = "America/New_York";
  e.entity = "listener";
  e.arms = {{"control", 0.5, 20'012}, {"new_ranker", 0.5, 20'101}};
  e.left_out = {
      {"several_variants", "units", 37, "37 listeners were seen in more than one variant."},
      {"null_key", "rows", 0, "Rows without a listener."}};
  r.decisions = {{"new_ranker",
                  "ship",
                  "Ship: minutes_played improved, and both guardrails passed.",
                  {"minutes_played rose by 1.86%.", "skip_rate stayed within its margin."}}};
  r.checks = {{"sample_ratio", "", "", 0.2, 0.6553, 0.001, true, true, "The split is as declared."},
              {"pre_exposure:minutes_played", "new_ranker", "minutes_played", 0.1, 0.92, 0.001,
               true, true, "Before exposure the variants did not differ."}};
  r.metrics = {
      metric("minutes_played", "success", "mean", 312.4, 0.0186, 0.0074, "passed"),
      metric("skip_rate", "guardrail", "ratio", 0.31, -0.004, 0.009, "passed"),
      metric("week2_retention", "guardrail", "retention", 0.61, 0.002, 0.02, "not_passed")};
  r.metrics[1].direction = "decrease";
  r.metrics[1].margin = 0.02;
  r.metrics[1].margin_scale = "relative";
  r.metrics[2].margin = 0.01;
  r.metrics[2].margin_scale = "absolute";
  r.metrics[2].immature_units = 113;
  for (int day = 0; day < 4; ++day) {
    auto comparison = r.metrics[0].comparison;
    comparison.relative.estimate = 0.03 - 0.01 * day;
    comparison.relative.lower = comparison.relative.estimate - 0.01;
    comparison.relative.upper = comparison.relative.estimate + 0.01;
    r.metrics[0].days_since_exposure.push_back({day, comparison});
  }
  auto& heterogeneity = r.metrics[0].heterogeneity.emplace();
  heterogeneity.scale = "relative";
  heterogeneity.message = "The effect on minutes_played differs by platform (p = 0.001).";
  for (auto& segment : r.metrics[0].segments) segment.shrunk = {0.0175, 0.003, 0.0116, 0.0234};
  auto& nodes = heterogeneity.tree.emplace().nodes;
  nodes.resize(5);
  const auto grow = [&](std::size_t node, std::int64_t parent, stats::TreeCondition condition,
                        double effect) {
    nodes[node].parent = parent;
    nodes[node].depth = nodes[static_cast<std::size_t>(parent)].depth + 1;
    nodes[node].conditions = nodes[static_cast<std::size_t>(parent)].conditions;
    nodes[node].conditions.push_back(std::move(condition));
    nodes[node].n_control = nodes[node].n_treatment = 4'000;
    nodes[node].effect = {effect, 1.0, effect - 1.96, effect + 1.96};
  };
  grow(1, 0, {"platform", {"desktop"}}, 2.5);
  grow(2, 0, {"platform", {"android", "ios"}}, 8.5);
  grow(3, 1, {"country", {"BR"}}, -1.5);
  grow(4, 1, {"country", {"DE", "US"}}, 4.5);
  r.metrics[0].novelty.emplace();
  r.metrics[0].novelty->last_day = 3;
  r.metrics[0].novelty->kind = "fading";
  r.metrics[0].novelty->message = "The effect on minutes_played fades, from +3.00% on day 0.";
  r.record = {"0.1.0", "3f2a9c1b77e01d42", "a01b2c3d4e5f6071", 0.05, 0.8, 0.01, 0.93, 0.95};
  r.warnings = {{"covariate_truncated", "minutes_played", "The source begins after the lookback."}};
  return r;
}

// Before its planned end, with an effect that has no numbers at all.
inline experiment::ExperimentResult running() {
  auto r = shipped();
  r.experiment.name = "queue_button";
  r.experiment.complete = false;
  r.decisions = {
      {"new_ranker", "continue", "The planned end, 2026-03-28, has not been reached.", {}}};
  for (auto& m : r.metrics) m.verdict = "undecided";
  r.metrics[1].comparison = {};
  r.metrics[1].unadjusted = {};
  r.metrics[1].comparison.warnings = {{"no_variance", "control", "Every value is the same."}};
  return r;
}

inline experiment::ExperimentResult invalid() {
  auto r = shipped();
  r.experiment.name = "autoplay_pause";
  r.decisions = {
      {"new_ranker", "invalid", "The split is not the declared one: do not trust any effect.", {}}};
  r.checks[0].passed = false;
  r.checks[0].p_value = 1e-9;
  r.checks[0].message = "More listeners than declared are in control.";
  r.metrics[2].verdict = "deteriorated";
  r.metrics[2].deterioration_p_value = 0.00001;
  return r;
}

inline constexpr const char* kHostile = "</script><script>alert(1)</script>&\"'{{x}}\x1b[31m";

inline experiment::ExperimentResult hostile() {
  auto r = shipped();
  r.experiment.name = kHostile;
  r.experiment.hypothesis = kHostile;
  r.decisions[0].explanation = kHostile;
  r.metrics[0].name = kHostile;
  r.metrics[0].segments[0].value = kHostile;
  r.metrics[0].heterogeneity->message = kHostile;
  r.metrics[0].heterogeneity->tree->nodes[3].conditions[1].values = {kHostile};
  return r;
}

}  // namespace descant::report::example
