// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "cli/command.h"
#include "definitions/load.h"

namespace descant::cli {

Result<std::string> find_project(const std::string& path) {
  namespace fs = std::filesystem;
  if (!path.empty()) return path;
  std::error_code failed;
  for (fs::path folder = fs::current_path(failed); !failed && !folder.empty();
       folder = folder.parent_path()) {
    if (fs::exists(folder / "descant.yaml", failed)) return folder.string();
    if (folder == folder.root_path()) break;
  }
  return not_found("There is no descant.yaml in this folder or in one above it.", {},
                   "Name the project's folder, or make one to look at with `descant demo`.");
}

Result<definitions::Project> open_project(Terminal& terminal, const std::string& path) {
  DESCANT_ASSIGN(const std::string folder, find_project(path));
  auto loaded = definitions::load_project(folder);
  if (loaded.errors.empty()) return std::move(loaded.project);
  Error last = std::move(loaded.errors.back());
  loaded.errors.pop_back();
  terminal.fail(loaded.errors);
  return last;
}

}  // namespace descant::cli
