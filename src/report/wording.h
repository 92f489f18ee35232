// SPDX-License-Identifier: Apache-2.0
#pragma once

// How results are said, once for text and page: numbers with their units, verdicts, and the
// sentences around them. Every number comes from the result as it is; an undefined one is an en
// dash. A p-value of superiority or non-inferiority is withheld until the planned end, because
// looking at it earlier and stopping on it would break its error rate.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/result.h"
#include "report/text_layout.h"

namespace descant::report {

struct ActionWording {
  std::string label;    // SHIP
  std::string symbol;   // not by colour alone
  std::string meaning;  // one sentence
  Tone tone = Tone::kPlain;
};
ActionWording action_wording(std::string_view action);

// The explanation as it stands after the verdict: without the word it begins with.
std::string explanation_text(const experiment::TreatmentDecision& decision);

std::string verdict_label(const experiment::MetricResult& metric);  // not_passed -> not passed
Tone verdict_tone(std::string_view verdict);
struct CheckMark {
  std::string kind;    // ok, failed, untested
  std::string symbol;  // not by colour alone
  std::string state;   // a word for a state that is not good
  Tone tone = Tone::kPlain;
};
CheckMark check_mark(const experiment::Check& check);
std::string check_title(const experiment::Check& check);  // sample_ratio -> Sample ratio

// With which quantile it is, if it is one: "minutes (p90)".
std::string metric_title(const experiment::MetricResult& metric);
bool is_share(const experiment::MetricResult& metric);  // proportion or retention
std::string estimate_text(double estimate, const experiment::MetricResult& metric);

// The effect relative to control when it is defined, else the absolute one in the metric's unit.
struct EffectText {
  std::string estimate;    // +1.86%
  std::string interval;    // +1.12% to +2.60%; "at least …" when one end is unbounded
  bool relative = true;    // else absolute
  int sign_excludes_zero;  // -1 wholly below 0, 1 wholly above, 0 otherwise
};
EffectText effect_text(const stats::Comparison& comparison, const experiment::MetricResult& metric);

// Without the days at the beginning on which no effect was defined yet.
std::span<const experiment::DayEffect> days_with_effect(const experiment::MetricResult& metric);

std::string margin_text(const experiment::MetricResult& metric);  // 2%, 1 pp, 0.5 min; or empty
std::string role_text(const experiment::MetricResult& metric);    // guardrail, at most 2% worse

std::string level_text(const experiment::ExperimentResult& result);  // "95% interval", "interval"
std::string period_text(const experiment::ExperimentSummary& experiment);
std::string instant_text(
    const std::string& instant);  // 2026-04-12T03:00:00Z -> 2026-04-12 03:00 UTC
std::string listed(const std::vector<std::string>& names);  // a, b and c
std::int64_t units_total(const experiment::ExperimentSummary& experiment);

bool p_values_shown(const experiment::ExperimentResult& result);
std::string p_value_text(const experiment::ExperimentResult& result,
                         const experiment::MetricResult& metric);

// "minutes_played rose by 1.86% (95% interval +1.12% to +2.60%)" and what that means for its role.
std::string movement_sentence(const experiment::ExperimentResult& result,
                              const experiment::MetricResult& metric);
std::string meaning_sentence(const experiment::ExperimentResult& result,
                             const experiment::MetricResult& metric);
// A segment's effect shrunk to its dimension's mean, as effect_text; en dashes without one.
EffectText shrunk_text(const experiment::SegmentEffect& segment,
                       const experiment::MetricResult& metric);

// The groups of a metric's tree, a parent before its children; none when nothing was cut.
struct TreeGroup {
  std::size_t depth = 0;  // 1: below the root
  std::string name;       // the last cut that leads to it: platform: phone
  std::string units;
  EffectText effect;  // in the metric's unit
};
std::vector<TreeGroup> tree_groups(const experiment::MetricResult& metric);

std::string cuped_sentence(const experiment::ExperimentResult& result,
                           const experiment::MetricResult& metric);  // empty without CUPED

// The result's warnings and its metrics', each once, without those that another place of the report
// says: a check that was not tested, nobody in the arms yet, days before an end long past.
Warnings shown_warnings(const experiment::ExperimentResult& result);

// What a reader might take the numbers to say although they do not.
std::vector<std::string> unknowns(const experiment::ExperimentResult& result);

}  // namespace descant::report
