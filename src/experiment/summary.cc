// SPDX-License-Identifier: Apache-2.0
#include "experiment/summary.h"

#include <numeric>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::experiment {
namespace {

LeftOut left_out_of(const char* reason, const char* what, std::uint64_t count,
                    std::string_view noun, const char* message) {
  const auto n = static_cast<std::int64_t>(count);
  return {reason, what, n, fmt::format("{} {}", counted(n, noun), message)};
}

}  // namespace

ExperimentSummary summarise(const AnalysisPlan& plan, const folds::UnitTable& units,
                            const std::vector<std::int64_t>& arms,
                            const std::optional<folds::ExposureCounts>& exposure) {
  ExperimentSummary summary;
  summary.name = plan.name;
  summary.hypothesis = plan.hypothesis;
  summary.entity = plan.cluster.empty() ? plan.entity : plan.cluster;
  summary.control = units.variants.front();
  summary.start = plan.start;
  summary.end = plan.end;
  summary.timezone = plan.timezone;
  if (!plan.start.empty()) summary.as_of = format_instant(units.days.back().as_of);
  const double shares_total = std::accumulate(plan.shares.begin(), plan.shares.end(), 0.0);
  for (std::size_t arm = 0; arm < arms.size(); ++arm)
    summary.arms.push_back(
        {units.variants[arm],
         plan.shares.empty() ? stats::kUndefined : plan.shares[arm] / shares_total, arms[arm]});
  if (!exposure) return summary;
  summary.left_out = {left_out_of("undeclared_variant", "rows", exposure->undeclared_variant, "row",
                                  "of a variant that the experiment does not declare."),
                      left_out_of("outside_dates", "rows", exposure->outside_dates, "row",
                                  "outside the experiment's dates."),
                      left_out_of("null_key", "rows", exposure->null_rows, "row",
                                  "without a unit, variant or timestamp."),
                      left_out_of("several_variants", "units", exposure->in_several_variants,
                                  plan.entity, "seen in more than one variant."),
                      left_out_of("mixed_clusters", "units", exposure->in_mixed_clusters,
                                  plan.entity, "in clusters that were given several variants."),
                      left_out_of("carryover", "units", exposure->carryover_buckets, plan.entity,
                                  "within the carry-over of a switch."),
                      left_out_of("switched", "units", exposure->switched_buckets, plan.entity,
                                  "in which the variant changed.")};
  std::erase_if(summary.left_out, [](const LeftOut& left) { return left.count == 0; });
  return summary;
}

}  // namespace descant::experiment
