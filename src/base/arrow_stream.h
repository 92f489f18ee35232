// SPDX-License-Identifier: Apache-2.0
#pragma once

// A stream of Arrow record batches as C++ reads it: owned, so that everything taken from the
// producer is released on every path, and checked, so that a layout which does not fit its type is
// an error. A column's values are read as doubles (numbers, true and false; missing is NaN) or as
// codes of labels (text, numbers, dates; missing has a label of its own). Dictionaries, views and
// sliced arrays are read in place. A stream that was used before, a nested or run-length encoded
// column, and a column of the wrong kind are errors that name the column.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arrow_c.h"
#include "base/arrow_type.h"
#include "base/result.h"

namespace descant {

struct ArrowField {
  std::string name;
  ArrowType type;
};

// A batch, released with its last owner.
class ArrowBatch {
 public:
  ArrowBatch() = default;
  explicit ArrowBatch(const ArrowArray& array) : array_(array) {}
  ArrowBatch(ArrowBatch&& other) noexcept;
  ArrowBatch& operator=(ArrowBatch&& other) noexcept;
  ~ArrowBatch();

  std::size_t rows() const { return static_cast<std::size_t>(array_.length); }
  const ArrowArray& array() const { return array_; }

 private:
  ArrowArray array_{};
};

class ArrowStream {
 public:
  // Takes the stream over: `source` holds nothing afterwards. `what` names it in errors.
  static Result<ArrowStream> take(ArrowArrayStream& source, std::string what);
  ArrowStream(ArrowStream&& other) noexcept;
  ArrowStream& operator=(ArrowStream&&) = delete;
  ~ArrowStream();

  const std::vector<ArrowField>& fields() const { return fields_; }
  // Place of a column; an unknown name names the nearest, a name that stands twice is an error.
  Result<std::size_t> column(const std::string& name, const std::string& where) const;
  // The next batch, or none at the end.
  Result<std::optional<ArrowBatch>> next();

 private:
  explicit ArrowStream(const ArrowArrayStream& stream, std::string what)
      : stream_(stream), what_(std::move(what)) {}
  Result<void> read_schema();
  Error failure(int code);

  ArrowArrayStream stream_{};
  std::string what_;
  std::vector<ArrowField> fields_;
};

// One column of a batch. It views the batch, which must outlive it.
class ArrowColumn {
 public:
  static Result<ArrowColumn> of(const ArrowBatch& batch, std::size_t column,
                                const ArrowField& field);

  std::size_t size() const { return size_; }
  bool has_nulls() const { return validity_ != nullptr; }
  bool valid(std::size_t row) const {
    const std::size_t bit = offset_ + row;
    return validity_ == nullptr || ((validity_[bit / 8] >> (bit % 8)) & 1U) != 0;
  }

  // The values of doubles without nulls, in place; empty for every other column.
  std::span<const double> plain_doubles() const;
  // Appends all rows; missing, NaN and infinite ones are NaN. The column is a number.
  void append_doubles(std::vector<double>& out) const;

  // A label's value that is null or not a number.
  bool missing(std::size_t row) const;
  // The bytes that tell one value of a label column from another, and the label they stand for.
  std::string_view key(std::size_t row, std::uint64_t& scratch) const;
  std::string label(std::string_view key) const;

  // Of a dictionary column: the place of a valid row's value in the dictionary, and the values.
  bool has_dictionary() const { return dictionary_ != nullptr; }
  std::size_t code(std::size_t row) const;
  const ArrowColumn& dictionary() const { return *dictionary_; }

 private:
  static Result<ArrowColumn> view(const ArrowArray& array, const ArrowType& type,
                                  const std::string& name, std::size_t offset, std::size_t size);
  Result<void> check_layout(const std::string& name) const;
  std::int64_t integer(std::size_t row) const;
  double number(std::size_t row) const;
  std::string_view text(std::size_t row) const;
  template <class T>
  void append_as(std::vector<double>& out) const;

  ArrowType type_;
  std::size_t size_ = 0;
  std::size_t offset_ = 0;
  const std::uint8_t* validity_ = nullptr;
  const ArrowArray* array_ = nullptr;
  std::shared_ptr<ArrowColumn> dictionary_;
};

}  // namespace descant
