// SPDX-License-Identifier: Apache-2.0
#pragma once

// Columns of labels as a request gives them (numbers, texts, true and false), coded as small
// integers: units, clusters, time buckets, segment values, arms. Names stand in the order of their
// numbers when all are numbers and else in the order of the text, so that no result depends on the
// order of the rows. A label and its spelling as text are the same label (1 and "1"). A null, a
// list or an object is an error naming its position.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace descant::stats {

struct CodedLabels {
  std::vector<std::uint32_t> codes;  // by row, below names.size()
  std::vector<std::string> names;
  std::size_t size() const { return codes.size(); }
};

Result<CodedLabels> code_labels(const std::vector<Json>& column, std::string_view where);

// 0 is the control and 1 the treatment. Known by themselves are 0 and 1, false and true, "control"
// and "treatment"; other pairs of labels need `control`, the label of the control.
Result<std::vector<std::uint8_t>> code_arms(const std::vector<Json>& column,
                                            const std::optional<Json>& control,
                                            std::string_view where);

// An error naming both columns unless they have the same length.
Result<void> check_same_length(std::size_t length, std::string_view where, std::size_t expected,
                               std::string_view expected_where);

}  // namespace descant::stats
