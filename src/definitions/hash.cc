// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <xxhash.h>

#include "definitions/grammar.h"
#include "definitions/load.h"
#include "definitions/segments.h"
#include "definitions/used_metrics.h"

namespace descant::definitions {
namespace {

// The part of a project that an experiment's result depends on: without it, a new measure that the
// experiment does not use would make its results look out of date.
Project part_of(const Experiment& experiment, const Project& project) {
  Project part;
  part.timezone = project.timezone;
  part.duckdb = project.duckdb;
  part.experiments[experiment.name] = experiment;
  const auto take = [](const auto& from, auto& to, const std::string& name) {
    if (const auto found = from.find(name); found != from.end()) to.insert(*found);
  };
  take(project.assignment_tables, part.assignment_tables, experiment.assignment_table);
  std::set<std::pair<std::string, std::string>> measures;  // table, measure
  for (const auto& used : used_metrics(experiment)) take(project.metrics, part.metrics, used);
  for (const auto& [name, metric] : part.metrics) {
    take(project.fact_tables, part.fact_tables, metric.fact_table);
    measures.emplace(metric.fact_table, metric.numerator.measure);
    if (metric.denominator) measures.emplace(metric.fact_table, metric.denominator->measure);
  }
  std::set<std::pair<std::string, std::string>> dimensions;  // table, dimension
  std::vector<std::string> splits = experiment.segments;
  const auto& strata = experiment.variance_reduction.stratify_by;
  splits.insert(splits.end(), strata.begin(), strata.end());
  if (!experiment.cluster.empty()) splits.push_back(experiment.cluster);
  for (const auto& split : splits)
    for (const auto& source : segment_sources(project, experiment, split)) {
      take(project.dimension_tables, part.dimension_tables, source.table);
      dimensions.emplace(source.table, source.dimension);
    }
  const auto keep_dimensions = [&](auto& table) {
    std::erase_if(table.dimensions, [&](const std::string& dimension) {
      return dimensions.count({table.name, dimension}) == 0;
    });
    take(project.entities, part.entities, table.entity);
  };
  for (auto& [name, table] : part.fact_tables) {
    keep_dimensions(table);
    std::erase_if(table.measures, [&, &table_name = name](const Measure& measure) {
      return measures.count({table_name, measure.name}) == 0;
    });
  }
  for (auto& [name, table] : part.dimension_tables) keep_dimensions(table);
  for (auto& [name, table] : part.assignment_tables)
    take(project.entities, part.entities, table.entity);
  return part;
}

}  // namespace

std::string definition_hash(const Project& project) {
  Project copy = project;  // describing needs a mutable object
  // Sorted keys: the order in which a mapping is written has no meaning.
  const nlohmann::json canonical = write_described(std::get<ObjectRef>(value_ref(copy)));
  const std::string text = canonical.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::string definition_hash(const Experiment& experiment, const Project& project) {
  return definition_hash(part_of(experiment, project));
}

}  // namespace descant::definitions
