// SPDX-License-Identifier: Apache-2.0
#include "experiment/heterogeneity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/random.h"
#include "base/text.h"
#include "experiment/checks.h"
#include "experiment/unit_columns.h"
#include "stats/comparison/compare.h"

namespace descant::experiment {

namespace {

constexpr std::uint64_t kTreeSeed = 1;
constexpr std::int64_t kTreeUnitsMax = 1'000'000;
constexpr std::size_t kSegmentsNamed = 4;  // in a sentence

bool is_defined(const stats::EffectInterval& effect) {
  return std::isfinite(effect.estimate) && effect.standard_error > 0;
}

// Relative when no segment would be lost by it.
bool compares_relative(const MetricResult& metric) {
  return std::all_of(metric.segments.begin(), metric.segments.end(), [](const auto& segment) {
    const auto& comparison = segment.comparison;
    return !is_defined(comparison.absolute) || is_defined(comparison.relative);
  });
}

// Two-sided, of no effect: a guardrail's own p-value is that of its margin.
double p_value_of_no_effect(const MetricResult& metric, const stats::Comparison& comparison) {
  if (!metric.margin) return comparison.p_value;
  if (!is_defined(comparison.absolute)) return stats::kUndefined;
  const auto variance = [](const stats::ArmEstimate& arm) {
    return arm.standard_error * arm.standard_error;
  };
  const stats::ReferenceDistribution welch{
      stats::ReferenceDistribution::Kind::kWelch, variance(comparison.control),
      variance(comparison.treatment), static_cast<double>(comparison.control.n - 1),
      static_cast<double>(comparison.treatment.n - 1)};
  const double degrees =
      std::isfinite(comparison.degrees_of_freedom) ? welch.degrees_of_freedom() : stats::kUndefined;
  return stats::p_value_of(comparison.absolute.estimate / comparison.absolute.standard_error,
                           degrees, "two_sided");
}

Result<void> add_findings(const AnalysisPlan& plan, MetricResult& metric) {
  Heterogeneity& found = *metric.heterogeneity;
  const bool relative = compares_relative(metric);
  found.scale = relative ? "relative" : "absolute";
  std::vector<stats::SegmentEffect> effects;
  for (const auto& segment : metric.segments) {
    const auto& comparison = segment.comparison;
    const auto& effect = relative ? comparison.relative : comparison.absolute;
    effects.push_back(
        {segment.dimension, segment.value, effect.estimate, effect.standard_error,
         plan.planned_end_reached ? p_value_of_no_effect(metric, comparison) : stats::kUndefined});
  }
  stats::SegmentFindingOptions options;
  options.alpha = 1 - plan.confidence_level;
  options.confidence_level = plan.confidence_level;
  DESCANT_ASSIGN(auto findings, stats::segment_findings(effects, options));
  for (std::size_t i = 0; i < metric.segments.size(); ++i) {
    const stats::SegmentFinding& finding = findings.segments[i];
    metric.segments[i].p_value_adjusted = finding.adjusted_p_value;
    metric.segments[i].rejected = finding.rejected;
    if (is_defined(finding.shrunk)) metric.segments[i].shrunk = finding.shrunk;
  }
  found.dimensions = std::move(findings.dimensions);
  for (auto& dimension : found.dimensions) {
    if (dimension.segments < 2)
      found.warnings.push_back(
          {"too_few_segments", "segments." + dimension.dimension,
           fmt::format("Fewer than two values of {} have an effect with a standard error, so "
                       "whether it differs is undefined.",
                       dimension.dimension)});
    if (plan.planned_end_reached) continue;
    dimension.q = dimension.p_value = dimension.adjusted_p_value = stats::kUndefined;
    dimension.rejected = false;
  }
  if (!plan.planned_end_reached)
    found.warnings.push_back(
        {"before_planned_end", "p_value",
         "Whether the effect differs is tested once the planned end is reached."});
  return {};
}

std::string no_tree_because(const AnalysisPlan& plan, const MetricPlan& metric,
                            const folds::UnitTable& units) {
  if (!plan.planned_end_reached) return "The tree is grown once the planned end is reached.";
  if (metric.type == "quantile") return "A tree splits means; this is a quantile.";
  if (!units.cluster.empty())
    return "Units come in clusters, whose units may lie in different segments.";
  if (plan.design == definitions::DesignType::kDifferenceInDifferences)
    return "The groups were not drawn at random.";
  return {};
}

// The units of two arms that count in a metric.
struct TreeUnits {
  std::vector<std::uint8_t> arms;
  std::vector<double> outcome;
  std::vector<std::vector<std::uint16_t>> codes;  // by dimension
};

// The tree halves the units in the order given. Rows of a table come in any order, so they are put
// into one that follows from what they hold; equal rows may change places without a difference.
std::vector<std::size_t> order_by_content(const folds::UnitTable& units, const UnitColumns& columns,
                                          const std::vector<ShownSegments>& segments) {
  // Of very many units a share, drawn by the same hash, says as much about groups of thousands.
  const double share = static_cast<double>(kTreeUnitsMax) /
                       static_cast<double>(std::max(columns.units, kTreeUnitsMax));
  const auto largest = share < 1 ? static_cast<std::uint64_t>(share * 0x1p64)
                                 : std::numeric_limits<std::uint64_t>::max();
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  for (std::size_t u = 0; u < units.unit_count; ++u) {
    if (columns.included[u] == 0) continue;
    std::uint64_t key = split_mix(units.arm[u] + std::uint64_t{1});
    for (const auto& column : columns.columns)
      key = split_mix(key ^ std::bit_cast<std::uint64_t>(column[u] + 0.0));
    for (const auto& segment : segments) key = split_mix(key ^ segment.codes[u]);
    if (key <= largest) keys.emplace_back(key, u);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> order;
  for (const auto& [key, unit] : keys) order.push_back(unit);
  return order;
}

TreeUnits units_of(const folds::UnitTable& units, const UnitColumns& columns,
                   const std::vector<double>& values, const std::vector<ShownSegments>& segments,
                   std::size_t treatment) {
  TreeUnits out;
  out.codes.resize(segments.size());
  for (const std::size_t u : order_by_content(units, columns, segments)) {
    const std::size_t arm = units.arm[u];
    if (arm != 0 && arm != treatment) continue;
    out.arms.push_back(arm == 0 ? 0 : 1);
    out.outcome.push_back(values[u]);
    for (std::size_t d = 0; d < segments.size(); ++d) out.codes[d].push_back(segments[d].codes[u]);
  }
  return out;
}

Result<void> add_tree(const AnalysisPlan& plan, const TreeUnits& units, bool sampled,
                      const std::vector<ShownSegments>& segments, std::size_t threads,
                      Heterogeneity& found) {
  std::vector<stats::TreeDimension> dimensions;
  for (std::size_t d = 0; d < segments.size(); ++d)
    dimensions.push_back({segments[d].dimension, units.codes[d], segments[d].labels});
  stats::CausalTreeOptions options;
  options.alpha = 1 - plan.confidence_level;
  options.confidence_level = plan.confidence_level;
  options.seed = kTreeSeed;
  DESCANT_ASSIGN(auto tree,
                 stats::causal_tree(dimensions, units.arms, units.outcome, options, threads));
  if (!is_defined(tree.nodes.front().effect)) {
    found.tree_left_out = "Too few units or no variation for a tree.";
    return {};
  }
  if (sampled)
    found.warnings.push_back({"sampled_units", "tree",
                              "The tree is grown and estimated on a sample of about a million "
                              "units."});
  for (const auto& node : tree.nodes)
    if (!is_defined(node.effect)) {
      found.warnings.push_back(
          {"no_variance", "tree",
           "A group of the tree has no variation in the half that estimates it."});
      break;
    }
  found.tree = EffectTree{kTreeSeed, std::move(tree.nodes)};
  return {};
}

std::string effect_text(const MetricResult& metric, double effect) {
  if (metric.heterogeneity->scale == "relative") return format_signed_percent(effect);
  return fmt::format("{}{}{}{}", effect > 0 ? "+" : "", format_number(effect),
                     metric.unit.empty() ? "" : " ", metric.unit);
}

// The shrunk effects from highest to lowest; of many only those at either end.
std::string segments_by_effect(const MetricResult& metric, const std::string& dimension) {
  std::vector<const SegmentEffect*> members;
  for (const auto& segment : metric.segments)
    if (segment.dimension == dimension && segment.shrunk) members.push_back(&segment);
  std::stable_sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
    return a->shrunk->estimate > b->shrunk->estimate;
  });
  std::vector<std::string> named;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool is_end = i < kSegmentsNamed / 2 || i + kSegmentsNamed / 2 >= members.size();
    if (members.size() <= kSegmentsNamed || is_end)
      named.push_back(fmt::format("{} {}", members[i]->value,
                                  effect_text(metric, members[i]->shrunk->estimate)));
    else if (i == kSegmentsNamed / 2)
      named.push_back("…");
  }
  return join(named, ", ");
}

std::string sentences(const AnalysisPlan& plan, const MetricResult& metric) {
  const auto& found = *metric.heterogeneity;
  std::vector<std::string> differing;
  std::vector<std::string> others;
  for (const auto& dimension : found.dimensions) {
    if (dimension.segments < 2) continue;
    if (dimension.rejected)
      differing.push_back(fmt::format("The effect on {} differs by {} ({} after correction): {}.",
                                      metric.name, dimension.dimension,
                                      p_value_text(dimension.adjusted_p_value),
                                      segments_by_effect(metric, dimension.dimension)));
    else
      others.push_back(dimension.dimension);
  }
  if (others.empty())
    return differing.empty() ? fmt::format("Too few segments of {} to compare.", metric.name)
                             : join(differing, " ");
  const std::string names = join(others, ", ");
  if (!plan.planned_end_reached)
    return fmt::format(
        "Whether the effect on {} differs by {} is tested once the planned end is reached.",
        metric.name, names);
  differing.push_back(
      differing.empty()
          ? fmt::format("No sign that the effect on {} differs by {}.", metric.name, names)
          : fmt::format("No sign that it differs by {}.", names));
  return join(differing, " ");
}

// The metric's units are read once for all treatments.
Result<void> add_trees(const AnalysisPlan& plan, const folds::UnitTable& units,
                       const std::vector<ShownSegments>& segments, std::size_t threads,
                       std::size_t metric, std::span<MetricResult> of_treatments) {
  const std::string reason = no_tree_because(plan, plan.metrics[metric], units);
  if (!reason.empty()) {
    for (auto& result : of_treatments) result.heterogeneity->tree_left_out = reason;
    return {};
  }
  DESCANT_ASSIGN(const auto columns, unit_columns(plan, units, metric, threads));
  DESCANT_ASSIGN(const auto values, adjusted_unit_values(columns));
  for (std::size_t t = 0; t < of_treatments.size(); ++t)
    DESCANT_CHECK(add_tree(plan, units_of(units, columns, values, segments, t + 1),
                           columns.units > kTreeUnitsMax, segments, threads,
                           *of_treatments[t].heterogeneity));
  return {};
}

}  // namespace

Result<void> add_heterogeneity(const AnalysisPlan& plan, const folds::UnitTable& units,
                               const std::vector<ShownSegments>& segments, std::size_t threads,
                               std::vector<MetricResult>& metrics) {
  if (segments.empty() || units.unit_count == 0) return {};
  const std::size_t treatments = units.variants.size() - 1;
  for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
    const auto of_treatments = std::span(metrics).subspan(i * treatments, treatments);
    for (auto& metric : of_treatments) {
      metric.heterogeneity.emplace();
      DESCANT_CHECK(add_findings(plan, metric));
      metric.heterogeneity->message = sentences(plan, metric);
    }
    DESCANT_CHECK(add_trees(plan, units, segments, threads, i, of_treatments));
  }
  return {};
}

}  // namespace descant::experiment
