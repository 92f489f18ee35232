// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads a file with one row per unit into a unit table. Rows without a variant (or without a unit
// identifier, when a column is named) are left out and counted; a value that is null, NaN or
// infinite is NaN in the table. Rows stand in an order that follows from their content, so that
// results do not depend on the order in which threads read them. Errors: those of unit_file.h.

#include <cstdint>
#include <string>

#include "base/result.h"
#include "experiment/analyze.h"
#include "experiment/unit_file.h"
#include "folds/unit_table.h"

namespace descant::experiment {

struct UnitRows {
  folds::UnitTable table;  // variants: control first, then in alphabetical order
  std::uint64_t rows = 0;
  std::uint64_t without_variant = 0;
  std::uint64_t without_unit = 0;
  std::string fingerprint;  // of the rows that were kept, in any order
};

Result<UnitRows> read_unit_rows(const UnitFileRequest& request);

// The request's metrics, checked, as an analysis takes them; shares follow from the rows.
Result<AnalysisPlan> plan_units(const UnitFileRequest& request);

// The plan over rows that were read: by read_unit_rows or from a stream.
Result<ExperimentResult> analyze_unit_rows(AnalysisPlan plan, const UnitFileRequest& request,
                                           const UnitRows& rows);

}  // namespace descant::experiment
