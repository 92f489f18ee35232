// SPDX-License-Identifier: Apache-2.0
#include "base/arrow_stream.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>

#include <gtest/gtest.h>

namespace descant {
namespace {

// A stream of one batch, whose arrays a test lays out by hand and may spoil.
struct HandMade {
  std::vector<ArrowSchema> fields;
  std::vector<ArrowSchema*> field_pointers;
  std::vector<ArrowArray> columns;
  std::vector<ArrowArray*> column_pointers;
  std::vector<std::vector<const void*>> buffers;
  const void* row_buffers[1] = {nullptr};
  ArrowArray rows{};
  int batches = 1;
  int next_code = 0;
  int released = 0;

  void add(const char* name, const char* format, std::vector<const void*> data, std::int64_t length,
           std::int64_t nulls = 0) {
    ArrowSchema field{};
    field.name = name;
    field.format = format;
    fields.push_back(field);
    ArrowArray column{};
    column.length = length;
    column.null_count = nulls;
    column.n_buffers = static_cast<std::int64_t>(data.size());
    buffers.push_back(std::move(data));
    columns.push_back(column);
    rows.length = length;
  }

  ArrowArrayStream stream() {
    for (auto& field : fields) field_pointers.push_back(&field);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i].buffers = buffers[i].data();
      column_pointers.push_back(&columns[i]);
    }
    rows.n_buffers = 1;
    rows.buffers = row_buffers;
    rows.n_children = static_cast<std::int64_t>(columns.size());
    rows.children = column_pointers.data();
    ArrowArrayStream out{};
    out.get_schema = [](ArrowArrayStream* self, ArrowSchema* schema) {
      auto& made = *static_cast<HandMade*>(self->private_data);
      *schema = {};
      schema->format = "+s";
      schema->n_children = static_cast<std::int64_t>(made.field_pointers.size());
      schema->children = made.field_pointers.data();
      schema->release = [](ArrowSchema* owned) { owned->release = nullptr; };
      return 0;
    };
    out.get_next = [](ArrowArrayStream* self, ArrowArray* array) {
      auto& made = *static_cast<HandMade*>(self->private_data);
      *array = {};
      if (made.next_code != 0) return made.next_code;
      if (made.batches-- <= 0) return 0;
      *array = made.rows;
      array->private_data = &made;
      array->release = [](ArrowArray* owned) {
        ++static_cast<HandMade*>(owned->private_data)->released;
        owned->release = nullptr;
      };
      return 0;
    };
    out.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    out.release = [](ArrowArrayStream* self) { self->release = nullptr; };
    out.private_data = this;
    return out;
  }
};

// What the first column of a stream holds as doubles, or the error's message.
std::string read_first(HandMade& made) {
  auto source = made.stream();
  auto stream = ArrowStream::take(source, "table");
  if (!stream) return stream.error().message;
  EXPECT_EQ(source.release, nullptr);
  const auto batch = stream->next();
  if (!batch) return batch.error().message;
  const auto column = ArrowColumn::of(**batch, 0, stream->fields()[0]);
  if (!column) return column.error().message;
  std::vector<double> values;
  column->append_doubles(values);
  std::string text;
  for (const double value : values) text += std::isnan(value) ? "- " : std::to_string(value) + " ";
  return text;
}

const double kNumbers[] = {1.5, INFINITY, 2.5, 4.0};
const std::uint8_t kThirdIsNull[] = {0b1011};

TEST(ArrowStreamTest, NumbersThatAreNoNumbersAreMissing) {
  HandMade made;
  made.add("x", "g", {kThirdIsNull, kNumbers}, 4, 1);
  EXPECT_EQ(read_first(made), "1.500000 - - 4.000000 ");
  EXPECT_EQ(made.released, 1);
}

TEST(ArrowStreamTest, SlicesOfColumnsAndOfRowsAddUp) {
  HandMade made;
  made.add("x", "g", {nullptr, kNumbers}, 2);
  made.columns[0].offset = 1;
  made.rows.offset = 1;
  made.rows.length = 1;
  EXPECT_EQ(read_first(made), "2.500000 ");
}

TEST(ArrowStreamTest, BitsHalvesAndDecimals) {
  const std::uint8_t bits[] = {0b0110};
  HandMade made;
  made.add("x", "b", {nullptr, bits}, 4);
  EXPECT_EQ(read_first(made), "0.000000 1.000000 1.000000 0.000000 ");
  const std::uint16_t halves[] = {0x3C00, 0xC000, 0x0001, 0x7C00};  // 1, -2, 2^-24, infinity
  HandMade half;
  half.add("x", "e", {nullptr, halves}, 4);
  EXPECT_EQ(read_first(half), "1.000000 -2.000000 0.000000 - ");
  const std::int64_t decimals[] = {12345, 0, -250, -1};
  HandMade decimal;
  decimal.add("x", "d:20,2", {nullptr, decimals}, 2);
  EXPECT_EQ(read_first(decimal), "123.450000 -2.500000 ");
}

TEST(ArrowStreamTest, WhatDoesNotFitItsTypeIsAnError) {
  HandMade no_values;
  no_values.add("x", "g", {nullptr, nullptr}, 4);
  EXPECT_EQ(read_first(no_values), "the column 'x' lacks buffers of its type float64");
  HandMade no_buffers;
  no_buffers.add("x", "u", {nullptr, kNumbers}, 4);
  EXPECT_EQ(read_first(no_buffers), "the column 'x' lacks buffers of its type text");
  HandMade shorter;
  shorter.add("x", "g", {nullptr, kNumbers}, 4);
  shorter.rows.length = 5;
  EXPECT_EQ(read_first(shorter), "the column 'x' is shorter than its batch");
  HandMade null_rows;
  null_rows.add("x", "g", {nullptr, kNumbers}, 4);
  null_rows.row_buffers[0] = kThirdIsNull;
  null_rows.rows.null_count = 1;
  EXPECT_EQ(read_first(null_rows), "whole rows of the stream are null");
}

TEST(ArrowStreamTest, AStreamFailsWithTheSystemsWordsWhenItHasNone) {
  HandMade made;
  made.add("x", "g", {nullptr, kNumbers}, 4);
  made.next_code = EIO;
  EXPECT_EQ(read_first(made), std::string("the stream failed: ") + std::strerror(EIO));
  ArrowArrayStream used{};
  const auto again = ArrowStream::take(used, "table");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message, "the stream of 'table' was used before");
}

TEST(ArrowStreamTest, ColumnsAreFoundByName) {
  HandMade made;
  made.add("minutes", "g", {nullptr, kNumbers}, 4);
  made.add("plays", "i", {nullptr, kNumbers}, 4);
  made.add("plays", "i", {nullptr, kNumbers}, 4);
  auto source = made.stream();
  const auto stream = ArrowStream::take(source, "table");
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(*stream->column("minutes", {}), 0U);
  EXPECT_EQ(stream->column("minute", {}).error().hint, "Did you mean 'minutes'?");
  EXPECT_EQ(stream->column("plays", {}).error().message, "two columns are named 'plays'");
}

TEST(ArrowTypeTest, FormatsHaveNamesForPeople) {
  const auto name = [](const char* format) {
    ArrowSchema schema{};
    schema.format = format;
    return arrow_type(schema).name;
  };
  EXPECT_EQ(name("tsu:Europe/Berlin"), "timestamp[us, Europe/Berlin]");
  EXPECT_EQ(name("tss:"), "timestamp[s]");
  EXPECT_EQ(name("d:12,3,256"), "decimal(12, 3)");
  EXPECT_EQ(name("tDm"), "duration");
  EXPECT_EQ(name("+w:4"), "+w:4");
  for (const char* odd : {"", "d:", "d:x,y", "ts", "tdX"}) {
    ArrowSchema schema{};
    schema.format = odd;
    EXPECT_EQ(arrow_type(schema).kind, ArrowKind::kOther) << odd;
  }
}

}  // namespace
}  // namespace descant
