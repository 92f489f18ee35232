// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON as the project speaks it: object keys keep the order in which they were written, numbers
// are printed with the fewest digits that read back to the same double, and NaN and infinities are
// null. Reading is strict: an unknown field, a wrong type or a value outside its domain is an
// Error whose `where` is the path of the field (`looks[2].variance`).

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace descant {

using Json = nlohmann::ordered_json;

// Parses one document. Duplicate keys, trailing text and non-finite numbers are errors.
Result<Json> parse_json(std::string_view text, std::string_view source = {});

// One line, or indented by `indent` spaces when it is >= 0.
std::string write_json(const Json& json, int indent = -1);

struct ObjectRef;  // base/describe.h

Result<void> read_described(const Json& json, ObjectRef object, std::string_view path = {});
Json write_described(ObjectRef object);
// JSON Schema (draft 2020-12) of a described struct.
Json schema_of(ObjectRef object);

}  // namespace descant
