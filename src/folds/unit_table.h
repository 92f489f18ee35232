// SPDX-License-Identifier: Apache-2.0
#pragma once

// One row per exposed unit, column by column: what the scan produces and every analysis takes. A
// table made from timelines and one read from a user's own CSV are the same kind of thing. All
// vectors named "by unit" have `unit_count` entries, in ascending entity order.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "definitions/project.h"

namespace descant::folds {

struct EventRows;  // see event_quantiles.h

// Unit values of one metric. Each column is by unit. A mean has no denominator (it is 1); a metric
// without covariate has none. NaN marks a value that is missing (own tables only): the unit is left
// out of this metric and counted.
struct MetricValues {
  std::string name;
  // One column when the values do not depend on the as-of day (windowed metrics and own tables);
  // one per entry of UnitTable::days when they do (open-ended metrics).
  std::vector<std::vector<double>> numerator;
  std::vector<std::vector<double>> denominator;
  std::vector<double> covariate_numerator;
  std::vector<double> covariate_denominator;
  // Of a difference in differences: the period before that of the covariate.
  std::vector<double> earlier_numerator;
  std::vector<double> earlier_denominator;
  // By unit: index of the first day of UnitTable::days at whose end the unit's window is complete;
  // days.size() when it is not complete on any. Empty: everyone is mature on every day.
  std::vector<std::uint16_t> mature_from;
  // Of a quantile of events only: where they stand. The numerator is then how many each unit has.
  std::shared_ptr<const EventRows> events;
  bool covariate_truncated = false;  // the source begins later than the earliest lookback
};

// What units did before exposure by another metric: adjusts every metric beside its own covariate.
struct SharedCovariate {
  std::string name;  // of the metric
  definitions::Cap cap;
  std::vector<double> numerator;
  std::vector<double> denominator;  // empty: 1
};

struct SegmentColumn {
  std::string dimension;
  std::vector<std::uint32_t> codes;  // by unit, below labels.size()
  std::vector<std::string> labels;
};

// One as-of day of the effect by day. The last one is the as-of of the whole analysis.
struct AnalysisDay {
  Date date = 0;      // local date
  Instant as_of = 0;  // end of that date, or the watermark when it falls before that
};

struct UnitTable {
  std::size_t unit_count = 0;
  std::vector<std::string> variants;  // arm names; index 0 is control
  std::vector<std::uint8_t> arm;      // by unit
  std::vector<std::uint16_t>
      exposed_from;               // by unit: first day index with the unit exposed; empty: all
  std::vector<AnalysisDay> days;  // at least one; one row per unit has exactly one
  std::vector<MetricValues> metrics;
  std::vector<SegmentColumn> segments;
  std::vector<SharedCovariate> covariates;
  std::vector<SegmentColumn> strata;   // arms are compared within their combinations
  std::vector<std::uint32_t> cluster;  // by unit: what was randomised as a whole, numbered from 0;
                                       // empty: each unit by itself
  std::vector<double> take_up;         // by unit: 1 for those who took up what is encouraged
};

// Who was left out before the table was made, and why.
struct ExposureCounts {
  std::uint64_t assignments = 0;          // rows of this experiment
  std::uint64_t undeclared_variant = 0;   // rows
  std::uint64_t outside_dates = 0;        // rows
  std::uint64_t null_rows = 0;            // rows without entity, variant or timestamp
  std::vector<std::uint64_t> units;       // exposed listeners, by arm
  std::uint64_t in_several_variants = 0;  // listeners left out
  std::vector<std::uint64_t>
      in_several_by_first_variant;      // of those, by arm of their first assignment
  std::uint64_t mixed_clusters = 0;     // with units in several variants, left out
  std::uint64_t in_mixed_clusters = 0;  // their units
  std::uint64_t carryover_buckets = 0;  // of a switchback, left out within carry-over
  std::uint64_t switched_buckets = 0;   // likewise: the variant changed within them
};

}  // namespace descant::folds
