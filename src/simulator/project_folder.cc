// SPDX-License-Identifier: Apache-2.0
#include "simulator/project_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::simulator {

// Defined by the build, see resources.cmake.
std::string_view descant_yaml();
std::string_view metrics_yaml();
std::string_view home_ranker_yaml();
std::string_view autoplay_tuning_yaml();
std::string_view discover_previews_yaml();

namespace {

namespace fs = std::filesystem;

constexpr const char* kListFile = ".simulated";
constexpr const char* kTruthFile = "truth.json";

Result<std::string> read_text_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return io_error("cannot read the file", path.string());
  return text.str();
}

Error not_ours(const fs::path& folder, const std::string& what) {
  return invalid_request(fmt::format("the folder holds {}", what), folder.string(),
                         "Name a new folder, or remove this one first.");
}

bool is_hidden_folder(const fs::directory_entry& entry) {
  return entry.is_directory() && entry.path().filename().string().starts_with(".");
}

// Relative paths of all files, those in hidden folders left out.
std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (auto entry = fs::recursive_directory_iterator(folder);
       entry != fs::recursive_directory_iterator(); ++entry) {
    if (is_hidden_folder(*entry)) {
      entry.disable_recursion_pending();
    } else if (!entry->is_directory()) {
      files.push_back(fs::relative(entry->path(), folder).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// An error unless everything in the folder was written by a simulation.
Result<void> check_ours(const fs::path& folder, const std::vector<std::string>& found) {
  std::vector<std::string> known{kListFile};
  if (std::find(found.begin(), found.end(), kListFile) != found.end()) {
    DESCANT_ASSIGN(const std::string list, read_text_file(folder / kListFile));
    const std::vector<std::string> listed = split(list, '\n');
    known.insert(known.end(), listed.begin(), listed.end());
  }
  for (const std::string& file : found) {
    const std::string whole = file.ends_with(".partial") ? file.substr(0, file.size() - 8) : file;
    if (std::find(known.begin(), known.end(), whole) == known.end())
      return not_ours(folder, fmt::format("'{}', which no simulation wrote", file));
  }
  for (const ProjectFile& file : project_files()) {
    if (!fs::exists(folder / file.path)) continue;
    DESCANT_ASSIGN(const std::string text, read_text_file(folder / file.path));
    if (text != file.text)
      return not_ours(folder, fmt::format("'{}', which was edited", file.path));
  }
  return {};
}

Result<void> prepare(const fs::path& folder, const std::vector<std::string>& data_files) {
  if (fs::exists(folder) && !fs::is_directory(folder))
    return invalid_request("this is a file, not a folder", folder.string(), "Name a folder.");
  fs::create_directories(folder);
  const std::vector<std::string> found = files_below(folder);
  DESCANT_CHECK(check_ours(folder, found));

  std::vector<std::string> written = data_files;
  written.emplace_back(kTruthFile);
  for (const ProjectFile& file : project_files()) written.emplace_back(file.path);
  // The list stays until the new one is in place, so that a stop in between leaves no orphan.
  for (const std::string& file : found) {
    if (file != kListFile) fs::remove(folder / file);
  }
  for (const std::string& file : written) fs::create_directories((folder / file).parent_path());
  return write_text_file((folder / kListFile).string(), join(written, "\n") + "\n");
}

}  // namespace

std::span<const ProjectFile> project_files() {
  static const std::array<ProjectFile, 5> kFiles{
      {{"descant.yaml", descant_yaml()},
       {"metrics.yaml", metrics_yaml()},
       {"experiments/home_ranker.yaml", home_ranker_yaml()},
       {"experiments/autoplay_tuning.yaml", autoplay_tuning_yaml()},
       {"experiments/discover_previews.yaml", discover_previews_yaml()}}};
  return kFiles;
}

Result<void> prepare_folder(const std::string& folder, const std::vector<std::string>& data_files) {
  try {
    return prepare(folder, data_files);
  } catch (const fs::filesystem_error& failure) {
    return io_error(failure.code().message(), failure.path1().string());
  }
}

Result<void> write_text_file(const std::string& path, std::string_view text) {
  const std::string partial = path + ".partial";
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return io_error("cannot write the file", path, "Is the disk full or read-only?");
  std::error_code code;
  fs::rename(partial, path, code);
  if (code) return io_error(fmt::format("cannot rename: {}", code.message()), path);
  return {};
}

Result<void> write_project_files(const std::string& folder) {
  for (const ProjectFile& file : project_files())
    DESCANT_CHECK(write_text_file((fs::path(folder) / file.path).string(), file.text));
  return {};
}

}  // namespace descant::simulator
