// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a tree of YAML values to a Project, by the description in grammar.h. Every value that does
// not fit is a finding and keeps its default. What was read is remembered by its path (such as
// `experiments.home_ranker.metrics[1].role`), so that later checks can say where a value stands.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "definitions/document.h"
#include "definitions/project.h"

namespace descant::definitions {

// A value as it was written. Of an entry of a mapping, `key` is the place of its key.
struct Written {
  Place key;
  Place value;
  bool valid = false;  // it and everything in it was read
};

using WrittenValues = std::map<std::string, Written>;

// The documents of all files as one mapping: the sections of the top level may be spread over
// them. What two of them define is a finding that names both places. `files` names the files.
Node merge(std::vector<Node> documents, const std::vector<std::string>& files, Findings& findings);

// `complete`: every file could be read; otherwise what is missing at the top may be in another.
void read_project(const Node& root, bool complete, Project& project, WrittenValues& written,
                  Findings& findings);

}  // namespace descant::definitions
