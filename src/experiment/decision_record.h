// SPDX-License-Identifier: Apache-2.0
#pragma once

// What was concluded, kept so that it can be run again: the definition's and the data's hashes, the
// options that were used, and the whole result. A record is JSON without clock or path, so the same
// analysis of the same data by the same version gives the same bytes. Records lie beside the
// definitions, in records/EXPERIMENT/AS-OF_HASH.json of the project, because the timelines' folder
// may be deleted at any time and they may not. Their names follow from their content: writing one
// again changes nothing, and no analysis ever replaces another's record.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "experiment/readout.h"

namespace descant::experiment {

struct DecisionRecord {
  std::string experiment;
  std::string as_of;  // instant
  bool by_day = true;
  bool by_segment = true;
  bool since_exposure = true;
  bool heterogeneity = true;
  Json result;  // of the analysis, whole
};

DecisionRecord record_of(const ReadoutOptions& options, const ExperimentResult& result);

std::string write_record(const DecisionRecord& record);
// `source` names the file in errors. Unknown fields are errors.
Result<DecisionRecord> read_record(const std::string& text, const std::string& source);

// Writes the record into the project's folder and returns its path.
Result<std::string> keep_record(const std::string& project_folder, const DecisionRecord& record);

// What a second run gave.
struct RecordComparison {
  bool same_bytes = false;
  std::vector<std::string> causes;       // version, definition or data that are not the same
  std::vector<std::string> differences;  // paths of fields, with both values; the first 20
  std::size_t differing_fields = 0;
};

// Analyses the recorded experiment again, over the data up to the recorded instant.
Result<RecordComparison> rerun(const definitions::Project& project, const DecisionRecord& record,
                               std::size_t threads);

void describe(Describer& d, DecisionRecord& record);

}  // namespace descant::experiment
