// SPDX-License-Identifier: Apache-2.0
#pragma once

// Order statistics of a measure over events, by cell of units, without keeping or sorting the
// events: each pass over them counts one digit of the ranks' values, from the highest down, as a
// radix sort would place it, so that memory is a histogram for each cell whatever the events are.
// Events are exact: ties, nulls and conditions need no care of the caller. Those that count satisfy
// the condition and have a finite value. Counts are whole numbers and add in any order: results do
// not depend on the threads. Ranks that a cell does not have are an error.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "folds/exposure.h"
#include "folds/unit_values.h"
#include "timelines/store.h"

namespace descant::folds {

// The events of each unit's window, where they stand in the timelines.
struct EventRows {
  std::shared_ptr<const timelines::TableView> table;  // keeps the columns alive
  const timelines::Column* measure = nullptr;         // numbers or booleans
  const timelines::Column* filter = nullptr;          // null: every event
  std::vector<std::uint64_t> begin, end;              // rows, by unit
};

inline constexpr std::uint32_t kNoCell = std::numeric_limits<std::uint32_t>::max();

// A split of the units. Cells are below `ranks.size()`; a unit of kNoCell is left out.
struct EventCells {
  std::span<const std::uint32_t> cell;          // by unit
  std::vector<std::vector<std::size_t>> ranks;  // by cell, from 0, in any order
};

// [split][cell][rank asked for]
using CellValues = std::vector<std::vector<std::vector<double>>>;
Result<CellValues> event_order_statistics(const EventRows& rows, std::span<const EventCells> splits,
                                          std::size_t threads);

// By unit: events that are at most the threshold of the unit's cell; 0 where there is no cell.
Result<void> count_at_most(const EventRows& rows, std::span<const std::uint32_t> cell,
                           std::span<const double> thresholds, std::span<double> out,
                           std::size_t threads);

}  // namespace descant::folds
