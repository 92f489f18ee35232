// SPDX-License-Identifier: Apache-2.0
#include "experiment/definition_plan.h"

#include "definitions/formats.h"
#include "definitions/load.h"

namespace descant::experiment {
std::vector<std::string> variants_control_first(const definitions::Experiment& experiment) {
  std::vector<std::string> names = {experiment.control};
  for (const auto& variant : experiment.variants)
    if (variant.name != experiment.control) names.push_back(variant.name);
  return names;
}

bool has_own_covariates(const definitions::Experiment& experiment) {
  using D = definitions::DesignType;
  return experiment.variance_reduction.cuped && experiment.design.type != D::kSwitchback &&
         experiment.design.type != D::kInterleaving;
}

AnalysisPlan plan_of(const definitions::Project& project,
                     const definitions::Experiment& experiment) {
  AnalysisPlan plan;
  plan.name = experiment.name;
  plan.hypothesis = experiment.hypothesis;
  plan.entity = project.assignment_tables.at(experiment.assignment_table).entity;
  if (!experiment.cluster.empty()) plan.cluster = experiment.cluster;
  for (const std::string& name : variants_control_first(experiment))
    for (const auto& variant : experiment.variants)
      if (variant.name == name) plan.shares.push_back(variant.share);
  for (const auto& used : experiment.metrics) {
    const definitions::Metric& metric = project.metrics.at(used.metric);
    MetricPlan& planned = plan.metrics.emplace_back();
    planned.name = metric.name;
    planned.type = definitions::name_of(metric.type);
    planned.quantile = metric.quantile;
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
  plan.sequential = experiment.sequential;
  plan.cuped = has_own_covariates(experiment);
  plan.design = experiment.design.type;
  plan.several_treatments = experiment.several_treatments;
  // Groups that nobody drew, stretches of a schedule and units that see both variants have no
  // shares to be held against.
  using D = definitions::DesignType;
  if (plan.design == D::kDifferenceInDifferences || plan.design == D::kSwitchback ||
      plan.design == D::kInterleaving)
    plan.shares.clear();
  if (plan.design == D::kSwitchback) {
    plan.cluster = "period";  // between two switches
    plan.entity = "bucket";
  }
  plan.start = format_date(experiment.start);
  plan.end = format_date(experiment.end);
  plan.timezone = project.timezone;
  plan.definition_hash = definitions::definition_hash(experiment, project);
  return plan;
}

}  // namespace descant::experiment
