// SPDX-License-Identifier: Apache-2.0
#include "experiment/value_part.h"

#include <fmt/format.h>

#include "timelines/table_plan.h"

namespace descant::experiment {

Result<folds::ValuePart> value_part(const timelines::TableView& view,
                                    const definitions::Metric& metric,
                                    const definitions::Aggregation& aggregation) {
  folds::ValuePart part;
  part.aggregate = metric.type == definitions::MetricType::kRetention ? definitions::Aggregate::kAny
                                                                      : aggregation.aggregate;
  if (!aggregation.measure.empty()) {
    part.measure = view.find(aggregation.measure);
    if (part.measure == nullptr)
      return stale_timelines(fmt::format("the timelines of '{}' lack the measure '{}'",
                                         metric.fact_table, aggregation.measure),
                             "metrics." + metric.name);
    if (definitions::needs_numbers(part.aggregate) &&
        part.measure->kind == timelines::ColumnKind::kLabel)
      return stale_timelines(
          fmt::format("the measure '{}' is text in the timelines", aggregation.measure),
          "metrics." + metric.name);
  }
  if (!aggregation.where.empty()) {
    part.filter = view.find(timelines::where_column(aggregation.where));
    if (part.filter == nullptr)
      return stale_timelines(fmt::format("the timelines of '{}' lack the condition of metric '{}'",
                                         metric.fact_table, metric.name),
                             "metrics." + metric.name);
  }
  return part;
}

Error stale_timelines(const std::string& what, const std::string& where) {
  return not_found(what, where,
                   "Run `descant refresh`: the definitions have changed since the last.");
}

}  // namespace descant::experiment
