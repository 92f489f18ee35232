// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"
#include "report/text_layout.h"

namespace descant::report {
namespace {

std::string interval_text(const experiment::Rate& rate) {
  if (std::isnan(rate.estimate)) return "–";
  return fmt::format("{} to {}", format_percent(rate.lower), format_percent(rate.upper));
}

std::string rate_text(const experiment::Rate& rate) {
  if (std::isnan(rate.estimate)) return "–";
  return fmt::format("{} ({})", format_percent(rate.estimate), interval_text(rate));
}

}  // namespace

std::string aa_text(const experiment::AaResult& result, const TextStyle& style) {
  std::size_t broken = 0;
  for (const auto& metric : result.metrics) broken += metric.as_promised ? 0 : 1;
  const auto replicates = format_count(static_cast<std::uint64_t>(result.replicates));
  std::string out =
      wrap(broken == 0
               ? fmt::format("{}: in {} A/A runs every test kept its false-positive rate of {}.",
                             printable(result.experiment), replicates, format_percent(result.alpha))
               : fmt::format("{}: in {} A/A runs {} kept to the false-positive rate of {}.",
                             printable(result.experiment), replicates,
                             broken == result.metrics.size()
                                 ? "no test"
                                 : fmt::format("{} of {} tests", result.metrics.size() - broken,
                                               result.metrics.size()),
                             format_percent(result.alpha)),
           style.width);
  TextTable table({{"metric"},
                   {"false positives", true},
                   {"95% interval", true},
                   {"uniform p", true},
                   {"power", true},
                   {""}});
  for (const auto& metric : result.metrics)
    table.add_row({{metric.name, Tone::kStrong},
                   {format_percent(metric.false_positives.estimate)},
                   {interval_text(metric.false_positives)},
                   {format_p_value(metric.uniformity_p_value)},
                   {format_percent(metric.power.estimate, 1)},
                   {metric.as_promised ? "as promised" : "not as promised",
                    metric.as_promised ? Tone::kGood : Tone::kBad}});
  out += table.render(style.width, style.color);
  out += wrap(
      fmt::format("Without any effect the whole rule ships in {} and stops in {} of runs.",
                  rate_text(result.decisions.ship), format_percent(result.decisions.stop.estimate)),
      style.width, 2);
  out += wrap(
      "Power is to find the stated effect, or that a guardrail keeps its margin, with these units.",
      style.width, 2);
  return out;
}

}  // namespace descant::report
