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

using timelines::TableRefresh;
using timelines::TableStatus;

std::uint64_t positive(std::int64_t n) { return n > 0 ? static_cast<std::uint64_t>(n) : 0; }

Tone state_tone(const std::string& state) {
  if (state == "current") return Tone::kGood;
  return state == "stale" ? Tone::kCaution : Tone::kBad;
}

// One bar per day; when there are more days than room, one bar per equal run of days.
std::string day_bars(const std::vector<timelines::DayCount>& days, std::size_t room) {
  static constexpr std::string_view kBars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t bars = std::min(days.size(), std::max<std::size_t>(room, 10));
  std::vector<double> sums(bars, 0.0);
  for (std::size_t d = 0; d < days.size(); ++d)
    sums[d * bars / days.size()] += static_cast<double>(days[d].events);
  const double most = bars > 0 ? *std::max_element(sums.begin(), sums.end()) : 0.0;
  std::string line;
  for (const double sum : sums)
    line += kBars[most > 0 ? static_cast<std::size_t>(std::ceil(sum / most * 8.0)) : 0];
  return line;
}

std::string events_per_day(const TableStatus& table, const TextStyle& style) {
  if (table.events_per_day.empty()) return {};
  const auto& days = table.events_per_day;
  std::int64_t total = 0;
  for (const auto& day : days) total += day.events;
  const auto by_events = [](const auto& a, const auto& b) { return a.events < b.events; };
  const auto [least, most] = std::minmax_element(days.begin(), days.end(), by_events);
  const auto mean = positive(total) / days.size();
  std::string out =
      wrap(fmt::format("Events per day: {} on average; least {} on {}, most {} on {}.",
                       format_count(mean), format_count(positive(least->events)), least->day,
                       format_count(positive(most->events)), most->day),
           style.width, 4);
  const std::string first = days.front().day + " ", last = " " + days.back().day;
  const std::size_t used = 4 + first.size() + last.size();
  return out + "    " + first + day_bars(days, style.width > used ? style.width - used : 10) +
         last + "\n";
}

std::string table_details(const TableStatus& table, const TextStyle& style) {
  std::string out = "  " + paint(printable(table.table), Tone::kStrong, style.color) + "  " +
                    paint(table.state, state_tone(table.state), style.color);
  if (!table.why.empty()) out += ": " + printable(table.why);
  out += "\n" + wrap("Source: " + printable(table.source), style.width, 4);
  if (!table.first.empty())
    out += wrap(fmt::format("From {} to {}.", instant_text(table.first), instant_text(table.last)),
                style.width, 4);
  if (!table.refreshed.empty())
    out += wrap(fmt::format("Refreshed {}, definition {}.", instant_text(table.refreshed),
                            table.definition_hash),
                style.width, 4);
  if (table.left_out > 0)
    out += wrap(counted(table.left_out, "row") + " left out.", style.width, 4);
  out += events_per_day(table, style);
  for (const auto& warning : table.warnings)
    out += "    " + paint("!", Tone::kCaution, style.color) + " " +
           wrap(printable(warning.message), style.width, 6).substr(6);
  return out;
}

}  // namespace

std::string status_text(const timelines::ProjectStatus& status, const TextStyle& style) {
  std::string out = paint(printable(status.project), Tone::kStrong, style.color) + "\n";
  out += wrap(printable(status.folder), style.width, 2);
  out += wrap("Definition " + status.definition_hash, style.width, 2);
  const auto missing = [](const TableStatus& table) { return table.state == "missing"; };
  if (std::all_of(status.tables.begin(), status.tables.end(), missing))
    return out + "\n" +
           wrap("There are no timelines yet. Make them with `descant refresh`.", style.width, 2);

  TextTable table({{"table"},
                   {"kind"},
                   {"state"},
                   {"rows", true},
                   {"distinct", true},
                   {"size", true},
                   {"complete up to"}});
  for (const auto& row : status.tables)
    table.add_row({{row.table, Tone::kStrong},
                   {row.kind},
                   {row.state, state_tone(row.state)},
                   {format_count(positive(row.rows))},
                   {format_count(positive(row.distinct_entities))},
                   {format_bytes(positive(row.bytes))},
                   {row.watermark.empty() ? "–" : instant_text(row.watermark)}});
  out += "\n" + table.render(style.width, style.color) + "\n";
  bool stale = false;
  for (const auto& row : status.tables) {
    out += table_details(row, style);
    stale = stale || row.state != "current";
  }
  if (stale)
    out += "\n" + wrap("Some tables are behind. Bring them up to date with `descant refresh`.",
                       style.width, 2);
  return out;
}

std::string refresh_text(const timelines::RefreshReport& refresh, const TextStyle& style) {
  TextTable table({{"table"},
                   {"kind"},
                   {""},
                   {"rows", true},
                   {"distinct", true},
                   {"size", true},
                   {"time", true}});
  std::uint64_t rows = 0;
  bool built = false;
  for (const TableRefresh& row : refresh.tables) {
    built = built || row.rebuilt;
    if (row.rebuilt) rows += row.rows;
    table.add_row(
        {{row.table, Tone::kStrong},
         {row.kind},
         {row.rebuilt ? "built" : "unchanged, kept", row.rebuilt ? Tone::kGood : Tone::kMuted},
         {format_count(row.rows)},
         {format_count(row.entities)},
         {format_bytes(row.bytes)},
         {row.rebuilt ? format_seconds(row.seconds) : "–"}});
  }
  std::string out = table.render(style.width, style.color);
  for (const auto& row : refresh.tables)
    for (const auto& warning : row.warnings)
      out += "  " + paint("!", Tone::kCaution, style.color) + " " +
             wrap(printable(row.table + ": " + warning.message), style.width, 4).substr(4);
  out += !built ? "  Nothing to do: every table is up to date.\n"
                : fmt::format("  {} in {}.\n", counted(static_cast<std::int64_t>(rows), "row"),
                              format_seconds(refresh.seconds));
  return out;
}

}  // namespace descant::report
