// SPDX-License-Identifier: Apache-2.0
#pragma once

// YAML text as a tree of values that know where they stand: the only door to yaml-cpp. What the
// library lets pass is found here: bytes that are not text, a key written twice, keys that are not
// text, nesting deeper than 64, files over 200 kB, and aliases that would grow into more than
// 200,000 values. The first syntax error ends a file; every other finding is collected. Nothing is
// thrown.

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace descant::definitions {

struct Place {
  std::size_t file = 0;  // index in the list of the project's files
  int line = 1;
  int column = 1;  // counted in characters
  auto operator<=>(const Place&) const = default;
};

struct Entry;

struct Node {
  enum class Kind { kEmpty, kText, kList, kMapping };
  Kind kind = Kind::kEmpty;
  Place place;
  std::string text;
  bool quoted = false;  // or in block form: certainly meant as text
  std::vector<Node> items;
  std::vector<Entry> entries;  // keys differ

  const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// What is wrong, found in any order, given in the order of files and lines, each once.
class Findings {
 public:
  void add(Place place, std::string message, std::string hint = {},
           ErrorCode code = ErrorCode::kInvalidDefinition);
  std::size_t size() const { return found_.size(); }
  // `files` names the files that places refer to.
  std::vector<Error> errors(const std::vector<std::string>& files) const;

 private:
  struct Finding {
    Place place;
    std::string message;
    std::string hint;
    ErrorCode code;
    auto operator<=>(const Finding&) const = default;
  };
  std::vector<Finding> found_;
};

// "metrics.yaml:12:3".
std::string to_text(const Place& place, const std::vector<std::string>& files);

// yaml-cpp takes time in the square of a bracket's length: a file of this size takes seconds at
// worst.
constexpr std::size_t kLargestFileBytes = 200'000;

struct Parsed {
  std::vector<Node> documents;  // those before the first syntax error
  bool complete = true;         // no syntax error
};

Parsed parse_yaml(const std::string& text, std::size_t file, Findings& findings);

}  // namespace descant::definitions
