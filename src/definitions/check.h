// SPDX-License-Identifier: Apache-2.0
#pragma once

// The rules between keys and between definitions: references name something that exists, a metric
// has what its type needs, an experiment can be decided. Each violation is a finding at the value
// that breaks the rule. Values that could not be read were reported by the reader and are not
// judged again. Fills the defaults that depend on other keys (a metric's aggregate).

#include "definitions/read.h"

namespace descant::definitions {

// The state of a check: what was read, from where, and what is wrong with it.
class Check {
 public:
  // `complete`: every file could be read, so that a name nobody defined does not exist.
  Check(Project& read, const WrittenValues& written, bool complete,
        const std::vector<std::string>& file_names, Findings& findings)
      : project(read),
        files(file_names),
        written_(written),
        findings_(findings),
        complete_(complete) {}

  bool is_written(const std::string& path) const { return written_.count(path) > 0; }
  // Written and read without a finding, or left to its default.
  bool is_valid(const std::string& path) const;
  Place key_place(const std::string& path) const { return written_.at(path).key; }

  // Findings at the value or at the key of `path`, which must be written.
  void at_value(const std::string& path, std::string message, std::string hint = {});
  void at_key(const std::string& path, std::string message, std::string hint = {});

  // The definition that the value at `path` names; null, with a finding, when there is none.
  template <class T>
  const T* resolve(const std::map<std::string, T>& definitions, const std::string& name,
                   const std::string& path, std::string_view kind) {
    const auto found = definitions.find(name);
    if (found != definitions.end()) return &found->second;
    std::vector<std::string> known;
    for (const auto& [existing, unused] : definitions) known.push_back(existing);
    unresolved(name, known, path, kind);
    return nullptr;
  }
  void unresolved(const std::string& name, const std::vector<std::string>& known,
                  const std::string& path, std::string_view kind);

  Project& project;
  const std::vector<std::string>& files;

 private:
  const WrittenValues& written_;
  Findings& findings_;
  bool complete_;
};

void check_tables(Check& check);
void check_metrics(Check& check);
void check_experiments(Check& check);
// What an experiment's design, sequential method and adjustments ask for. `assignments`: its table,
// if known.
void check_methods(Check& check, const Experiment& experiment, const std::string& path,
                   const AssignmentTable* assignments);

}  // namespace descant::definitions
