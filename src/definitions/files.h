// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which files make up a project: descant.yaml first, then every *.yaml below its folder in the
// order of their paths. Hidden folders are left out, and so is a folder with a descant.yaml of its
// own: it is another project. Links to folders are not followed.

#include <string>
#include <vector>

#include "base/result.h"

namespace descant::definitions {

struct ProjectFiles {
  std::string folder;              // absolute
  std::vector<std::string> files;  // relative to the folder, with '/'
  std::vector<Error> unreadable;   // folders that could not be listed
};

// `path`: the project's folder, or its descant.yaml.
Result<ProjectFiles> find_project_files(const std::string& path);

// The text of a file, of at most `largest` bytes and one more that tells there are others.
Result<std::string> read_text_file(const std::string& path, std::size_t largest);

}  // namespace descant::definitions
