// SPDX-License-Identifier: Apache-2.0
#include "definitions/document.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace descant::definitions {
namespace {

constexpr std::size_t kDeepestNesting = 64;
constexpr std::size_t kMostValues = 200'000;

std::size_t count_values(const Node& node) {
  std::size_t count = 1;
  for (const auto& item : node.items) count += count_values(item);
  for (const auto& entry : node.entries) count += count_values(entry.value);
  return count;
}

// Length of the UTF-8 character at the front of `text`; 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool beyond = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || beyond ? 0 : length;
}

// Whether every byte belongs to readable text; the first that does not is a finding.
bool check_text(std::string_view text, std::size_t file, Findings& findings) {
  if (text.size() > kLargestFileBytes) {
    findings.add({file}, "the file is larger than 200 kB",
                 "Split the definitions over several files.");
    return false;
  }
  Place place{file};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const char c = text[i];
    const bool control = (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == '\x7f';
    if (length == 0 || control) {
      findings.add(place, "this is not UTF-8 text", "Save the file as plain text in UTF-8.");
      return false;
    }
    i += length;
    place.column = c == '\n' ? 1 : place.column + 1;
    place.line += c == '\n' ? 1 : 0;
  }
  return true;
}

// Turns the library's positions, counted from 0 in bytes, into places.
class Positions {
 public:
  Positions(std::string_view text, std::size_t file) : text_(text), file_(file) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }
  Place of(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_};
    const auto line =
        std::min(static_cast<std::size_t>(std::max(0, mark.line)), starts_.size() - 1);
    const auto rest = text_.substr(starts_[line]);
    const auto before = rest.substr(0, static_cast<std::size_t>(std::max(0, mark.column)));
    const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    });
    return {file_, static_cast<int>(line) + 1, static_cast<int>(characters) + 1};
  }

 private:
  std::string_view text_;
  std::size_t file_;
  std::vector<std::size_t> starts_ = {0};
};

// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Positions& positions, Findings& findings)
      : positions_(positions), findings_(findings) {}

  std::vector<Node> documents;

  void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = positions_.of(mark);
    complete(std::move(node), anchor, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::kText;
    node.place = positions_.of(mark);
    node.text = value;
    node.quoted = tag != "?";
    complete(std::move(node), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw YAML::ParserException(mark, "an alias stands inside the value that it repeats");
    values_ += count_values(found->second);
    complete(found->second, 0, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kMapping, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::optional<Node> key;            // read, its value not yet
    std::map<std::string, Place> seen;  // keys
  };

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (frames_.size() == kDeepestNesting)
      throw YAML::ParserException(mark, "values are nested more than 64 deep");
    Frame frame;
    frame.node.kind = kind;
    frame.node.place = positions_.of(mark);
    frame.anchor = anchor;
    frame.mark = mark;
    frames_.push_back(std::move(frame));
  }
  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    complete(std::move(frame.node), frame.anchor, frame.mark);
  }
  void complete(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (++values_ > kMostValues)
      throw YAML::ParserException(mark, "the file and its aliases hold more than 200,000 values");
    if (anchor != 0) anchors_[anchor] = node;
    if (frames_.empty()) {
      documents.push_back(std::move(node));
    } else if (frames_.back().node.kind == Node::Kind::kList) {
      frames_.back().node.items.push_back(std::move(node));
    } else if (!frames_.back().key) {
      frames_.back().key = std::move(node);
    } else {
      add_entry(frames_.back(), std::move(node));
    }
  }
  void add_entry(Frame& frame, Node value) {
    const Node key = *std::exchange(frame.key, std::nullopt);
    if (key.kind != Node::Kind::kText) {
      findings_.add(key.place, "a key must be a name", "Write `name: value`.");
      return;
    }
    const auto [first, is_new] = frame.seen.emplace(key.text, key.place);
    if (!is_new) {
      findings_.add(key.place, fmt::format("'{}' is written twice", key.text),
                    fmt::format("It is already at line {}; keep one of them.", first->second.line));
      return;
    }
    if (value.kind == Node::Kind::kEmpty) value.place = key.place;
    frame.node.entries.push_back({key.text, key.place, std::move(value)});
  }

  const Positions& positions_;
  Findings& findings_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t values_ = 0;
};

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

void Findings::add(Place place, std::string message, std::string hint, ErrorCode code) {
  found_.push_back({place, std::move(message), std::move(hint), code});
}

std::vector<Error> Findings::errors(const std::vector<std::string>& files) const {
  auto sorted = found_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Error> errors;
  for (const auto& [place, message, hint, code] : sorted)
    errors.push_back({code, message, hint, to_text(place, files)});
  return errors;
}

std::string to_text(const Place& place, const std::vector<std::string>& files) {
  return fmt::format("{}:{}:{}", files[place.file], place.line, place.column);
}

Parsed parse_yaml(const std::string& text, std::size_t file, Findings& findings) {
  if (!check_text(text, file, findings)) return {{}, false};
  const Positions positions(text, file);
  TreeBuilder builder(positions, findings);
  bool complete = true;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& failure) {
    complete = false;
    findings.add(positions.of(failure.mark), "not valid YAML: " + failure.msg,
                 "Check indentation, brackets and quotes here and just above.");
  } catch (const std::exception& failure) {
    complete = false;
    findings.add({file}, fmt::format("not valid YAML: {}", failure.what()));
  }
  return {std::move(builder.documents), complete};
}

}  // namespace descant::definitions
