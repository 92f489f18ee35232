// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who was exposed to what, and when: a fold over the timelines of an assignment table. In this
// order: keep assignments of declared variants inside [start, end + 1 day) local and before the
// as-of; leave out listeners seen in two variants, counted; take the first timestamp.

#include <cstdint>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "base/result.h"
#include "folds/unit_table.h"
#include "timelines/store.h"

namespace descant::folds {

struct ExposureRequest {
  std::string experiment;
  std::vector<std::string> variants;  // arm i is variants[i]
  Instant begin = 0;
  Instant end = 0;
  Instant as_of = 0;
};

// By exposed unit, in ascending entity order.
struct Exposures {
  std::vector<std::uint32_t> entity;
  std::vector<std::uint8_t> arm;
  std::vector<Instant> at;
  ExposureCounts counts;

  std::size_t size() const { return entity.size(); }
};

Result<Exposures> find_exposures(const timelines::TableView& assignments,
                                 const ExposureRequest& request, std::size_t threads);

}  // namespace descant::folds
