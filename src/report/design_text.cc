// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"
#include "report/text_layout.h"

namespace descant::report {
namespace {

using experiment::DesignMetric;
using experiment::DesignResult;

std::string count_text(const std::optional<std::int64_t>& count) {
  return count ? format_count(static_cast<std::uint64_t>(*count)) : "–";
}

std::string headline(const DesignResult& result) {
  const std::string name = printable(result.experiment);
  const std::string planned =
      fmt::format("{} of exposure bring about {}", counted(result.planned_days, "day"),
                  counted(result.planned_units, result.entity));
  if (result.binding_metric.empty())
    return fmt::format("{}: no metric states an effect to find or a margin to keep; {}.", name,
                       planned);
  if (!result.runtime_days)
    return fmt::format("{}: {} needs {}, more than ever arrive; {}.", name,
                       printable(result.binding_metric),
                       counted(*result.units_needed, result.entity), planned);
  return fmt::format("{}: run it {}, windows included. {} binds: it needs {}; {}.", name,
                     counted(*result.runtime_days, "day"), printable(result.binding_metric),
                     counted(*result.units_needed, result.entity), planned);
}

std::string level(double value, const DesignMetric& metric) {
  if (metric.type == "proportion" || metric.type == "retention") return format_percent(value);
  return format_number(value) + (metric.unit.empty() ? "" : " " + metric.unit);
}

std::string relative(double effect, const DesignMetric& metric) {
  return metric.mean > 0 ? format_percent(effect / metric.mean) : format_number(effect);
}

std::string scenario_words(const std::string& name) {
  if (name == "no_effect") return "without any effect";
  if (name == "planned_effects") return "with the planned effects";
  return "with only that of " + name.substr(name.find(':') + 1);
}

}  // namespace

std::string design_text(const DesignResult& result, const TextStyle& style) {
  std::string out = wrap(headline(result), style.width);
  out += wrap(
      fmt::format("Learnt from {} first seen from {} to {}.",
                  counted(result.arrival.empty() ? 0 : result.arrival.back().units, result.entity),
                  result.from, result.to),
      style.width, 2);
  TextTable table({{"metric"},
                   {"role"},
                   {"baseline", true},
                   {"corr.", true},
                   {"to find", true},
                   {"needs", true},
                   {"days", true},
                   {"power", true},
                   {"detects", true}});
  for (const auto& metric : result.metrics)
    table.add_row(
        {{metric.name, metric.name == result.binding_metric ? Tone::kStrong : Tone::kPlain},
         {metric.role},
         {level(metric.mean, metric)},
         {format_number(metric.covariate_correlation, 2)},
         {std::isnan(metric.effect) ? "–" : relative(metric.effect, metric)},
         {count_text(metric.units_needed)},
         {count_text(metric.runtime_days)},
         {format_percent(metric.power_at_plan, 1)},
         {relative(metric.detectable_effect, metric)}});
  out += table.render(style.width, style.color);
  out += wrap(
      "corr.: of a unit's value with its covariates. Needs: units of all variants, at the decision "
      "rule's alpha and power for this metric. Power and detects: with the planned days' units. "
      "Effects are relative to the baseline; a guardrail's is its margin.",
      style.width, 2);
  for (const auto& scenario : result.scenarios)
    out += wrap(
        fmt::format("Ships {}: {} ({} to {}).", printable(scenario_words(scenario.name)),
                    format_percent(scenario.ship.estimate, 1),
                    format_percent(scenario.ship.lower, 1), format_percent(scenario.ship.upper, 1)),
        style.width, 2);
  for (const auto& warning : result.warnings)
    out += "  " + paint("!", Tone::kCaution, style.color) + " " +
           wrap(printable(warning.field + ": " + warning.message), style.width, 4).substr(4);
  return out;
}

}  // namespace descant::report
