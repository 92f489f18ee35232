// SPDX-License-Identifier: Apache-2.0
#include "experiment/split_checks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/checks.h"
#include "stats/sample_ratio.h"

namespace descant::experiment {

namespace {

using ArmCounts = std::vector<std::int64_t>;

bool is_exposed(const folds::UnitTable& table, std::size_t unit) {
  return table.exposed_from.empty() || table.exposed_from[unit] < table.days.size();
}

// Exposed units, or clusters where those were randomised, with a unit in the group.
std::vector<ArmCounts> counts_by(const folds::UnitTable& table,
                                 const std::vector<std::uint16_t>& codes, std::size_t values) {
  std::vector<ArmCounts> counts(values, ArmCounts(table.variants.size(), 0));
  std::set<std::pair<std::uint32_t, std::uint16_t>> counted_clusters;
  for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
    if (!is_exposed(table, unit)) continue;
    if (!table.cluster.empty() &&
        !counted_clusters.emplace(table.cluster[unit], codes[unit]).second)
      continue;
    ++counts[codes[unit]][table.arm[unit]];
  }
  return counts;
}

Result<stats::SampleRatioResult> test(const AnalysisPlan& plan, const ArmCounts& counts,
                                      const char* method) {
  stats::SampleRatioRequest request;
  request.counts = counts;
  request.expected = plan.shares;
  request.method = method;
  return stats::sample_ratio_test(request);
}

bool is_large_enough(const AnalysisPlan& plan, const ArmCounts& counts) {
  const double total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  const double smallest = *std::min_element(plan.shares.begin(), plan.shares.end());
  const double shares = std::accumulate(plan.shares.begin(), plan.shares.end(), 0.0);
  return total * smallest / shares >= kSmallestExpected;
}

struct Worst {
  std::size_t group = 0;
  std::size_t tested = 0;
  double statistic = stats::kUndefined;
  double p_value = stats::kUndefined;  // as it is, before the correction
};

Result<Worst> worst_split(const AnalysisPlan& plan, const std::vector<ArmCounts>& groups) {
  Worst worst;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (!is_large_enough(plan, groups[group])) continue;
    DESCANT_ASSIGN(const auto found, test(plan, groups[group], "chi_squared"));
    if (std::isnan(found.p_value)) continue;
    ++worst.tested;
    if (worst.tested > 1 && !(found.p_value < worst.p_value)) continue;
    worst.group = group;
    worst.statistic = found.statistic;
    worst.p_value = found.p_value;
  }
  return worst;
}

// One check from the worst of several groups; none when no group is large enough.
Result<std::optional<Check>> grouped_check(const AnalysisPlan& plan, const folds::UnitTable& table,
                                           const std::vector<ArmCounts>& groups,
                                           const std::vector<std::string>& labels, double level,
                                           Check check, const std::string& noun,
                                           const std::string& of = {}) {
  DESCANT_ASSIGN(const auto worst, worst_split(plan, groups));
  if (worst.tested == 0) return std::optional<Check>();
  check.statistic = worst.statistic;
  check.p_value = std::min(1.0, worst.p_value * static_cast<double>(worst.tested));
  check.threshold = level;
  check.passed = !(check.p_value <= level);
  const auto& counts = groups[worst.group];
  const std::string corrected =
      worst.tested == 1 ? p_value_text(check.p_value)
                        : fmt::format("{} after correction for {}", p_value_text(check.p_value),
                                      counted(static_cast<std::int64_t>(worst.tested), noun));
  const std::size_t small = groups.size() - worst.tested;
  const std::string left =
      small == 0
          ? std::string()
          : fmt::format(" Too small to test: {}.", counted(static_cast<std::int64_t>(small), noun));
  check.message =
      fmt::format("{}; the furthest from it is {} with {} ({}).{}",
                  check.passed ? "The split is as declared in every " + noun + of
                               : "The split is off in some " + noun + of,
                  labels[worst.group], shares_text(table.variants, {counts.begin(), counts.end()}),
                  corrected, left);
  return std::optional<Check>(std::move(check));
}

// Counts of units first exposed on each day, of days that are in the table.
std::vector<ArmCounts> counts_by_day(const folds::UnitTable& table) {
  std::vector<ArmCounts> counts(table.days.size(), ArmCounts(table.variants.size(), 0));
  std::map<std::uint32_t, std::uint16_t> first_day;  // of clusters
  for (std::size_t unit = 0; unit < table.cluster.size(); ++unit)
    if (is_exposed(table, unit)) {
      auto& day =
          first_day.try_emplace(table.cluster[unit], table.exposed_from[unit]).first->second;
      day = std::min(day, table.exposed_from[unit]);
    }
  for (std::size_t unit = 0; unit < table.unit_count; ++unit) {
    if (!is_exposed(table, unit)) continue;
    std::uint16_t day = table.exposed_from[unit];
    if (!table.cluster.empty()) {  // a cluster counts once, on its first day
      const auto found = first_day.find(table.cluster[unit]);
      if (found == first_day.end()) continue;
      day = found->second;
      first_day.erase(found);
    }
    ++counts[day][table.arm[unit]];
  }
  return counts;
}

Result<Check> sequential_check(const AnalysisPlan& plan, const folds::UnitTable& table,
                               const std::vector<ArmCounts>& by_day, double level) {
  Check check;
  check.name = kSequentialSampleRatio;
  check.threshold = level;
  ArmCounts total(table.variants.size(), 0);
  std::size_t worst_day = 0;
  for (std::size_t day = 0; day < by_day.size(); ++day) {
    for (std::size_t arm = 0; arm < total.size(); ++arm) total[arm] += by_day[day][arm];
    DESCANT_ASSIGN(const auto found, test(plan, total, "sequential"));
    if (std::isnan(found.p_value)) continue;
    if (!std::isnan(check.p_value) && !(found.p_value < check.p_value)) continue;
    check.p_value = found.p_value;
    check.statistic = found.statistic;
    worst_day = day;
  }
  check.passed = !(check.p_value <= level);
  check.message =
      check.passed
          ? fmt::format(
                "Looked at after every day, the split never left what was declared (sequential "
                "{}).",
                p_value_text(check.p_value))
          : fmt::format(
                "Looked at after every day, the split left what was declared; the evidence is "
                "strongest on {} (sequential {}).",
                format_date(table.days[worst_day].date), p_value_text(check.p_value));
  return check;
}

}  // namespace

Result<std::vector<Check>> split_checks(const AnalysisPlan& plan, const folds::UnitTable& table,
                                        const std::vector<ShownSegments>& segments, double level) {
  std::vector<Check> checks;
  if (plan.shares.empty() || table.unit_count == 0) return checks;
  const auto keep = [&](std::optional<Check> check) {
    if (check) checks.push_back(std::move(*check));
  };
  for (const auto& segment : segments) {
    Check check;
    check.name = fmt::format("{}:{}", kSegmentSampleRatio, segment.dimension);
    DESCANT_ASSIGN(
        auto found,
        grouped_check(plan, table, counts_by(table, segment.codes, segment.labels.size()),
                      segment.labels, level, check, "value", " of " + segment.dimension));
    keep(std::move(found));
  }
  if (table.exposed_from.empty() || table.days.size() < 2) return checks;
  const auto by_day = counts_by_day(table);
  std::vector<ArmCounts> exposing;  // nobody is exposed once the experiment has ended
  std::vector<std::string> dates;
  for (std::size_t day = 0; day < by_day.size(); ++day) {
    if (std::accumulate(by_day[day].begin(), by_day[day].end(), std::int64_t{0}) == 0) continue;
    exposing.push_back(by_day[day]);
    dates.push_back(format_date(table.days[day].date));
  }
  if (exposing.empty()) return checks;
  Check check;
  check.name = kDaySampleRatio;
  DESCANT_ASSIGN(auto found, grouped_check(plan, table, exposing, dates, level, check, "day"));
  keep(std::move(found));
  DESCANT_ASSIGN(auto sequential, sequential_check(plan, table, by_day, level));
  checks.push_back(std::move(sequential));
  return checks;
}

}  // namespace descant::experiment
