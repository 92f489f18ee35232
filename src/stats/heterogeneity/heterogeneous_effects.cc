// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/heterogeneous_effects.h"

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "stats/comparison/adjusted_difference.h"
#include "stats/labels.h"

namespace descant::stats {
namespace {

struct Dimension {
  std::string name;
  std::vector<std::uint16_t> codes;
  std::vector<std::string> labels;
};

// Unit rows as the moments read them: the outcome, its denominator and the covariate, if any.
struct UnitRows {
  std::vector<std::uint8_t> arms;
  std::vector<const std::vector<double>*> columns;
  std::vector<double> covariate;
  AdjustmentPlan plan;
  std::vector<Dimension> dimensions;
  Warnings warnings;
};

using ArmMoments = std::array<Moments, 2>;

void fill_covariate(const std::vector<std::optional<double>>& given, UnitRows& rows) {
  double sum = 0;
  std::size_t present = 0;
  for (const auto& value : given) {
    sum += value.value_or(0.0);
    present += value ? 1 : 0;
  }
  const double mean = present > 0 ? sum / static_cast<double>(present) : 0.0;
  for (const auto& value : given) rows.covariate.push_back(value.value_or(mean));
  if (present < given.size())
    rows.warnings.push_back(
        {"missing_covariate", "covariate",
         fmt::format("{} of {} values are missing and replaced by the mean of the others.",
                     given.size() - present, given.size())});
}

Result<Dimension> dimension_of(const std::string& name, const std::vector<Json>& column,
                               std::size_t n) {
  const std::string where = "segments." + name;
  DESCANT_CHECK(check_same_length(column.size(), where, n, "outcome"));
  DESCANT_ASSIGN(auto labels, code_labels(column, where));
  if (labels.names.size() > std::numeric_limits<std::uint16_t>::max())
    return invalid_request(fmt::format("{} has {} values", where, labels.names.size()), where,
                           "Group the values: a segment needs hundreds of units to say anything.");
  return Dimension{name, {labels.codes.begin(), labels.codes.end()}, std::move(labels.names)};
}

Result<void> read_rows(const HeterogeneousEffectsRequest& request, UnitRows& rows) {
  const std::size_t n = request.outcome.size();
  DESCANT_CHECK(check_same_length(request.arm.size(), "arm", n, "outcome"));
  DESCANT_ASSIGN(rows.arms, code_arms(request.arm, request.control, "arm"));
  rows.columns.push_back(&request.outcome);
  if (request.denominator) {
    DESCANT_CHECK(check_same_length(request.denominator->size(), "denominator", n, "outcome"));
    rows.plan.outcome.denominator = rows.columns.size();
    rows.columns.push_back(&*request.denominator);
  }
  if (request.covariate) {
    DESCANT_CHECK(check_same_length(request.covariate->size(), "covariate", n, "outcome"));
    fill_covariate(*request.covariate, rows);
    rows.plan.covariates.push_back({rows.columns.size(), std::nullopt});
    rows.columns.push_back(&rows.covariate);
  }
  for (const auto& [name, column] : request.segments) {
    DESCANT_ASSIGN(auto dimension, dimension_of(name, column, n));
    rows.dimensions.push_back(std::move(dimension));
  }
  return {};
}

// By code of one dimension.
std::vector<ArmMoments> segment_moments(const UnitRows& rows, const Dimension& dimension) {
  const Moments none(rows.columns.size());
  std::vector<ArmMoments> moments(dimension.labels.size(), {none, none});
  std::vector<double> row(rows.columns.size());
  for (std::size_t i = 0; i < rows.arms.size(); ++i) {
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = (*rows.columns[j])[i];
    moments[dimension.codes[i]][rows.arms[i]].add(row);
  }
  return moments;
}

ArmMoments all_moments(const UnitRows& rows) {
  Dimension all{"all", std::vector<std::uint16_t>(rows.arms.size(), 0), {"all"}};
  return segment_moments(rows, all).front();
}

// One value per unit whose difference in arm means is the comparison's effect.
std::vector<double> tree_outcome(const UnitRows& rows, const ArmMoments& all,
                                 const AdjustedComparison& overall) {
  std::vector<double> outcome = *rows.columns.front();
  if (rows.plan.outcome.denominator) {
    const auto& denominator = *rows.columns[1];
    for (std::size_t i = 0; i < outcome.size(); ++i) {
      const auto& mean = all[rows.arms[i]].mean;
      const double ratio = mean[1] == 0 ? 0 : mean[0] / mean[1];
      const double scale = mean[1] == 0 ? 1 : mean[1];
      outcome[i] = ratio + (outcome[i] - ratio * denominator[i]) / scale;
    }
  }
  const auto& theta = overall.coefficients;
  if (!theta.empty() && std::isfinite(theta.front()))
    for (std::size_t i = 0; i < outcome.size(); ++i)
      outcome[i] -= theta.front() * rows.covariate[i];
  return outcome;
}

Result<void> add_segments(const UnitRows& rows, const Dimension& dimension,
                          const ComparisonOptions& options, HeterogeneousEffects& out) {
  const auto moments = segment_moments(rows, dimension);
  for (std::size_t v = 0; v < moments.size(); ++v) {
    DESCANT_ASSIGN(auto compared,
                   adjusted_difference(moments[v][0], moments[v][1], rows.plan, options));
    out.segments.push_back(
        {dimension.name, dimension.labels[v], std::move(compared.comparison), {}});
  }
  return {};
}

Result<void> add_findings(const HeterogeneousEffectsRequest& request, HeterogeneousEffects& out) {
  std::vector<SegmentEffect> effects;
  for (const auto& segment : out.segments) {
    const auto& c = segment.comparison;
    effects.push_back({segment.dimension, segment.value, c.absolute.estimate,
                       c.absolute.standard_error, c.p_value});
  }
  DESCANT_ASSIGN(auto findings,
                 segment_findings(effects, {request.alpha, request.confidence_level}));
  for (std::size_t i = 0; i < effects.size(); ++i) out.segments[i].finding = findings.segments[i];
  out.dimensions = std::move(findings.dimensions);
  return {};
}

}  // namespace

Result<HeterogeneousEffects> heterogeneous_effects(const HeterogeneousEffectsRequest& request) {
  UnitRows rows;
  DESCANT_CHECK(read_rows(request, rows));
  ComparisonOptions options;
  options.confidence_level = request.confidence_level;
  HeterogeneousEffects out;
  const ArmMoments all = all_moments(rows);
  DESCANT_ASSIGN(const auto overall, adjusted_difference(all[0], all[1], rows.plan, options));
  out.overall = overall.comparison;
  out.overall.warnings.insert(out.overall.warnings.begin(), rows.warnings.begin(),
                              rows.warnings.end());
  for (const auto& dimension : rows.dimensions)
    DESCANT_CHECK(add_segments(rows, dimension, options, out));
  DESCANT_CHECK(add_findings(request, out));
  std::vector<TreeDimension> dimensions;
  for (const auto& dimension : rows.dimensions)
    dimensions.push_back({dimension.name, dimension.codes, dimension.labels});
  CausalTreeOptions tree = request.tree;
  tree.confidence_level = request.confidence_level;
  DESCANT_ASSIGN(out.tree,
                 causal_tree(dimensions, rows.arms, tree_outcome(rows, all, overall), tree));
  return out;
}

void describe(Describer& d, HeterogeneousEffectsRequest& request) {
  d.field(request.arm, {.name = "arm",
                        .doc = "of each unit: control or treatment, 0 or 1, or any two labels",
                        .required = true});
  d.field(request.outcome, {.name = "outcome", .doc = "of each unit", .required = true});
  d.field(request.denominator,
          {.name = "denominator", .doc = "of each unit, when the metric is a ratio"});
  d.field(request.covariate,
          {.name = "covariate", .doc = "of each unit, from before the exposure; null is missing"});
  d.field(request.segments,
          {.name = "segments", .doc = "by dimension, each unit's value", .required = true});
  d.field(request.control, {.name = "control", .doc = "the control's label among other labels"});
  d.field(request.confidence_level, {.name = "confidence_level",
                                     .doc = "of all intervals",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "false discovery rate among segments, and among dimensions",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.tree, {.name = "tree", .doc = "how the causal tree is grown"});
}

void describe(Describer& d, SegmentResult& segment) {
  d.field(segment.dimension, {.name = "dimension", .doc = "the segment column"});
  d.field(segment.value, {.name = "value", .doc = "its value"});
  describe(d, segment.comparison);
  d.field(segment.finding.adjusted_p_value,
          {.name = "adjusted_p_value", .doc = "Benjamini-Hochberg over all segments"});
  d.field(segment.finding.rejected, {.name = "rejected", .doc = "an effect here, at alpha"});
  d.field(segment.finding.shrunk,
          {.name = "shrunk", .doc = "the absolute effect, shrunk to its dimension's mean"});
}

void describe(Describer& d, HeterogeneousEffects& result) {
  describe(d, result.overall);
  d.field(result.segments, {.name = "segments", .doc = "the comparison in each segment"});
  d.field(result.dimensions, {.name = "dimensions", .doc = "do effects differ along it?"});
  d.field(result.tree, {.name = "tree", .doc = "honest causal tree over the segments"});
}

}  // namespace descant::stats
