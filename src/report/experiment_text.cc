// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"
#include "report/text_layout.h"
#include "report/wording.h"

namespace descant::report {
namespace {

using experiment::ExperimentResult;
using experiment::MetricResult;

std::vector<const MetricResult*> metrics_of(const ExperimentResult& result,
                                            const std::string& treatment) {
  std::vector<const MetricResult*> metrics;
  for (const auto& metric : result.metrics)
    if (metric.treatment == treatment) metrics.push_back(&metric);
  return metrics;
}

std::vector<std::string> treatments_of(const ExperimentResult& result) {
  std::vector<std::string> treatments;
  for (const auto& metric : result.metrics)
    if (std::find(treatments.begin(), treatments.end(), metric.treatment) == treatments.end())
      treatments.push_back(metric.treatment);
  return treatments;
}

std::string title(std::string_view text, const TextStyle& style) {
  return "\n" + paint(text, Tone::kStrong, style.color) + "\n";
}

std::string verdict_section(const ExperimentResult& result, const TextStyle& style) {
  std::string out;
  for (const auto& decision : result.decisions) {
    const auto word = action_wording(decision.action);
    const bool several = result.decisions.size() > 1;
    const std::string name = printable(result.experiment.name) +
                             (several ? " (" + printable(decision.treatment) + ")" : "");
    const std::size_t indent = display_width(word.label) + 2;
    const std::string lines =
        wrap(name + ": " + printable(explanation_text(decision)), style.width, indent);
    // Painted once the lines are broken, because escapes would count as width.
    out += paint(word.label, word.tone, style.color) + "  " + lines.substr(indent);
  }
  if (!result.experiment.hypothesis.empty())
    out += wrap("Hypothesis: " + printable(result.experiment.hypothesis), style.width, 2);
  return out;
}

// The control when its name does not say so.
bool is_other_control(const experiment::ExperimentSummary& experiment,
                      const experiment::ArmCount& arm) {
  return arm.variant == experiment.control && arm.variant != "control";
}

std::string participants_section(const ExperimentResult& result, const TextStyle& style) {
  const auto& experiment = result.experiment;
  std::string out = title("Who took part", style);
  std::string when = period_text(experiment);
  if (!experiment.as_of.empty())
    when += (when.empty() ? "as of " : ", as of ") + instant_text(experiment.as_of);
  if (!experiment.complete) when += when.empty() ? "not complete yet" : ", not complete yet";
  out += wrap(when, style.width, 2);
  const auto total = static_cast<double>(units_total(experiment));
  TextTable table(
      {{"variant"}, {plural(experiment.entity), true}, {"share", true}, {"expected", true}});
  for (const auto& arm : experiment.arms)
    table.add_row({{arm.variant + (is_other_control(experiment, arm) ? " (control)" : "")},
                   {format_count(static_cast<std::uint64_t>(arm.units))},
                   {total > 0 ? format_percent(static_cast<double>(arm.units) / total) : "–"},
                   {arm.expected_share > 0 ? format_percent(arm.expected_share) : "–"}});
  out += table.render(style.width, style.color);
  for (const auto& left : experiment.left_out) {
    if (left.count == 0) continue;
    out += wrap("Left out: " + printable(left.message), style.width, 2);
  }
  return out;
}

std::string checks_section(const ExperimentResult& result, const TextStyle& style) {
  if (result.checks.empty()) return {};
  std::string out = title("Checks", style);
  for (const auto& check : result.checks) {
    const auto mark = check_mark(check);
    out += "  " + paint(mark.symbol, mark.tone, style.color) + " " +
           wrap(printable(check.message), style.width, 4).substr(4);
  }
  return out;
}

void add_metric_row(TextTable& table, const ExperimentResult& result, const MetricResult& metric) {
  const auto effect = effect_text(metric.comparison, metric);
  table.add_row({{metric_title(metric), Tone::kStrong},
                 {estimate_text(metric.comparison.control.estimate, metric)},
                 {estimate_text(metric.comparison.treatment.estimate, metric)},
                 {effect.estimate},
                 {effect.interval},
                 {p_value_text(result, metric)},
                 {verdict_label(metric), verdict_tone(metric.verdict)}});
}

std::string metrics_section(const ExperimentResult& result, const std::string& treatment,
                            const TextStyle& style) {
  const auto metrics = metrics_of(result, treatment);
  if (metrics.empty()) return {};
  TextTable table({{"metric"},
                   {result.experiment.control, true},
                   {treatment, true},
                   {"effect", true},
                   {level_text(result), true},
                   {"p (alpha)", true},
                   {"verdict"}});
  std::string role;
  for (const auto* metric : metrics) {
    if (role_text(*metric) != role) table.add_group(role = role_text(*metric));
    add_metric_row(table, result, *metric);
  }
  std::string out =
      title(printable("Metrics: " + treatment + " against " + result.experiment.control), style);
  out += table.render(style.width, style.color);
  for (const auto* metric : metrics) {
    if (metric->sequential) out += wrap(printable(metric->sequential->message), style.width, 2);
    const auto cuped = cuped_sentence(result, *metric);
    if (!cuped.empty()) out += wrap(printable(metric->name + ": " + cuped), style.width, 2);
    if (metric->immature_units > 0)
      out += wrap(
          fmt::format("{}: {} left out, their window is not complete.", printable(metric->name),
                      counted(metric->immature_units, result.experiment.entity)),
          style.width, 2);
    if (metric->missing_units > 0)
      out += wrap(fmt::format("{}: {} left out, without a value.", printable(metric->name),
                              counted(metric->missing_units, result.experiment.entity)),
                  style.width, 2);
  }
  if (!p_values_shown(result))
    out += wrap("p-values are shown once the planned end is reached.", style.width, 2);
  else
    out += wrap(
        "p is one-sided, in the direction that the metric's role tests; alpha is what the "
        "decision rule compares it with.",
        style.width, 2);
  return out;
}

std::string segments_section(const ExperimentResult& result, const std::string& treatment,
                             const TextStyle& style) {
  std::string out;
  for (const auto* metric : metrics_of(result, treatment)) {
    if (metric->segments.empty()) continue;
    TextTable table({{"segment"},
                     {plural(result.experiment.entity), true},
                     {"effect", true},
                     {level_text(result), true},
                     {""}});
    std::string dimension;
    for (const auto& segment : metric->segments) {
      if (segment.dimension != dimension) table.add_group("by " + segment.dimension);
      dimension = segment.dimension;
      const auto effect = effect_text(segment.comparison, *metric);
      const auto units = segment.comparison.control.n + segment.comparison.treatment.n;
      table.add_row({{"  " + segment.value},
                     {format_count(static_cast<std::uint64_t>(units))},
                     {effect.estimate},
                     {effect.interval},
                     {effect.sign_excludes_zero > 0   ? "up"
                      : effect.sign_excludes_zero < 0 ? "down"
                                                      : ""}});
    }
    out += "  " + paint(printable(metric->name), Tone::kStrong, style.color) + "\n" +
           table.render(style.width, style.color, 4);
  }
  if (out.empty()) return out;
  return title("Segments: effect of " + printable(treatment), style) + out +
         wrap("These intervals are not corrected for the number of segments.", style.width, 2);
}

// Whether effects differ between segments, and the groups that the tree found.
std::string heterogeneity_section(const ExperimentResult& result, const std::string& treatment,
                                  const TextStyle& style) {
  std::string out;
  for (const auto* metric : metrics_of(result, treatment)) {
    if (!metric->heterogeneity) continue;
    out += wrap(printable(metric->heterogeneity->message), style.width, 2);
    const auto groups = tree_groups(*metric);
    if (groups.empty()) continue;
    TextTable table({{"group"},
                     {plural(result.experiment.entity), true},
                     {"effect", true},
                     {level_text(result), true}});
    for (const auto& group : groups)
      table.add_row({{std::string(2 * (group.depth - 1), ' ') + group.name},
                     {group.units},
                     {group.effect.estimate},
                     {group.effect.interval}});
    out += table.render(style.width, style.color, 4);
  }
  if (out.empty()) return out;
  return title("For whom: " + printable(treatment), style) + out +
         wrap(
             "This explores: segment effects here are shrunk to their mean, groups are found by "
             "one half of the units and estimated by the other, and no decision rests on them.",
             style.width, 2);
}

// One bar per day, between the lowest and the highest effect, zero among them.
std::string sparkline(const std::vector<double>& effects) {
  static constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = 0, high = 0;
  for (const double effect : effects) {
    if (!std::isfinite(effect)) continue;
    low = std::min(low, effect);
    high = std::max(high, effect);
  }
  std::string line;
  for (const double effect : effects) {
    if (!std::isfinite(effect)) {
      line += "·";
      continue;
    }
    const double share = high > low ? (effect - low) / (high - low) : 0.0;
    line += kBars[static_cast<std::size_t>(std::lround(share * 7.0))];
  }
  return line;
}

std::string days_section(const ExperimentResult& result, const std::string& treatment,
                         const TextStyle& style) {
  TextTable table({{"metric"}, {"first", true}, {"by day"}, {"last", true}, {"days"}});
  for (const auto* metric : metrics_of(result, treatment)) {
    const auto days = days_with_effect(*metric);
    if (days.size() < 2) continue;
    std::vector<double> effects;
    for (const auto& day : days) effects.push_back(day.comparison.relative.estimate);
    table.add_row({{metric->name, Tone::kStrong},
                   {effect_text(days.front().comparison, *metric).estimate},
                   {sparkline(effects)},
                   {effect_text(days.back().comparison, *metric).estimate},
                   {days.front().day + " to " + days.back().day}});
  }
  if (table.empty()) return {};
  return title("Effect by day: " + printable(treatment), style) +
         table.render(style.width, style.color);
}

std::string since_exposure_section(const ExperimentResult& result, const std::string& treatment,
                                   const TextStyle& style) {
  TextTable table({{"metric"}, {"first", true}, {"by day"}, {"last", true}, {"days"}});
  std::string sentences;
  for (const auto* metric : metrics_of(result, treatment)) {
    const auto& days = metric->days_since_exposure;
    if (days.size() < 2) continue;
    std::vector<double> effects;
    for (const auto& day : days) effects.push_back(day.comparison.relative.estimate);
    table.add_row({{metric->name, Tone::kStrong},
                   {effect_text(days.front().comparison, *metric).estimate},
                   {sparkline(effects)},
                   {effect_text(days.back().comparison, *metric).estimate},
                   {fmt::format("{} to {}", days.front().day, days.back().day)}});
    if (metric->novelty && metric->novelty->kind != "steady")
      sentences += wrap(printable(metric->novelty->message), style.width, 2);
  }
  if (table.empty()) return {};
  return title("Effect by day since exposure: " + printable(treatment), style) +
         table.render(style.width, style.color) + sentences;
}

std::string warnings_section(const Warnings& warnings, const TextStyle& style) {
  if (warnings.empty()) return {};
  std::string out = title("Warnings", style);
  for (const auto& warning : warnings) {
    const std::string field = warning.field.empty() ? "" : warning.field + ": ";
    out += "  " + paint("!", Tone::kCaution, style.color) + " " +
           wrap(printable(field + warning.message), style.width, 4).substr(4);
  }
  return out;
}

// Those that the lines below the metrics do not say already.
Warnings warnings_left(const ExperimentResult& result) {
  Warnings warnings = shown_warnings(result);
  std::erase_if(warnings, [](const Warning& warning) {
    return warning.code == "missing_values" || warning.code == "immature_units";
  });
  return warnings;
}

}  // namespace

std::string experiment_text(const ExperimentResult& result, const TextStyle& style) {
  std::string out = verdict_section(result, style);
  out += participants_section(result, style);
  out += checks_section(result, style);
  for (const auto& treatment : treatments_of(result)) {
    out += metrics_section(result, treatment, style);
    if (style.segments) out += segments_section(result, treatment, style);
    if (style.segments) out += heterogeneity_section(result, treatment, style);
    if (style.days) out += days_section(result, treatment, style);
    if (style.days) out += since_exposure_section(result, treatment, style);
  }
  out += warnings_section(warnings_left(result), style);
  return out;
}

}  // namespace descant::report
