// SPDX-License-Identifier: Apache-2.0
#include "experiment/definition_plan.h"

#include <algorithm>

#include "definitions/load.h"

namespace descant::experiment {
namespace {

std::string type_name(definitions::MetricType type) {
  switch (type) {
    case definitions::MetricType::kMean:
      return "mean";
    case definitions::MetricType::kProportion:
      return "proportion";
    case definitions::MetricType::kRatio:
      return "ratio";
    case definitions::MetricType::kRetention:
      return "retention";
  }
  return {};
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> variants_control_first(const definitions::Experiment& experiment) {
  std::vector<std::string> names = {experiment.control};
  for (const auto& variant : experiment.variants)
    if (variant.name != experiment.control) names.push_back(variant.name);
  return names;
}

AnalysisPlan plan_of(const definitions::Project& project,
                     const definitions::Experiment& experiment) {
  AnalysisPlan plan;
  plan.name = experiment.name;
  plan.hypothesis = experiment.hypothesis;
  for (const std::string& name : variants_control_first(experiment))
    for (const auto& variant : experiment.variants)
      if (variant.name == name) plan.shares.push_back(variant.share);
  for (const auto& used : experiment.metrics) {
    const definitions::Metric& metric = project.metrics.at(used.metric);
    MetricPlan& planned = plan.metrics.emplace_back();
    planned.name = metric.name;
    planned.type = type_name(metric.type);
    planned.unit = metric.unit;
    planned.description = metric.description;
    planned.direction = metric.direction;
    planned.role = used.role;
    planned.minimum_detectable_effect = used.minimum_detectable_effect;
    planned.non_inferiority_margin = used.non_inferiority_margin;
    planned.cap = metric.cap;
  }
  plan.alpha = experiment.alpha;
  plan.power = experiment.power;
  plan.deterioration_alpha = experiment.deterioration_alpha;
  plan.cuped = experiment.variance_reduction.cuped;
  plan.start = format_date(experiment.start);
  plan.end = format_date(experiment.end);
  plan.timezone = project.timezone;
  plan.definition_hash = definitions::definition_hash(experiment, project);
  return plan;
}

SegmentSource find_segment(const definitions::Project& project,
                           const definitions::Experiment& experiment, const std::string& segment) {
  const auto dot = segment.find('.');
  const std::string table = dot == std::string::npos ? "" : segment.substr(0, dot);
  const std::string dimension = dot == std::string::npos ? segment : segment.substr(dot + 1);
  const std::string& entity = project.assignment_tables.at(experiment.assignment_table).entity;
  for (const auto& [name, candidate] : project.dimension_tables)
    if (candidate.entity == entity && (table.empty() || table == name) &&
        has(candidate.dimensions, dimension))
      return {name, dimension, true};
  for (const auto& used : experiment.metrics) {
    const std::string& name = project.metrics.at(used.metric).fact_table;
    if ((table.empty() || table == name) && has(project.fact_tables.at(name).dimensions, dimension))
      return {name, dimension, false};
  }
  return {};
}

}  // namespace descant::experiment
