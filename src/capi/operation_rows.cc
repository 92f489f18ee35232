// SPDX-License-Identifier: Apache-2.0
#include "capi/operation_rows.h"

#include <cmath>

#include <fmt/format.h>

#include "base/arrow_stream.h"
#include "base/text.h"

namespace descant::capi {

namespace {

// The member behind "a.b.c", made on the way.
Result<Json*> member(Json& root, const std::string& path) {
  Json* at = &root;
  if (path.empty()) return at;
  for (const auto& name : split(path, '.')) {
    if (!at->is_object() && !at->is_null())
      return invalid_request(fmt::format("'{}' is not an object in the request", path), path);
    at = &(*at)[name];
  }
  return at;
}

void append_numbers(const ArrowColumn& column, Json::array_t& list) {
  std::vector<double> values;
  column.append_doubles(values);
  for (const double value : values) list.push_back(std::isnan(value) ? Json(nullptr) : Json(value));
}

void append_labels(const ArrowColumn& column, Json::array_t& list) {
  for (std::size_t row = 0; row < column.size(); ++row) {
    const ArrowColumn* source = &column;
    std::size_t place = row;
    if (column.has_dictionary() && column.valid(row)) {
      source = &column.dictionary();
      place = column.code(row);
    }
    if (!column.valid(row) || place >= source->size() || source->missing(place)) {
      list.push_back(nullptr);
      continue;
    }
    std::uint64_t scratch = 0;
    list.push_back(source->label(source->key(place, scratch)));
  }
}

}  // namespace

Result<void> put_rows(const std::string& name, ArrowArrayStream& source, Json& request) {
  DESCANT_ASSIGN(auto stream, ArrowStream::take(source, name));
  DESCANT_ASSIGN(Json * target, member(request, name));
  for (const auto& field : stream.fields()) {
    const std::string where = name.empty() ? field.name : name + "." + field.name;
    if (!field.type.is_number() && !field.type.is_label())
      return invalid_data(fmt::format("'{}' is of type {}", field.name, field.type.name), where,
                          "Give numbers, text, dates or true and false.");
    DESCANT_ASSIGN(Json * list, member(*target, field.name));
    if (!list->is_null())
      return invalid_request(fmt::format("'{}' is in the request and in the rows", field.name),
                             where, "Give it once.");
    *list = Json::array();
  }
  for (;;) {
    DESCANT_ASSIGN(const auto batch, stream.next());
    if (!batch) return {};
    for (std::size_t i = 0; i < stream.fields().size(); ++i) {
      const auto& field = stream.fields()[i];
      DESCANT_ASSIGN(const auto column, ArrowColumn::of(*batch, i, field));
      DESCANT_ASSIGN(Json * list, member(*target, field.name));
      auto& values = list->get_ref<Json::array_t&>();
      field.type.is_number() ? append_numbers(column, values) : append_labels(column, values);
    }
  }
}

}  // namespace descant::capi
