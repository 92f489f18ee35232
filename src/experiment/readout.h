// SPDX-License-Identifier: Apache-2.0
#pragma once

// An experiment of a project, read out over its timelines: exposure, unit values, analysis. This is
// what `descant experiment analyze NAME` and the Python package call. The timelines must exist and
// fit the definitions (else an error says to refresh).

#include <optional>
#include <string>

#include "base/result.h"
#include "definitions/project.h"
#include "experiment/analyze.h"
#include "experiment/result.h"
#include "folds/exposure.h"
#include "timelines/store.h"

namespace descant::experiment {

struct ReadoutOptions {
  std::optional<Instant> as_of;  // default: the watermark
  std::size_t threads = 0;       // 0: all processors
  bool by_day = true;
  bool by_segment = true;
  bool since_exposure = true;  // effects by day since exposure
  bool heterogeneity = true;   // whether effects differ between segments
};

// The rows behind a read-out: one for each exposed unit, with the plan that analyses them.
struct UnitReadout {
  AnalysisPlan plan;
  folds::UnitTable units;
  folds::Exposures exposures;
  Instant as_of = 0;
  Warnings warnings;
};

// `exposures`: who counts as exposed to what; none: those of the experiment's assignments.
Result<UnitReadout> read_units(const definitions::Project& project, const timelines::Store& store,
                               const std::string& name, const ReadoutOptions& options = {},
                               std::optional<folds::Exposures> exposures = std::nullopt);

Result<ExperimentResult> read_out(const definitions::Project& project, const std::string& name,
                                  const ReadoutOptions& options = {});

// The same over timelines that are open already, which a program that asks more than once keeps.
Result<ExperimentResult> read_out(const definitions::Project& project,
                                  const timelines::Store& store, const std::string& name,
                                  const ReadoutOptions& options = {});

}  // namespace descant::experiment
