// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the page's templates show, as a tree of strings, flags and lists under the names that the
// templates use. Text is unescaped here and escaped by the templates; only `spec` is ready for a
// <script> element (script_json).

#include <span>
#include <string>

#include "base/json.h"
#include "experiment/result.h"

namespace descant::report {

Json page_view(const std::string& title, std::span<const experiment::ExperimentResult> results);

// JSON that stands inside a <script> element: no character in it can end the element.
std::string script_json(const Json& json);

}  // namespace descant::report
