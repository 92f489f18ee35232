// SPDX-License-Identifier: Apache-2.0
#pragma once

// The record of one long run (record.json: seed, replicates, and for each case the counts of the
// first replicates and of all), and docs/calibration.md, which is that record put in words. The
// counts of the first replicates are what the test runs again, so that a record that other code
// made is found out.

#include "base/result.h"
#include "calibration.h"

namespace descant::simulation {

struct RecordedCase {
  std::string id;
  Counts first;
  Counts all;
};

std::string write_record(std::span<const RecordedCase> cases);
Result<std::vector<RecordedCase>> read_record(std::string_view text);

// Cases and their counts, in the same order.
std::string calibration_page(std::span<const Case> cases, std::span<const RecordedCase> record);

}  // namespace descant::simulation
