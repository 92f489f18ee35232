// SPDX-License-Identifier: Apache-2.0
#pragma once

// A question is what the C interface answers beyond single operations: it may need a project, take
// rows and give rows. Its request and result describe themselves (base/describe.h), so that the
// list of questions with their schemas is derived, as it is for operations. Define one by a
// function of a Call and its typed request, and name it in the list of its group.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arrow_c.h"
#include "base/describe_json.h"
#include "base/parallel.h"
#include "base/result.h"
#include "definitions/project.h"

namespace descant::capi {

// What surrounds one call.
struct Call {
  std::string folder;  // of the project; empty: none was given
  std::map<std::string, ArrowArrayStream*> inputs;
  ArrowArrayStream rows{};  // filled by an answer that has rows
  Watch watch;

  // The definitions as they are now.
  Result<definitions::Project> project() const;
  // The stream of this name; an error when it was not given.
  Result<ArrowArrayStream*> input(const std::string& name) const;
};

struct Question {
  std::string_view name;
  std::string_view summary;  // one sentence
  bool needs_project = false;
  std::string_view input = {};  // name of the rows it takes; empty: none
  bool gives_rows = false;
  Json (*request_schema)() = nullptr;
  Json (*result_schema)() = nullptr;
  Result<Json> (*run)(Call& call, const Json& request) = nullptr;
};

// The facts that make a Question besides its types.
struct About {
  std::string_view name;
  std::string_view summary;
  bool needs_project = false;
  std::string_view input = {};
  bool gives_rows = false;
};

template <class Request, class Response, Result<Response> (*function)(Call&, const Request&)>
Question question(const About& about) {
  return {about.name,
          about.summary,
          about.needs_project,
          about.input,
          about.gives_rows,
          &json_schema<Request>,
          &json_schema<Response>,
          [](Call& call, const Json& json) -> Result<Json> {
            DESCANT_ASSIGN(const auto request, from_json<Request>(json));
            DESCANT_ASSIGN(const auto response, function(call, request));
            return to_json_document(response);
          }};
}

struct NoFields {};
inline void describe(Describer&, NoFields&) {}

std::vector<Question> project_questions();
std::vector<Question> experiment_questions();
std::vector<Question> unit_questions();
std::vector<Question> document_questions();

// Answers any name: a question, an operation, or "describe".
Result<Json> answer(Call& call, std::string_view name, const Json& request);

}  // namespace descant::capi
