// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every operation by name: one described request, one described result, one function. `descant
// calc`, `descant operations`, HTTP, Python and the reference pages are derived from this list. Add
// one by adding its entry in the file of its group.

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

namespace descant::operations {

struct Operation {
  std::string_view name;
  std::string_view group;    // comparisons | design | many_tests
  std::string_view summary;  // one sentence
  Json (*request_schema)();
  Json (*result_schema)();
  Result<Json> (*run)(const Json& request);
};

std::span<const Operation> all();  // in the order shown to people

Result<const Operation*> find(std::string_view name);  // an unknown name names the nearest

// One line in, one line out: the result, or {"error": {code, message, hint, where}}.
struct Answer {
  Json json;
  int exit_status = 0;
};
Answer answer(const Operation& operation, std::string_view request_text);

}  // namespace descant::operations
