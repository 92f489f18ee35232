// SPDX-License-Identifier: Apache-2.0
#include "definitions/segments.h"

#include <set>

#include "definitions/used_metrics.h"

namespace descant::definitions {

std::vector<SegmentSource> possible_segments(const Project& project, const Experiment& experiment) {
  std::vector<SegmentSource> possible;
  const auto add = [&](const std::string& table, const std::vector<std::string>& dimensions,
                       bool is_fact_table) {
    std::set<std::string> seen;
    for (const auto& dimension : dimensions)
      if (seen.insert(dimension).second) possible.push_back({table, dimension, is_fact_table});
  };
  const auto assignments = project.assignment_tables.find(experiment.assignment_table);
  if (assignments == project.assignment_tables.end()) return possible;
  const std::string& entity = assignments->second.entity;
  for (const auto& [name, table] : project.dimension_tables) {
    if (table.entity == entity) add(name, table.dimensions, false);
  }
  std::set<std::string> fact_tables;
  for (const auto& used : used_metrics(experiment))
    if (const auto metric = project.metrics.find(used); metric != project.metrics.end())
      fact_tables.insert(metric->second.fact_table);
  for (const auto& name : fact_tables) {
    const auto table = project.fact_tables.find(name);
    if (table != project.fact_tables.end()) add(name, table->second.dimensions, true);
  }
  return possible;
}

std::vector<SegmentSource> segment_sources(const Project& project, const Experiment& experiment,
                                           std::string_view segment) {
  std::vector<SegmentSource> found;
  for (const auto& source : possible_segments(project, experiment))
    if (segment == source.dimension || segment == source.table + "." + source.dimension)
      found.push_back(source);
  return found;
}

}  // namespace descant::definitions
