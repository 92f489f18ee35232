// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "operations/registry.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

struct CalcOptions {
  std::string operation;
  std::string request = "-";
};

// The next line without its end; false when there is none.
bool read_line(std::FILE* input, std::string& line) {
  line.clear();
  int c = std::fgetc(input);
  if (c == EOF) return false;
  for (; c != EOF && c != '\n'; c = std::fgetc(input)) line += static_cast<char>(c);
  return true;
}

Result<int> calc(Terminal& terminal, const CalcOptions& options) {
  DESCANT_ASSIGN(const auto* operation, operations::find(options.operation));
  int status = 0;
  const auto answer = [&](std::string_view text) {
    const auto one = operations::answer(*operation, text);
    if (one.exit_status != 0) status = 2;
    terminal.print(write_json(one.json) + "\n");
  };
  if (options.request != "-") {
    answer(options.request);
    return status;
  }
  std::string line;
  while (!terminal.reader_gone() && read_line(terminal.input(), line))
    if (!trim(line).empty()) answer(line);
  return status;
}

struct OperationsOptions {
  std::string name;
  bool json = false;
};

Json operation_json(const operations::Operation& operation) {
  return {{"name", operation.name},
          {"group", operation.group},
          {"summary", operation.summary},
          {"request", operation.request_schema()},
          {"result", operation.result_schema()}};
}

std::string type_of(const Json& schema) {
  if (schema.contains("enum")) {
    std::vector<std::string> choices;
    for (const auto& choice : schema["enum"])
      choices.push_back(choice.is_string() ? choice.get<std::string>() : write_json(choice));
    return join(choices, " | ");
  }
  if (!schema.contains("type")) return "any";
  const Json& type = schema["type"];
  if (type == "array") return "list of " + type_of(schema.value("items", Json::object()));
  if (type.is_string()) return type.get<std::string>();
  std::vector<std::string> names;
  for (const auto& name : type) names.push_back(name.get<std::string>());
  return join(names, " | ");
}

std::vector<std::string> required_of(const Json& schema) {
  std::vector<std::string> required;
  if (schema.contains("required"))
    for (const auto& name : schema["required"]) required.push_back(name.get<std::string>());
  return required;
}

// The fields inside an object or the objects of a list; null when none are declared.
Json inner_fields(const Json& field) {
  const Json& object = field.contains("items") ? field["items"] : field;
  if (!object.contains("properties")) return {};
  return {{"properties", object["properties"]}, {"required", required_of(object)}};
}

constexpr std::size_t kTypeWidth = 32;

// Inner fields stand indented below their object; where two objects hold the same, once.
void add_fields(report::TextTable& table, const Json& schema, std::size_t indent) {
  const auto required = required_of(schema);
  std::vector<std::pair<std::string, Json>> shown;
  const Json fields = schema.value("properties", Json::object());
  for (const auto& [name, field] : fields.items()) {
    const bool must = std::find(required.begin(), required.end(), name) != required.end();
    const bool has_default = field.contains("default") && field["default"] != "";
    const std::string otherwise = has_default ? write_json(field["default"]) : "";
    const std::string type = type_of(field);
    const bool wide = type.size() > kTypeWidth;  // many words to choose from
    const Json inner = inner_fields(field);
    const auto same = std::find_if(shown.begin(), shown.end(),
                                   [&](const auto& other) { return other.second == inner; });
    const bool again = !inner.is_null() && same != shown.end();
    table.add_row({{std::string(indent, ' ') + name, report::Tone::kStrong},
                   {again  ? "as " + same->first
                    : wide ? "word"
                           : type},
                   {must ? "required" : otherwise},
                   {field.value("description", "") + (wide ? ": " + type : "")}});
    if (inner.is_null() || again) continue;
    shown.emplace_back(name, inner);
    add_fields(table, inner, indent + 2);
  }
}

std::string fields_text(const Json& schema, const report::TextStyle& style) {
  report::TextTable table({{"field"}, {"type"}, {"default"}, {"meaning"}});
  add_fields(table, schema, 0);
  return table.render(style.width, style.color);
}

std::string operation_text(const operations::Operation& operation, const report::TextStyle& style) {
  const auto heading = [&](std::string_view text) {
    return "\n" + report::paint(text, report::Tone::kStrong, style.color) + "\n";
  };
  return report::paint(operation.name, report::Tone::kStrong, style.color) + "\n" +
         report::wrap(operation.summary, style.width, 2) + heading("Request") +
         fields_text(operation.request_schema(), style) + heading("Result") +
         fields_text(operation.result_schema(), style) + "\n" +
         report::wrap(fmt::format("Formula, assumptions and an example: docs/methods/{}.md. "
                                  "With --json: the same as JSON Schema.",
                                  operation.name),
                      style.width, 2);
}

std::string list_text(const report::TextStyle& style) {
  report::TextTable table({{"operation"}, {"what it does"}});
  std::string_view group;
  for (const auto& operation : operations::all()) {
    if (operation.group != group) {
      group = operation.group;
      std::string title(group);
      std::replace(title.begin(), title.end(), '_', ' ');
      table.add_group(title);
    }
    table.add_row({{"  " + std::string(operation.name), report::Tone::kStrong},
                   {std::string(operation.summary)}});
  }
  return table.render(style.width, style.color, 0);
}

Result<int> show_operations(Terminal& terminal, const OperationsOptions& options) {
  const auto style = terminal.text_style();
  if (!options.name.empty()) {
    DESCANT_ASSIGN(const auto* operation, operations::find(options.name));
    terminal.print(options.json ? write_json(operation_json(*operation), 2) + "\n"
                                : operation_text(*operation, style));
    return 0;
  }
  if (!options.json) {
    terminal.print(list_text(style));
    return 0;
  }
  Json list = Json::array();
  for (const auto& operation : operations::all()) list.push_back(operation_json(operation));
  terminal.print(write_json(list, 2) + "\n");
  return 0;
}

}  // namespace

void add_operation_commands(const Program& program) {
  auto calc_options = std::make_shared<CalcOptions>();
  auto* calc_app =
      program.app.add_subcommand("calc", "compute one operation: JSON in, JSON out, one line each");
  calc_app->add_option("OPERATION", calc_options->operation, "see `descant operations`")
      ->required();
  calc_app->add_option("JSON", calc_options->request,
                       "the request; - or nothing reads requests from standard input, one a line");
  runs(calc_app, program.chosen, calc_options, calc);

  auto options = std::make_shared<OperationsOptions>();
  auto* app = program.app.add_subcommand("operations", "what `descant calc` can compute");
  app->add_option("NAME", options->name, "show the fields of this one");
  app->add_flag("--json", options->json, "as JSON Schema");
  runs(app, program.chosen, options, show_operations);
}

}  // namespace descant::cli
