// SPDX-License-Identifier: Apache-2.0
#pragma once

// Codes for the labels of an Arrow column, batch after batch: one code for each distinct value in
// the order in which they first appear, the same over all batches. A dictionary column costs a look
// into a table a row; other columns a hash. A missing value has the code of `missing_label`, or is
// left to the caller (kNoCode). A label that is not UTF-8 is an error that names the column.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/arrow_stream.h"
#include "base/result.h"

namespace descant::experiment {

inline constexpr std::uint32_t kNoCode = std::numeric_limits<std::uint32_t>::max();

class LabelCodes {
 public:
  // `missing_label` empty: missing values get kNoCode.
  LabelCodes(std::string column, std::string missing_label)
      : column_(std::move(column)), missing_label_(std::move(missing_label)) {}

  // Appends a code for every row. More than `labels_max` labels: stops with what there is.
  Result<void> append(const ArrowColumn& values, std::vector<std::uint32_t>& codes,
                      std::size_t labels_max = kNoCode - 1);

  const std::vector<std::string>& labels() const { return labels_; }

 private:
  Result<std::uint32_t> code_of(const ArrowColumn& values, std::size_t row);
  std::uint32_t code_of_missing();
  std::uint32_t add(std::string label);
  void grow();

  std::string column_;
  std::string missing_label_;
  std::uint32_t missing_code_ = kNoCode;
  std::vector<std::string> labels_;
  // Values seen, open-addressed by hash; a place holds the value's bytes and its code.
  struct Place {
    std::uint64_t hash = 0;
    std::uint32_t code = kNoCode;
    std::string key;
  };
  std::vector<Place> places_;
  std::size_t used_ = 0;
};

}  // namespace descant::experiment
