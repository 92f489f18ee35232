// SPDX-License-Identifier: Apache-2.0
#include "report/wording.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::report {
namespace {

using experiment::ExperimentResult;
using experiment::MetricResult;

std::string signed_text(double value, const std::string& unsigned_text) {
  if (!std::isfinite(value)) return unsigned_text;
  return (value < 0 ? "" : "+") + unsigned_text;
}

std::string with_unit(std::string number, const std::string& unit) {
  return unit.empty() ? number : number + " " + unit;
}

std::string absolute_text(double value, const MetricResult& metric) {
  if (!std::isfinite(value)) return format_number(value);
  if (is_share(metric)) return fmt::format("{:+.2f} pp", value * 100.0);
  return with_unit(signed_text(value, format_number(value)), metric.unit);
}

template <class Format>
std::string interval_between(double lower, double upper, const Format& format) {
  const bool has_lower = std::isfinite(lower), has_upper = std::isfinite(upper);
  if (has_lower && has_upper) return format(lower) + " to " + format(upper);
  if (has_lower) return "at least " + format(lower);
  if (has_upper) return "at most " + format(upper);
  return "–";
}

int side_of_zero(const stats::EffectInterval& effect) {
  if (effect.lower > 0) return 1;
  if (effect.upper < 0) return -1;
  return 0;
}

bool moved_well(const MetricResult& metric, int side) {
  return metric.direction == "decrease" ? side < 0 : side > 0;
}

// A number that somebody chose, as they would write it: 0.05, 2, 1.5.
std::string setting_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3g}", value) : format_number(value);
}

std::string sentence_case(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

ActionWording action_wording(std::string_view action) {
  if (action == "ship")
    return {"SHIP", "✓", "The rule agreed beforehand says to ship it.", Tone::kGood};
  if (action == "stop")
    return {"STOP", "✕", "The rule agreed beforehand says not to ship it.", Tone::kBad};
  if (action == "continue")
    return {"CONTINUE", "…", "It is too early to decide: let it run.", Tone::kCaution};
  if (action == "invalid")
    return {"INVALID", "!",
            "Something is wrong with the experiment itself: do not use its effects.", Tone::kBad};
  return {printable(action), "?", "", Tone::kPlain};
}

std::string explanation_text(const experiment::TreatmentDecision& decision) {
  const auto& text = decision.explanation;
  const std::string word = sentence_case(decision.action) + ": ";
  return text.starts_with(word) ? text.substr(word.size()) : text;
}

std::string verdict_label(const MetricResult& metric) {
  if (metric.role == "exploratory") return "for information";
  std::string label = metric.verdict;
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

Tone verdict_tone(std::string_view verdict) {
  if (verdict == "passed") return Tone::kGood;
  if (verdict == "deteriorated") return Tone::kBad;
  if (verdict == "not_passed") return Tone::kCaution;
  return Tone::kMuted;
}

CheckMark check_mark(const experiment::Check& check) {
  if (std::isnan(check.p_value)) return {"untested", "–", "not tested", Tone::kMuted};
  if (check.passed) return {"ok", "✓", "", Tone::kGood};
  return {"failed", "✕", "failed", Tone::kBad};
}

std::string check_title(const experiment::Check& check) {
  const auto colon = check.name.find(':');
  const std::string kind = check.name.substr(0, colon);
  std::string title = kind == "pre_exposure"              ? "Before exposure"
                      : kind == "several_variants"        ? "Seen in several variants"
                      : kind == "segment_sample_ratio"    ? "Sample ratio by segment"
                      : kind == "day_sample_ratio"        ? "Sample ratio by day"
                      : kind == "sequential_sample_ratio" ? "Sample ratio, looked at daily"
                                                          : sentence_case(kind);
  const std::string about = !check.metric.empty()        ? check.metric
                            : colon != std::string::npos ? check.name.substr(colon + 1)
                                                         : std::string();
  if (!about.empty()) title += ": " + about;
  if (!check.treatment.empty()) title += " (" + check.treatment + ")";
  return title;
}

bool is_share(const MetricResult& metric) {
  return metric.type == "proportion" || metric.type == "retention";
}

std::string metric_title(const MetricResult& metric) {
  if (metric.type != "quantile" || !std::isfinite(metric.quantile)) return metric.name;
  const std::string which =
      metric.quantile == 0.5 ? "median" : fmt::format("p{:.6g}", metric.quantile * 100.0);
  return fmt::format("{} ({}{})", metric.name, which,
                     metric.quantile_of == "events" ? " of events" : "");
}

std::string estimate_text(double estimate, const MetricResult& metric) {
  if (is_share(metric)) return format_percent(estimate);
  return with_unit(format_number(estimate), std::isfinite(estimate) ? metric.unit : "");
}

EffectText effect_text(const stats::Comparison& comparison, const MetricResult& metric) {
  const auto percent = [](double share) { return format_signed_percent(share); };
  const auto absolute = [&](double value) { return absolute_text(value, metric); };
  if (std::isfinite(comparison.relative.estimate)) {
    const auto& effect = comparison.relative;
    return {percent(effect.estimate), interval_between(effect.lower, effect.upper, percent), true,
            side_of_zero(effect)};
  }
  const auto& effect = comparison.absolute;
  return {absolute(effect.estimate), interval_between(effect.lower, effect.upper, absolute), false,
          side_of_zero(effect)};
}

EffectText shrunk_text(const experiment::SegmentEffect& segment, const MetricResult& metric) {
  stats::Comparison shrunk;
  const bool relative = metric.heterogeneity && metric.heterogeneity->scale == "relative";
  if (segment.shrunk) (relative ? shrunk.relative : shrunk.absolute) = *segment.shrunk;
  return effect_text(shrunk, metric);
}

namespace {

// What holds in the node and not in its parent.
std::string last_cut(const std::vector<stats::TreeNode>& nodes, const stats::TreeNode& node) {
  const auto& before = nodes[static_cast<std::size_t>(*node.parent)].conditions;
  for (const auto& condition : node.conditions) {
    const bool held = std::any_of(before.begin(), before.end(), [&](const auto& earlier) {
      return earlier.dimension == condition.dimension && earlier.values == condition.values;
    });
    if (!held) return condition.dimension + ": " + join(condition.values, ", ");
  }
  return {};
}

void add_children(const MetricResult& metric, std::size_t parent, std::vector<TreeGroup>& groups) {
  const auto& nodes = metric.heterogeneity->tree->nodes;
  for (std::size_t i = parent + 1; i < nodes.size(); ++i) {
    if (!nodes[i].parent || static_cast<std::size_t>(*nodes[i].parent) != parent) continue;
    stats::Comparison comparison;
    comparison.absolute = nodes[i].effect;
    groups.push_back(
        {static_cast<std::size_t>(nodes[i].depth), last_cut(nodes, nodes[i]),
         format_count(static_cast<std::uint64_t>(nodes[i].n_control + nodes[i].n_treatment)),
         effect_text(comparison, metric)});
    add_children(metric, i, groups);
  }
}

}  // namespace

std::vector<TreeGroup> tree_groups(const MetricResult& metric) {
  std::vector<TreeGroup> groups;
  if (metric.heterogeneity && metric.heterogeneity->tree) add_children(metric, 0, groups);
  return groups;
}

std::span<const experiment::DayEffect> days_with_effect(const MetricResult& metric) {
  std::span<const experiment::DayEffect> days(metric.days);
  while (!days.empty() && !std::isfinite(days.front().comparison.relative.estimate))
    days = days.subspan(1);
  return days;
}

std::string margin_text(const MetricResult& metric) {
  if (!metric.margin) return {};
  if (metric.margin_scale == "relative") return setting_text(*metric.margin * 100.0) + "%";
  if (is_share(metric)) return setting_text(*metric.margin * 100.0) + " pp";
  return with_unit(setting_text(*metric.margin), metric.unit);
}

std::string level_text(const ExperimentResult& result) {
  const double level = result.record.confidence_level;
  return std::isfinite(level) ? setting_text(level * 100.0) + "% interval" : "interval";
}

std::string role_text(const MetricResult& metric) {
  const std::string margin = margin_text(metric);
  return margin.empty() ? metric.role : metric.role + ", at most " + margin + " worse";
}

std::string period_text(const experiment::ExperimentSummary& experiment) {
  if (experiment.start.empty() && experiment.end.empty()) return {};
  std::string text = experiment.start + " to " + experiment.end;
  if (!experiment.timezone.empty()) text += " (" + experiment.timezone + ")";
  return text;
}

std::string instant_text(const std::string& instant) {
  if (instant.size() < 17 || instant[10] != 'T' || instant.back() != 'Z') return instant;
  return instant.substr(0, 10) + " " + instant.substr(11, 5) + " UTC";
}

std::string listed(const std::vector<std::string>& names) {
  if (names.size() < 2) return join(names, "");
  return join(std::span(names).first(names.size() - 1), ", ") + " and " + names.back();
}

std::int64_t units_total(const experiment::ExperimentSummary& experiment) {
  std::int64_t total = 0;
  for (const auto& arm : experiment.arms) total += arm.units;
  return total;
}

bool p_values_shown(const ExperimentResult& result) {
  return result.experiment.complete ||
         std::any_of(result.metrics.begin(), result.metrics.end(),
                     [](const MetricResult& metric) { return metric.sequential.has_value(); });
}

std::string p_value_text(const ExperimentResult& result, const MetricResult& metric) {
  if (metric.verdict == "deteriorated" && std::isfinite(metric.deterioration_p_value))
    return format_p_value(metric.deterioration_p_value) + " (worse)";
  if (!p_values_shown(result) || !std::isfinite(metric.p_value_one_sided)) return "–";
  std::string text = format_p_value(metric.p_value_one_sided);
  if (std::isfinite(metric.alpha_used)) text += " (" + setting_text(metric.alpha_used) + ")";
  return text;
}

std::string movement_sentence(const ExperimentResult& result, const MetricResult& metric) {
  const auto effect = effect_text(metric.comparison, metric);
  if (effect.estimate == "–")
    return fmt::format("The effect on {} cannot be computed from these data.",
                       metric_title(metric));
  const std::string detail = effect.interval == "–"
                                 ? std::string()
                                 : fmt::format(" ({} {})", level_text(result), effect.interval);
  if (effect.sign_excludes_zero == 0)
    return fmt::format("{} did not clearly move: {}{}.", metric_title(metric), effect.estimate,
                       detail);
  return fmt::format("{} {} by {}{}.", metric_title(metric),
                     effect.sign_excludes_zero > 0 ? "rose" : "fell", effect.estimate.substr(1),
                     detail);
}

std::string meaning_sentence(const ExperimentResult& result, const MetricResult& metric) {
  const int side = effect_text(metric.comparison, metric).sign_excludes_zero;
  const std::string margin = margin_text(metric);
  if (metric.verdict == "deteriorated") return "It got worse, by more than chance explains.";
  if (metric.role == "guardrail" && !margin.empty()) {
    if (metric.verdict == "passed")
      return fmt::format("A loss of {} or more, the most that was allowed, is ruled out.", margin);
    if (metric.verdict == "not_passed")
      return fmt::format("A loss of {}, the most that was allowed, cannot be ruled out.", margin);
  }
  if (metric.role == "success") {
    if (metric.verdict == "passed") return "This is an improvement beyond what chance explains.";
    if (metric.verdict == "not_passed")
      return moved_well(metric, side)
                 ? "It points the right way, but not enough for the error rate agreed beforehand."
                 : "This is not evidence of an improvement; nor does it prove that there is none.";
  }
  if (metric.role == "exploratory") return "It is shown for information and decides nothing.";
  if (!result.experiment.complete) return "It is not decided before the planned end.";
  return {};
}

std::string cuped_sentence(const ExperimentResult& result, const MetricResult& metric) {
  if (!std::isfinite(metric.variance_reduction)) return {};
  const auto plain = effect_text(metric.unadjusted, metric);
  return fmt::format("CUPED removed {} of the variance; unadjusted {} ({} {}).",
                     format_percent(metric.variance_reduction, 1), plain.estimate,
                     level_text(result), plain.interval);
}

Warnings shown_warnings(const ExperimentResult& result) {
  Warnings shown;
  const auto add = [&](Warning warning) {
    if (std::find(shown.begin(), shown.end(), warning) == shown.end())
      shown.push_back(std::move(warning));
  };
  for (const auto& warning : result.warnings) {
    const bool past = warning.code == "before_planned_end" && p_values_shown(result);
    if (!past && warning.code != "check_undefined") add(warning);
  }
  for (const auto& metric : result.metrics) {
    const auto& comparison = metric.comparison;
    const bool nobody_yet =
        metric.immature_units > 0 && comparison.control.n + comparison.treatment.n == 0;
    if (nobody_yet) continue;
    for (auto warning : comparison.warnings) {
      warning.field = metric.name + (warning.field.empty() ? "" : "." + warning.field);
      add(std::move(warning));
    }
  }
  return shown;
}

std::vector<std::string> unknowns(const ExperimentResult& result) {
  std::vector<std::string> notes;
  std::int64_t immature = 0;
  bool segments = false, covers_zero = false;
  for (const auto& metric : result.metrics) {
    immature = std::max(immature, metric.immature_units);
    segments = segments || !metric.segments.empty();
    covers_zero = covers_zero || effect_text(metric.comparison, metric).sign_excludes_zero == 0;
  }
  const auto& entity = result.experiment.entity;
  if (!result.experiment.complete)
    notes.push_back(
        "How it ends. The planned end has not been reached, so p-values are withheld and the "
        "effects may still move.");
  if (immature > 0)
    notes.push_back(fmt::format(
        "What the latest {} will do. {} had not completed a metric's window and are left out of "
        "it.",
        plural(entity), counted(immature, entity)));
  if (covers_zero)
    notes.push_back(
        "Whether a metric that did not clearly move is truly unchanged. Its interval shows the "
        "effects that remain possible.");
  if (segments)
    notes.push_back(
        "Whether segments really differ from one another. Segments are explored and nothing is "
        "decided on them; treat a striking one as a question for the next experiment.");
  if (!result.experiment.end.empty())
    notes.push_back(
        "What happens later. The effect was measured in the windows above; novelty may wear off "
        "and habits may grow.");
  return notes;
}

}  // namespace descant::report
