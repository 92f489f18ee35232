// SPDX-License-Identifier: Apache-2.0
#pragma once

// A table of units from an Arrow stream: the rows of a data frame, read batch by batch, so that
// only the columns the analysis uses are ever held, once, as the unit table wants them. Rows stand
// in the stream's order, so a result does not depend on how the stream is cut into batches or on
// the number of threads. Metrics name columns, not SQL. Errors: those of unit_file.h, and those of
// base/arrow_stream.h; the stream is taken over and released on every path.

#include "base/arrow_c.h"
#include "base/parallel.h"
#include "base/result.h"
#include "experiment/unit_file.h"
#include "experiment/unit_rows.h"

namespace descant::experiment {

// `request.file` names the table in messages and in the result. An empty `request.variant` makes a
// table of one arm, for questions about units that no experiment has divided.
Result<UnitRows> read_unit_stream(const UnitFileRequest& request, ArrowArrayStream& stream,
                                  const Watch& watch = {});

Result<ExperimentResult> analyze_unit_stream(const UnitFileRequest& request,
                                             ArrowArrayStream& stream, const Watch& watch = {});

}  // namespace descant::experiment
