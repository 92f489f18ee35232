// SPDX-License-Identifier: Apache-2.0
#include "base/arrow_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace descant {

namespace {

// Owns a schema while it is read.
struct OwnedSchema {
  OwnedSchema() = default;
  OwnedSchema(const OwnedSchema&) = delete;
  OwnedSchema& operator=(const OwnedSchema&) = delete;
  ~OwnedSchema() {
    if (schema.release != nullptr) schema.release(&schema);
  }
  ArrowSchema schema{};
};

}  // namespace

ArrowBatch::ArrowBatch(ArrowBatch&& other) noexcept : array_(other.array_) {
  other.array_.release = nullptr;
}

ArrowBatch& ArrowBatch::operator=(ArrowBatch&& other) noexcept {
  std::swap(array_, other.array_);
  return *this;
}

ArrowBatch::~ArrowBatch() {
  if (array_.release != nullptr) array_.release(&array_);
}

ArrowStream::ArrowStream(ArrowStream&& other) noexcept
    : stream_(other.stream_), what_(std::move(other.what_)), fields_(std::move(other.fields_)) {
  other.stream_.release = nullptr;
}

ArrowStream::~ArrowStream() {
  if (stream_.release != nullptr) stream_.release(&stream_);
}

Result<ArrowStream> ArrowStream::take(ArrowArrayStream& source, std::string what) {
  if (source.release == nullptr)
    return invalid_request(fmt::format("the stream of '{}' was used before", what), what,
                           "A stream can be read once: make a new one.");
  ArrowStream stream(source, std::move(what));
  source.release = nullptr;
  DESCANT_CHECK(stream.read_schema());
  return stream;
}

Error ArrowStream::failure(int code) {
  const char* message = stream_.get_last_error(&stream_);
  const std::string why = message == nullptr || *message == '\0' ? std::strerror(code) : message;
  return invalid_data("the stream failed: " + why, what_,
                      "The program that makes the stream says so; look there.");
}

Result<void> ArrowStream::read_schema() {
  OwnedSchema owned;
  if (const int code = stream_.get_schema(&stream_, &owned.schema); code != 0) return failure(code);
  const ArrowSchema& schema = owned.schema;
  if (schema.format == nullptr || std::string_view(schema.format) != "+s")
    return invalid_data("the stream has no named columns", what_, "Give record batches.");
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    fields_.push_back({child.name == nullptr ? "" : child.name, arrow_type(child)});
  }
  return {};
}

Result<std::size_t> ArrowStream::column(const std::string& name, const std::string& where) const {
  const auto named = [&](const ArrowField& field) { return field.name == name; };
  const auto found = std::find_if(fields_.begin(), fields_.end(), named);
  if (found == fields_.end()) {
    std::vector<std::string> names;
    for (const auto& field : fields_) names.push_back(field.name);
    return not_found(fmt::format("the table has no column '{}'", name), where,
                     did_you_mean(name, names));
  }
  if (std::find_if(found + 1, fields_.end(), named) != fields_.end())
    return invalid_data(fmt::format("two columns are named '{}'", name), where,
                        "Give one of them another name.");
  return static_cast<std::size_t>(found - fields_.begin());
}

Result<std::optional<ArrowBatch>> ArrowStream::next() {
  ArrowArray array{};
  if (const int code = stream_.get_next(&stream_, &array); code != 0) return failure(code);
  if (array.release == nullptr) return std::optional<ArrowBatch>();
  ArrowBatch batch(array);
  if (array.n_children != static_cast<std::int64_t>(fields_.size()) || array.length < 0 ||
      array.offset < 0)
    return invalid_data("a batch of the stream does not fit its schema", what_);
  // Whole rows that are null exist only where someone made columns of a nullable struct.
  if (array.null_count > 0 && array.n_buffers > 0 && array.buffers[0] != nullptr)
    return invalid_data("whole rows of the stream are null", what_, "Leave them out.");
  return std::optional<ArrowBatch>(std::move(batch));
}

}  // namespace descant
