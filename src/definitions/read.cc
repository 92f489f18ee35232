// SPDX-License-Identifier: Apache-2.0
#include "definitions/read.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "definitions/formats.h"
#include "definitions/grammar.h"

namespace descant::definitions {
namespace {

using Kind = Node::Kind;

// Where the value of a field stands, and what it is called.
struct Context {
  const Field& field;
  std::string path;
};

class Reader {
 public:
  Reader(WrittenValues& written, Findings& findings) : written_(written), findings_(findings) {}

  void object(const Node& node, ObjectRef ref, const std::string& path, Place place);
  void entry(const Entry& entry, ValueRef value, const Context& context) {
    remember(entry.place, entry.value, value, context);
  }
  Findings& findings() { return findings_; }

 private:
  void remember(Place key, const Node& node, ValueRef value, const Context& context);
  void value(Place key, const Node& node, ValueRef value, const Context& context);
  void list(const Node& node, ArrayRef ref, const Context& context);
  void mapping(const Node& node, MapRef ref, const Context& context);
  void number(const Node& node, double& out, const Context& context);
  void text(const Node& node, const std::function<Result<void>(const std::string&)>& take,
            const Context& context);
  bool is(const Node& node, Kind wanted, std::string_view article_and_kind, const Context& context,
          std::string_view hint);
  void report(const Node& node, const Error& error, const Context& context);

  WrittenValues& written_;
  Findings& findings_;
};

std::string join_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string_view name_of_kind(Kind kind) {
  switch (kind) {
    case Kind::kEmpty:
      return "nothing";
    case Kind::kText:
      return "a single value";
    case Kind::kList:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
  }
  return {};
}

// Words that YAML takes for true and false, so that text must quote them.
bool is_boolean(const Node& node) {
  constexpr std::array<std::string_view, 6> kWords = {"true", "false", "yes", "no", "on", "off"};
  return !node.quoted && std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return edit_distance(node.text, word) == 0;  // which ignores case
  });
}

// Keys that people know from elsewhere, and what to say about them.
std::optional<std::pair<std::string, std::string>> explain_key(const std::string& key) {
  if (key == "<<")
    return {{"merge keys (`<<`) are not supported",
             "Write the keys out, or repeat a whole value with an alias."}};
  return std::nullopt;
}

// Reads the keys of one mapping into the fields of one struct.
class MappingReader : public Describer {
 public:
  MappingReader(Reader& reader, const Node& node, std::string path, Place place)
      : reader_(reader), node_(node), path_(std::move(path)), place_(place) {}

  void visit(const Field& field, ValueRef value) override {
    known_.push_back(field.name);
    if (const Entry* entry = node_.find(field.name)) {
      reader_.entry(*entry, value, {field, join_path(path_, field.name)});
    } else if (field.required) {
      missing_.push_back(field);
    }
  }

  void finish(bool report_missing = true) {
    std::vector<std::string> meant;
    for (const auto& entry : node_.entries) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      if (const auto explained = explain_key(entry.key)) {
        reader_.findings().add(entry.place, explained->first, explained->second);
        continue;
      }
      reader_.findings().add(entry.place, fmt::format("unknown key '{}'", entry.key),
                             did_you_mean(entry.key, known_));
      meant.push_back(nearest_name(entry.key, known_));
    }
    if (!report_missing) return;
    for (const auto& field : missing_) {
      // A misspelt key is one mistake, not two.
      if (std::find(meant.begin(), meant.end(), field.name) != meant.end()) continue;
      reader_.findings().add(place_, fmt::format("the key '{}' is missing", field.name),
                             fmt::format("Add `{}`: {}.", field.name, field.doc));
    }
  }

 private:
  Reader& reader_;
  const Node& node_;
  std::string path_;
  Place place_;
  std::vector<std::string_view> known_;
  std::vector<Field> missing_;
};

void Reader::object(const Node& node, ObjectRef ref, const std::string& path, Place place) {
  MappingReader mapping_reader(*this, node, path, place);
  ref.describe(mapping_reader, ref.object);
  mapping_reader.finish();
}

void Reader::remember(Place key, const Node& node, ValueRef ref, const Context& context) {
  const std::size_t before = findings_.size();
  value(key, node, ref, context);
  written_[context.path] = {key, node.place, findings_.size() == before};
}

bool Reader::is(const Node& node, Kind wanted, std::string_view wanted_name, const Context& context,
                std::string_view hint) {
  if (node.kind == wanted) return true;
  findings_.add(node.place,
                fmt::format("'{}' must be {}, got {}", context.field.name, wanted_name,
                            name_of_kind(node.kind)),
                std::string(hint));
  return false;
}

void Reader::report(const Node& node, const Error& error, const Context& context) {
  const bool named = error.message.find(context.field.name) != std::string::npos;
  findings_.add(node.place,
                named ? error.message : fmt::format("{}: {}", context.field.name, error.message),
                error.hint);
}

void Reader::number(const Node& node, double& out, const Context& context) {
  if (!is(node, Kind::kText, "a number", context, "Write a number such as 0.05.")) return;
  auto read = parse_number(node.text);
  if (!read) return report(node, read.error(), context);
  if (const auto checked = check_domain(context.field, *read); !checked)
    return report(node, checked.error(), context);
  out = *read;
}

void Reader::text(const Node& node, const std::function<Result<void>(const std::string&)>& take,
                  const Context& context) {
  if (!is(node, Kind::kText, "text", context, "Write one value after the colon.")) return;
  if (is_boolean(node)) {
    findings_.add(node.place,
                  fmt::format("'{}' must be text, but YAML takes {} for true or false",
                              context.field.name, node.text),
                  fmt::format("Quote it: \"{}\".", node.text));
    return;
  }
  if (node.text.empty() && context.field.required) {
    findings_.add(node.place, fmt::format("'{}' is empty", context.field.name),
                  fmt::format("Write the {}.", context.field.doc));
    return;
  }
  if (const auto taken = take(node.text); !taken) report(node, taken.error(), context);
}

void Reader::list(const Node& node, ArrayRef ref, const Context& context) {
  if (node.kind == Kind::kEmpty) return;
  if (!is(node, Kind::kList, "a list", context, "Write [first, second], or one `- value` a line."))
    return;
  ref.resize(ref.array, node.items.size());
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    ref.visit(ref.array, i, [&](ValueRef element) {
      remember(item.place, item, element, {context.field, fmt::format("{}[{}]", context.path, i)});
    });
  }
}

void Reader::mapping(const Node& node, MapRef ref, const Context& context) {
  if (node.kind == Kind::kEmpty) return;
  if (!is(node, Kind::kMapping, "a mapping", context, "Write one `name: …` a line below it."))
    return;
  for (const auto& child : node.entries)
    ref.insert(ref.map, child.key, [&](ValueRef element) {
      const Field named{.name = child.key,
                        .doc = context.field.doc,
                        .required = true,
                        .minimum = context.field.minimum,
                        .maximum = context.field.maximum,
                        .open_interval = context.field.open_interval};
      entry(child, element, {named, join_path(context.path, child.key)});
    });
}

void Reader::value(Place key, const Node& node, ValueRef ref, const Context& context) {
  const auto take_text = [&](const std::function<Result<void>(const std::string&)>& take) {
    text(node, take, context);
  };
  std::visit(
      Overloaded{
          [&](double* out) { number(node, *out, context); },
          [&](std::string* out) {
            take_text([&](const std::string& written) {
              *out = written;
              return check_choice(context.field, written);
            });
          },
          [&](TextRef out) {
            take_text([&](const std::string& written) -> Result<void> {
              DESCANT_CHECK(check_choice(context.field, written));
              return out.read(out.value, written);
            });
          },
          [&](ObjectRef out) {
            if (node.kind == Kind::kEmpty ||
                is(node, Kind::kMapping, "a mapping", context, "Write `{key: value, …}`."))
              object(node, out, context.path, key);
          },
          [&](ArrayRef out) { list(node, out, context); },
          [&](MapRef out) { mapping(node, out, context); },
          [&](OptionalRef out) {
            out.emplace(out.optional);
            out.visit(out.optional, [&](ValueRef inner) { value(key, node, inner, context); });
          },
          [&](auto*) {  // integers, booleans and JSON: no key of the grammar has them
            findings_.add(node.place, fmt::format("'{}' cannot be written", context.field.name));
          },
      },
      ref);
}

// Puts the entries of documents into one mapping.
class Merger {
 public:
  Merger(const std::vector<std::string>& files, Findings& findings)
      : files_(files), findings_(findings) {
    root_.kind = Kind::kMapping;
  }

  void add(std::vector<Entry> entries) {
    for (auto& entry : entries) {
      const std::string section = entry.key;
      Node value = std::move(entry.value);
      entry.value = {};
      if (Entry* known = find({}, section)) {
        extend(*known, section, entry.place, std::move(value));
        continue;
      }
      // Its children are added one by one, as those of later documents will be.
      auto children = std::exchange(value.entries, {});
      entry.value = std::move(value);
      Entry& added = append({}, root_, std::move(entry));
      for (auto& child : children) append(section, added.value, std::move(child));
    }
  }
  Node take() { return std::move(root_); }

 private:
  using Key = std::pair<std::string, std::string>;  // section, or empty; key

  Entry* find(const std::string& section, const std::string& key) {
    const auto found = index_.find({section, key});
    if (found == index_.end()) return nullptr;
    if (section.empty()) return &root_.entries[found->second];
    return &find({}, section)->value.entries[found->second];
  }
  Entry& append(const std::string& section, Node& node, Entry entry) {
    index_[{section, entry.key}] = node.entries.size();
    return node.entries.emplace_back(std::move(entry));
  }
  void extend(Entry& known, const std::string& section, Place place, Node value) {
    if (value.kind == Kind::kEmpty) return;
    if (known.value.kind == Kind::kEmpty && value.kind == Kind::kMapping)
      known.value.kind = Kind::kMapping;
    if (known.value.kind != Kind::kMapping || value.kind != Kind::kMapping)
      return report(section, place, known.place);
    for (auto& child : value.entries) {
      if (const Entry* first = find(section, child.key)) {
        report(child.key, child.place, first->place);
      } else {
        append(section, known.value, std::move(child));
      }
    }
  }
  void report(const std::string& key, Place place, Place first) {
    findings_.add(place, fmt::format("'{}' is defined twice", key),
                  fmt::format("It is already at {}; keep one of them.", to_text(first, files_)));
  }

  const std::vector<std::string>& files_;
  Findings& findings_;
  Node root_;
  std::map<Key, std::size_t> index_;  // position among its mapping's entries
};

}  // namespace

Node merge(std::vector<Node> documents, const std::vector<std::string>& files, Findings& findings) {
  Merger merger(files, findings);
  for (auto& document : documents) {
    if (document.kind == Kind::kMapping) {
      merger.add(std::move(document.entries));
    } else if (document.kind != Kind::kEmpty) {
      findings.add(document.place,
                   fmt::format("a file of definitions must be a mapping, got {}",
                               name_of_kind(document.kind)),
                   "Write sections such as `metrics:` with definitions below them.");
    }
  }
  return merger.take();
}

void read_project(const Node& root, bool complete, Project& project, WrittenValues& written,
                  Findings& findings) {
  Reader reader(written, findings);
  MappingReader top(reader, root, {}, root.place);
  describe(top, project);
  top.finish(complete);
  const auto take_names = [](auto& definitions) {
    for (auto& [name, definition] : definitions) definition.name = name;
  };
  take_names(project.entities);
  take_names(project.fact_tables);
  take_names(project.assignment_tables);
  take_names(project.dimension_tables);
  take_names(project.metrics);
  take_names(project.experiments);
}

}  // namespace descant::definitions
