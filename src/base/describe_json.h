// SPDX-License-Identifier: Apache-2.0
#pragma once

// Typed doors to the JSON forms of described structs (base/describe.h): from_json reads strictly
// and reports the first wrong field, to_json writes every field in the order described, schema
// gives the JSON Schema with documentation, units, defaults and ranges.

#include "base/describe.h"
#include "base/json.h"

namespace descant {

template <class T>
Result<T> from_json(const Json& json, std::string_view path = {}) {
  T value{};
  if (auto read = read_described(json, std::get<ObjectRef>(value_ref(value)), path); !read)
    return std::move(read.error());
  return value;
}

template <class T>
Json to_json_document(const T& value) {
  T copy = value;  // describing needs a mutable object; writing does not change it
  return write_described(std::get<ObjectRef>(value_ref(copy)));
}

template <class T>
Json json_schema() {
  T value{};
  return schema_of(std::get<ObjectRef>(value_ref(value)));
}

}  // namespace descant
