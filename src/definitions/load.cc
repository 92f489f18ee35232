// SPDX-License-Identifier: Apache-2.0
#include "definitions/load.h"

#include <iterator>

#include <fmt/format.h>

#include "definitions/check.h"
#include "definitions/document.h"
#include "definitions/files.h"
#include "definitions/read.h"

namespace descant::definitions {
namespace {

// What has been parsed so far, of all files.
struct Parsing {
  std::vector<std::string> files;
  std::vector<Node> documents;
  Findings findings;
  bool complete = true;
};

void add_file(Parsing& parsing, const std::string& text, std::size_t file) {
  auto parsed = parse_yaml(text, file, parsing.findings);
  parsing.complete = parsing.complete && parsed.complete;
  std::move(parsed.documents.begin(), parsed.documents.end(),
            std::back_inserter(parsing.documents));
}

Loaded finish(Parsing parsing, std::string folder) {
  Loaded loaded;
  WrittenValues written;
  const Node root = merge(std::move(parsing.documents), parsing.files, parsing.findings);
  read_project(root, parsing.complete, loaded.project, written, parsing.findings);
  Check check(loaded.project, written, parsing.complete, parsing.files, parsing.findings);
  check_tables(check);
  check_metrics(check);
  check_experiments(check);
  loaded.project.folder = std::move(folder);
  loaded.errors = parsing.findings.errors(parsing.files);
  return loaded;
}

}  // namespace

Loaded load_project(const std::string& path) {
  auto found = find_project_files(path);
  if (!found) return {{}, {std::move(found.error())}};
  Parsing parsing;
  parsing.files = found->files;
  parsing.complete = found->unreadable.empty();
  for (std::size_t file = 0; file < found->files.size(); ++file) {
    auto text = read_text_file(found->folder + "/" + found->files[file], kLargestFileBytes);
    if (text) {
      add_file(parsing, *text, file);
    } else {
      parsing.complete = false;
      parsing.findings.add({file}, text.error().message, text.error().hint, ErrorCode::kIo);
    }
  }
  Loaded loaded = finish(std::move(parsing), found->folder);
  loaded.errors.insert(loaded.errors.end(), found->unreadable.begin(), found->unreadable.end());
  return loaded;
}

Loaded load_project_text(const std::string& yaml, const std::string& file,
                         const std::string& folder) {
  Parsing parsing;
  parsing.files = {file};
  add_file(parsing, yaml, 0);
  return finish(std::move(parsing), folder);
}

Result<Project> require_project(Loaded loaded) {
  if (loaded.errors.empty()) return std::move(loaded.project);
  Error first = std::move(loaded.errors.front());
  if (const std::size_t others = loaded.errors.size() - 1; others > 0)
    first.message +=
        fmt::format(" (and {} more error{}: see `descant check`)", others, others == 1 ? "" : "s");
  return first;
}

}  // namespace descant::definitions
