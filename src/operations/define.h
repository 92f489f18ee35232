// SPDX-License-Identifier: Apache-2.0
#pragma once

// Makes an Operation of a described request, a described result and the function between them, and
// lists the operations of each group for the registry. Nothing here computes.

#include <vector>

#include "base/describe_json.h"
#include "operations/registry.h"

namespace descant::operations {

template <class Request, class Response, Result<Response> (*function)(const Request&)>
Operation define(std::string_view name, std::string_view group, std::string_view summary) {
  return {name,
          group,
          summary,
          &json_schema<Request>,
          &json_schema<Response>,
          [](const Json& json) -> Result<Json> {
            DESCANT_ASSIGN(const auto request, from_json<Request>(json));
            DESCANT_ASSIGN(const auto response, function(request));
            return to_json_document(response);
          }};
}

std::vector<Operation> comparison_operations();
std::vector<Operation> row_comparison_operations();  // quantiles, ranks, resampling
std::vector<Operation> design_based_operations();    // strata, clusters, equivalence, priors
std::vector<Operation> causal_operations();
std::vector<Operation> design_operations();
std::vector<Operation> sequential_operations();
std::vector<Operation> many_tests_operations();
std::vector<Operation> many_experiments_operations();

}  // namespace descant::operations
