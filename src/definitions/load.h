// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reads a project's YAML strictly: descant.yaml and every *.yaml below its folder (hidden folders
// left out), one grammar. All errors are found before any is returned, each with file:line:column,
// the offending key or value, and the nearest known name. Only names and grammar are checked here;
// columns and SQL are checked against the sources when they are read.

#include <string>
#include <vector>

#include "base/result.h"
#include "definitions/project.h"

namespace descant::definitions {

struct Loaded {
  Project project;
  std::vector<Error> errors;  // in file and line order; the project is usable only when empty
};

// `path`: the project's folder, or its descant.yaml. A missing folder or file is one error.
Loaded load_project(const std::string& path);

// The same from text, for tests and tools; `file` names it in errors, `folder` is the project's.
Loaded load_project_text(const std::string& yaml, const std::string& file,
                         const std::string& folder);

// One error for a caller that wants a single one: the first, with the count of the others.
Result<Project> require_project(Loaded loaded);

// Hash of the definition as meaning, not as text: comments, key order and formatting do not change
// it. 16 hexadecimal digits.
std::string definition_hash(const Experiment& experiment, const Project& project);
std::string definition_hash(const Project& project);

}  // namespace descant::definitions
