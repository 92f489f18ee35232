// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"
#include "report/text_layout.h"

namespace descant::report {
namespace {

struct Words {
  std::string effect, interval;
};

// Relative to control where that is defined, else in the metric's unit.
Words words_of(const experiment::ExplainedStep& step) {
  const bool share = std::isfinite(step.relative.estimate);
  const auto& effect = share ? step.relative : step.absolute;
  const auto number = [&](double value) {
    if (share) return format_signed_percent(value);
    return (value > 0 ? "+" : "") + format_number(value);
  };
  return {number(effect.estimate),
          std::isfinite(effect.lower) && std::isfinite(effect.upper)
              ? fmt::format("{} to {}", number(effect.lower), number(effect.upper))
              : "–"};
}

}  // namespace

std::string explain_text(const experiment::Explanation& explanation, const TextStyle& style) {
  std::string out;
  for (const auto& metric : explanation.metrics) {
    const std::string name = printable(fmt::format("{}: {}", metric.name, metric.treatment));
    if (!out.empty()) out += "\n";
    out += paint(name, Tone::kStrong, style.color) + "\n";
    TextTable table({{"step"},
                     {"effect", true},
                     {fmt::format("{:.4g}% interval", 100 * explanation.confidence_level), true},
                     {"width", true},
                     {"p", true}});
    for (const auto& step : metric.steps) {
      const auto words = words_of(step);
      table.add_row(
          {{step.name},
           {words.effect},
           {words.interval},
           {std::isfinite(step.width_change) ? format_signed_percent(step.width_change, 1) : "–"},
           {std::isfinite(step.p_value) ? format_p_value(step.p_value) : "–"}});
    }
    out += table.render(style.width, style.color);
    for (const auto& step : metric.steps) out += wrap(printable(step.message), style.width, 2);
  }
  return out;
}

}  // namespace descant::report
