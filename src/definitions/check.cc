// SPDX-License-Identifier: Apache-2.0
#include "definitions/check.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "definitions/formats.h"

namespace descant::definitions {
namespace {

constexpr std::string_view kNameHint =
    "Use at most 100 small letters, digits and underscores, beginning with a letter: it becomes a "
    "SQL identifier and a file name.";

void check_name(Check& check, const std::string& name, const std::string& path) {
  if (!is_name(name))
    check.at_key(path, fmt::format("'{}' cannot be a name", name), std::string(kNameHint));
}

template <class T>
void check_names(Check& check, const std::map<std::string, T>& definitions,
                 std::string_view section) {
  for (const auto& [name, unused] : definitions)
    check_name(check, name, fmt::format("{}.{}", section, name));
}

void check_source(Check& check, const Source& source, const std::string& path) {
  if (!source.from.empty() && !source.sql.empty()) {
    check.at_value(path + ".sql", "a table has either `from` or `sql`, not both",
                   "Keep the one that gives the rows.");
  } else if (source.from.empty() && source.sql.empty() && check.is_valid(path + ".from") &&
             check.is_valid(path + ".sql")) {
    check.at_key(path, "the table has neither `from` nor `sql`",
                 "Add `from: data/events/*.parquet` or `sql: SELECT …`.");
  }
}

void check_dimensions(Check& check, const std::vector<std::string>& dimensions,
                      const std::string& path) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < dimensions.size(); ++i)
    if (!dimensions[i].empty() && !seen.insert(dimensions[i]).second)
      check.at_value(fmt::format("{}.dimensions[{}]", path, i),
                     fmt::format("the dimension '{}' is listed twice", dimensions[i]),
                     "Remove one of them.");
}

template <class Table>
void check_table(Check& check, const Table& table, const std::string& path) {
  check_source(check, table.source, path);
  const std::string entity = path + ".entity";
  if (check.is_written(entity) && check.is_valid(entity))
    check.resolve(check.project.entities, table.entity, entity, "entity");
}

void check_measures(Check& check, const FactTable& table, const std::string& path) {
  for (const auto& measure : table.measures) {
    const std::string at = fmt::format("{}.measures.{}", path, measure.name);
    check_name(check, measure.name, at);
    const bool is_dimension = std::find(table.dimensions.begin(), table.dimensions.end(),
                                        measure.name) != table.dimensions.end();
    if (is_dimension || measure.name == table.timestamp)
      check.at_key(at,
                   fmt::format("the measure '{}' has the name of {}", measure.name,
                               is_dimension ? "a dimension" : "the timestamp"),
                   "Give the measure another name.");
  }
}

// Tables share one set of names, so that `table.dimension` means one thing.
template <class Table>
void check_unique(Check& check, const std::map<std::string, Table>& tables,
                  std::string_view section, std::map<std::string, std::string>& seen) {
  for (const auto& [name, unused] : tables) {
    const std::string path = fmt::format("{}.{}", section, name);
    const auto [first, is_new] = seen.emplace(name, path);
    if (is_new) continue;
    auto paths = std::pair(first->second, path);
    if (check.key_place(paths.second) < check.key_place(paths.first))
      std::swap(paths.first, paths.second);
    check.at_key(paths.second, fmt::format("another table has the name '{}'", name),
                 fmt::format("It is at {}; rename one of them.",
                             to_text(check.key_place(paths.first), check.files)));
  }
}

}  // namespace

bool Check::is_valid(const std::string& path) const {
  const auto found = written_.find(path);
  return found == written_.end() || found->second.valid;
}

void Check::at_value(const std::string& path, std::string message, std::string hint) {
  findings_.add(written_.at(path).value, std::move(message), std::move(hint));
}

void Check::at_key(const std::string& path, std::string message, std::string hint) {
  findings_.add(written_.at(path).key, std::move(message), std::move(hint));
}

void Check::unresolved(const std::string& name, const std::vector<std::string>& known,
                       const std::string& path, std::string_view kind) {
  if (!complete_) return;
  at_value(path, fmt::format("there is no {} '{}'", kind, name),
           known.empty() ? fmt::format("The project defines none: add one.")
                         : did_you_mean(name, known));
}

void check_tables(Check& check) {
  const Project& project = check.project;
  check_names(check, project.entities, "entities");
  check_names(check, project.fact_tables, "fact_tables");
  check_names(check, project.assignment_tables, "assignment_tables");
  check_names(check, project.dimension_tables, "dimension_tables");
  std::map<std::string, std::string> seen;
  check_unique(check, project.fact_tables, "fact_tables", seen);
  check_unique(check, project.assignment_tables, "assignment_tables", seen);
  check_unique(check, project.dimension_tables, "dimension_tables", seen);
  for (const auto& [name, table] : project.fact_tables) {
    const std::string path = "fact_tables." + name;
    check_table(check, table, path);
    check_dimensions(check, table.dimensions, path);
    check_measures(check, table, path);
  }
  for (const auto& [name, table] : project.assignment_tables)
    check_table(check, table, "assignment_tables." + name);
  for (const auto& [name, table] : project.dimension_tables) {
    const std::string path = "dimension_tables." + name;
    check_table(check, table, path);
    check_dimensions(check, table.dimensions, path);
  }
  check_names(check, project.metrics, "metrics");
  check_names(check, project.experiments, "experiments");
}

}  // namespace descant::definitions
