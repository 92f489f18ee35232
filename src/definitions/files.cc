// SPDX-License-Identifier: Apache-2.0
#include "definitions/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace descant::definitions {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProjectFile = "descant.yaml";

// Status queries that fail (no permission, too many links) count as "is not".
bool is_folder(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}
bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}
bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}
bool is_link(const fs::path& path) {
  std::error_code failure;
  return fs::is_symlink(path, failure);
}

void list_folder(const fs::path& folder, const std::string& below, ProjectFiles& out) {
  std::error_code failure;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    names.push_back(entry->path().filename().string());
  if (failure)
    out.unreadable.push_back(io_error("the folder cannot be listed: " + failure.message(),
                                      below.empty() ? "." : below, "Check its permissions."));
  for (const auto& name : names) {
    const fs::path path = folder / name;
    if (name.starts_with('.')) continue;
    if (is_folder(path)) {
      if (!is_link(path) && !is_there(path / kProjectFile))
        list_folder(path, below + name + "/", out);
    } else if (path.extension() == ".yaml" && is_file(path) &&
               (!below.empty() || name != kProjectFile)) {
      out.files.push_back(below + name);
    }
  }
}

}  // namespace

Result<ProjectFiles> find_project_files(const std::string& path) {
  fs::path folder = path.empty() ? "." : path;
  if (!is_there(folder))
    return not_found(fmt::format("there is no folder '{}'", path), {},
                     "Give the folder of a project; `descant demo` makes one to start from.");
  if (!is_folder(folder)) {
    if (folder.filename() != kProjectFile)
      return invalid_request(fmt::format("'{}' is not a project", path), {},
                             "Give the folder that holds descant.yaml.");
    folder = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  }
  if (!is_there(folder / kProjectFile))
    return not_found(
        fmt::format("there is no descant.yaml in '{}'", path), {},
        "Give the folder that holds it; `descant demo` makes a project to start from.");
  if (!is_file(folder / kProjectFile))
    return io_error("descant.yaml is not a file", kProjectFile, "Make it a plain text file.");
  std::error_code failure;
  const fs::path absolute = fs::canonical(folder, failure);
  if (failure) return io_error("the project's folder cannot be opened: " + failure.message(), path);
  ProjectFiles out;
  out.folder = absolute.string();
  list_folder(absolute, {}, out);
  std::sort(out.files.begin(), out.files.end());
  out.files.insert(out.files.begin(), kProjectFile);
  return out;
}

Result<std::string> read_text_file(const std::string& path, std::size_t largest) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return io_error("the file cannot be opened", path, "Check its permissions.");
  std::string text(largest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return io_error("the file cannot be read", path);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace descant::definitions
