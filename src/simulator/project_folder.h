// SPDX-License-Identifier: Apache-2.0
#pragma once

// The folder that becomes a project. Its YAML is that of examples/listening, carried inside the
// program. A list of all that will be written is put down first; a folder is overwritten only when
// everything in it is on such a list and the YAML in it was not edited since. Caches in hidden
// folders, such as timelines, are left alone: they notice that their sources changed.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace descant::simulator {

struct ProjectFile {
  std::string_view path;  // relative
  std::string_view text;
};
std::span<const ProjectFile> project_files();

// Makes the folder ready to be written to: checks it, removes an earlier simulation and makes the
// subfolders. `data_files` are relative paths.
Result<void> prepare_folder(const std::string& folder, const std::vector<std::string>& data_files);

Result<void> write_project_files(const std::string& folder);

// Writes a whole text file and puts it in place by a rename.
Result<void> write_text_file(const std::string& path, std::string_view text);

}  // namespace descant::simulator
