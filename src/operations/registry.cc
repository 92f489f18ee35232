// SPDX-License-Identifier: Apache-2.0
#include "operations/registry.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "base/text.h"
#include "operations/define.h"

namespace descant::operations {
namespace {

// Far above any request; below what the recursive parts of a JSON library can stand.
constexpr int kDeepestNesting = 64;

bool is_nested_too_deeply(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestNesting) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

std::vector<Operation> every_group() {
  std::vector<Operation> operations = comparison_operations();
  for (const auto& group : {row_comparison_operations(), design_based_operations(),
                            causal_operations(), design_operations(), sequential_operations(),
                            many_tests_operations(), many_experiments_operations()})
    operations.insert(operations.end(), group.begin(), group.end());
  return operations;
}

Result<Json> run(const Operation& operation, std::string_view request_text) {
  if (is_nested_too_deeply(request_text))
    return invalid_request("the request is nested too deeply");
  DESCANT_ASSIGN(const Json request, parse_json(request_text));
  return operation.run(request);
}

Answer failure(const Error& error) {
  Json json = {{"error",
                {{"code", std::string(error_code_name(error.code))},
                 {"message", error.message},
                 {"hint", error.hint},
                 {"where", error.where}}}};
  return {std::move(json), exit_status(error.code)};
}

}  // namespace

std::span<const Operation> all() {
  static const std::vector<Operation> operations = every_group();
  return operations;
}

Result<const Operation*> find(std::string_view name) {
  const auto operations = all();
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [&](const Operation& op) { return op.name == name; });
  if (found != operations.end()) return &*found;
  std::vector<std::string_view> names;
  for (const auto& operation : operations) names.push_back(operation.name);
  return not_found(fmt::format("there is no operation '{}'", name), {}, did_you_mean(name, names));
}

Answer answer(const Operation& operation, std::string_view request_text) {
  try {
    auto result = run(operation, request_text);
    if (result) return {std::move(*result), 0};
    return failure(result.error());
  } catch (const std::exception& thrown) {  // out of memory, or a bug of ours or of a library
    return failure(internal_error(thrown.what(), std::string(operation.name)));
  }
}

}  // namespace descant::operations
