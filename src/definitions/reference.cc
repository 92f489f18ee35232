// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <fmt/format.h>

#include "definitions/formats.h"
#include "definitions/grammar.h"

namespace descant::definitions {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Definitions

<!-- Generated from src/definitions/grammar.cc; the tests say how to write it anew. -->

A project is a folder with `descant.yaml` and any `*.yaml` below it. All files are one definition:
a section may be spread over several of them, and a name defined twice is an error. Hidden folders
are left out, and so is a folder with a `descant.yaml` of its own, which is another project.
`descant check` reports every error at once, with file, line and column.

Names of tables, measures, metrics and experiments are small letters, digits and underscores,
beginning with a letter. All tables share one set of names.

| value | written as |
|---|---|
| duration | a whole number and a unit: `14d`, `36h`, `30m`, `90s`; a day is 24 hours |
| date | `2026-03-02`, local to the project's `timezone` |
| time zone | an IANA name: `UTC`, `Europe/Stockholm` |
| effect size | `1%` relative to control, `1pp` percentage points, a bare number in the metric's unit |
| SQL expression | SQL of the warehouse, over the columns of the source |
| text | quote `"true"`, `"no"` and the like, which YAML takes for true and false |
)";

class ReferenceWriter;
void write_object(ObjectRef ref, const std::string& title, std::string& page);

// What a value is, in words; objects inside it are written below the table, under their own title.
struct Described {
  std::string type;
  std::string initial;
};

// The table of one object's keys.
class ReferenceWriter : public Describer {
 public:
  explicit ReferenceWriter(std::string title) : title_(std::move(title)) {}

  void visit(const Field& field, ValueRef value) override {
    const std::string path =
        title_.empty() ? std::string(field.name) : fmt::format("{}.{}", title_, field.name);
    auto [type, initial] = describe_value(value, path);
    if (!field.choices.empty()) {
      type.clear();
      for (const auto choice : field.choices)
        type += fmt::format("{}`{}`", type.empty() ? "" : ", ", choice);
    }
    if (field.default_depends) initial.clear();
    if (!initial.empty()) initial = fmt::format("`{}`", initial);
    table_ += fmt::format("| `{}` | {} | {} | {} |\n", field.name, type,
                          field.required ? "required" : initial, field.doc);
  }

  std::string page() const {
    return "\n| key | value | default | meaning |\n|---|---|---|---|\n" + table_ + below_;
  }

 private:
  Described describe_value(ValueRef value, const std::string& path) {
    Described out;
    const auto inside = [&](const std::string& inner_path) {
      return [this, &out, inner_path](ValueRef inner) {
        out.type = describe_value(inner, inner_path).type;
      };
    };
    std::visit(Overloaded{
                   [&](double* x) {
                     out = {"number", fmt::format("{}", *x)};
                   },
                   [&](std::string* text) {
                     out = {"text", *text};
                   },
                   [&](TextRef ref) {
                     out = {std::string(ref.kind), ref.write(ref.value)};
                   },
                   [&](ObjectRef ref) {
                     out.type = "mapping, see below";
                     write_object(ref, path, below_);
                   },
                   [&](ArrayRef ref) {
                     ref.visit_prototype(inside(path + "[]"));
                     out.type = "list of " + plural(out.type);
                   },
                   [&](MapRef ref) {
                     ref.visit_prototype(inside(path + ".NAME"));
                     out.type = "each name with its " + out.type;
                   },
                   [&](OptionalRef ref) { ref.visit_prototype(inside(path)); },
                   [&](auto*) {},  // no key of the grammar has another type
               },
               value);
    return out;
  }

  static std::string plural(const std::string& type) {
    return type.starts_with("mapping") ? "mappings, see below" : type + "s";
  }

  std::string title_;
  std::string table_;
  std::string below_;
};

void write_object(ObjectRef ref, const std::string& title, std::string& page) {
  ReferenceWriter writer(title);
  ref.describe(writer, ref.object);
  page += fmt::format("\n## {}\n", title.empty() ? "The project" : "`" + title + "`");
  page += writer.page();
}

}  // namespace

std::string definitions_reference() {
  Project project;
  std::string page(kIntroduction);
  write_object(std::get<ObjectRef>(value_ref(project)), {}, page);
  return page;
}

}  // namespace descant::definitions
