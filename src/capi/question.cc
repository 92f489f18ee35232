// SPDX-License-Identifier: Apache-2.0
#include "capi/question.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "base/version.h"
#include "capi/operation_rows.h"
#include "definitions/load.h"
#include "operations/registry.h"

namespace descant::capi {

namespace {

constexpr std::string_view kDescribe = "describe";

std::span<const Question> questions() {
  static const std::vector<Question> all = [] {
    std::vector<Question> list = project_questions();
    for (const auto& group : {experiment_questions(), unit_questions(), document_questions()})
      list.insert(list.end(), group.begin(), group.end());
    return list;
  }();
  return all;
}

Json description() {
  Json out = {{"version", std::string(kVersion)},
              {"operations", Json::array()},
              {"questions", Json::array()}};
  for (const auto& operation : operations::all())
    out["operations"].push_back({{"name", operation.name},
                                 {"group", operation.group},
                                 {"summary", operation.summary},
                                 {"request", operation.request_schema()},
                                 {"result", operation.result_schema()}});
  for (const auto& question : questions())
    out["questions"].push_back({{"name", question.name},
                                {"summary", question.summary},
                                {"needs_project", question.needs_project},
                                {"input", question.input},
                                {"gives_rows", question.gives_rows},
                                {"request", question.request_schema()},
                                {"result", question.result_schema()}});
  return out;
}

Error unknown_name(std::string_view name) {
  std::vector<std::string_view> names = {kDescribe};
  for (const auto& question : questions()) names.push_back(question.name);
  for (const auto& operation : operations::all()) names.push_back(operation.name);
  return not_found(fmt::format("there is no operation or question '{}'", name), "name",
                   did_you_mean(name, names));
}

Result<void> check_inputs(const Call& call, std::string_view known, std::string_view name) {
  for (const auto& [input, stream] : call.inputs)
    if (input != known)
      return invalid_request(fmt::format("'{}' takes no rows named '{}'", name, input), input,
                             known.empty() ? std::string() : fmt::format("It takes '{}'.", known));
  return {};
}

Result<Json> run_operation(const operations::Operation& operation, Call& call, Json request) {
  for (const auto& [name, stream] : call.inputs) DESCANT_CHECK(put_rows(name, *stream, request));
  return operation.run(request);
}

}  // namespace

Result<definitions::Project> Call::project() const {
  return definitions::require_project(definitions::load_project(folder));
}

Result<ArrowArrayStream*> Call::input(const std::string& name) const {
  const auto found = inputs.find(name);
  if (found == inputs.end())
    return invalid_request(fmt::format("no rows were given as '{}'", name), name,
                           "Give an Arrow stream under that name.");
  return found->second;
}

Result<Json> answer(Call& call, std::string_view name, const Json& request) {
  if (name == kDescribe) return description();
  for (const auto& question : questions()) {
    if (question.name != name) continue;
    if (question.needs_project && call.folder.empty())
      return invalid_request(fmt::format("'{}' is asked of a project", name), "project",
                             "Open one first.");
    DESCANT_CHECK(check_inputs(call, question.input, name));
    return question.run(call, request);
  }
  if (const auto operation = operations::find(name); operation)
    return run_operation(**operation, call, request);
  return unknown_name(name);
}

}  // namespace descant::capi
