// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fills columns by unit from the timelines of one fact table, all in one scan: because a listener's
// events lie in time order, every window is a range of rows, found once per unit and boundary and
// then shared by all aggregates that use it. Empty ranges give 0, but have no mean, minimum or
// maximum: NaN. Null measures are skipped.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"
#include "folds/exposure.h"
#include "timelines/store.h"

namespace descant::folds {

// One end of a window: microseconds after the unit's exposure, or an instant for all units.
struct Boundary {
  bool from_exposure = true;
  std::int64_t microseconds = 0;
  bool operator==(const Boundary&) const = default;
};

// One number per unit: an aggregate over the rows in [low, high).
struct ValuePart {
  definitions::Aggregate aggregate = definitions::Aggregate::kCount;
  const timelines::Column* measure = nullptr;  // null: the events themselves
  const timelines::Column* filter = nullptr;   // a boolean column; null: every event
  Boundary low;
  Boundary high;
  std::span<double> out;  // by unit
};

// Rows [begin, end) of each unit's window.
struct RowsPart {
  Boundary low;
  Boundary high;
  std::span<std::uint64_t> begin, end;  // by unit
};

// The code of a label column at the last event before exposure; 0 when there is none.
struct LabelPart {
  const timelines::Column* column = nullptr;
  std::span<std::uint32_t> out;  // by unit
};

Result<void> fill_unit_values(const timelines::TableView& table, const Exposures& exposures,
                              std::span<const ValuePart> values, std::span<const LabelPart> labels,
                              std::size_t threads);

Result<void> fill_unit_rows(const timelines::TableView& table, const Exposures& exposures,
                            const RowsPart& part, std::size_t threads);

// The code of a dimension table's label for every unit; 0 when the unit is not in the table.
Result<void> fill_dimension(const timelines::TableView& table, const timelines::Column& column,
                            const Exposures& exposures, std::span<std::uint32_t> out,
                            std::size_t threads);

}  // namespace descant::folds
