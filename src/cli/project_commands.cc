// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "cli/command.h"
#include "definitions/load.h"
#include "timelines/refresh.h"
#include "timelines/status.h"

namespace descant::cli {
namespace {

struct CheckOptions {
  std::string project;
  bool deep = false;
};

std::string counted(std::size_t count, std::string_view noun) {
  return descant::counted(static_cast<std::int64_t>(count), noun);
}

Result<int> check(Terminal& terminal, const CheckOptions& options) {
  DESCANT_ASSIGN(const std::string folder, find_project(options.project));
  const auto loaded = definitions::load_project(folder);
  if (!loaded.errors.empty()) {
    const int status = terminal.fail(loaded.errors);
    terminal.remark("\n" + counted(loaded.errors.size(), "error") + " in " + folder + "\n");
    return status;
  }
  const auto& project = loaded.project;
  if (const auto errors = timelines::check_sources(project); !errors.empty()) {
    const int status = terminal.fail(errors);
    terminal.remark("\n" + counted(errors.size(), "error") + " in the sources of " + folder + "\n");
    return status;
  }
  if (options.deep) DESCANT_CHECK(timelines::status(project, true));
  terminal.print(fmt::format("{} is in order: {}, {}, {}, {}, {}.{}\n", project.name,
                             counted(project.fact_tables.size(), "fact table"),
                             counted(project.assignment_tables.size(), "assignment table"),
                             counted(project.dimension_tables.size(), "dimension table"),
                             counted(project.metrics.size(), "metric"),
                             counted(project.experiments.size(), "experiment"),
                             options.deep ? " The stored timelines are undamaged." : ""));
  return 0;
}

struct RefreshCommandOptions {
  std::string project;
  bool force = false;
};

Result<int> refresh(Terminal& terminal, const RefreshCommandOptions& options) {
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto report,
                 timelines::refresh(project, {terminal.threads, options.force}, terminal.watch()));
  terminal.print(report::refresh_text(report, terminal.text_style()));
  return 0;
}

struct StatusOptions {
  std::string project;
  std::string format = "text";
};

Result<int> status(Terminal& terminal, const StatusOptions& options) {
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto found, timelines::status(project));
  terminal.print(options.format == "json" ? write_json(to_json_document(found), 2) + "\n"
                                          : report::status_text(found, terminal.text_style()));
  return 0;
}

constexpr const char* kProjectDoc =
    "the project's folder; default: the nearest at or above the current one";

}  // namespace

void add_project_commands(const Program& program) {
  auto check_options = std::make_shared<CheckOptions>();
  auto* check_app = program.app.add_subcommand("check", "check a project's definitions");
  check_app->add_option("PROJECT", check_options->project, kProjectDoc);
  check_app->add_flag("--deep", check_options->deep,
                      "also verify the content of the stored timelines");
  runs(check_app, program.chosen, check_options, check);

  auto refresh_options = std::make_shared<RefreshCommandOptions>();
  auto* refresh_app = program.app.add_subcommand(
      "refresh", "bring a project's timelines up to date with its sources");
  refresh_app->add_option("PROJECT", refresh_options->project, kProjectDoc);
  refresh_app->add_flag("--force", refresh_options->force, "rebuild although nothing changed");
  runs(refresh_app, program.chosen, refresh_options, refresh);

  auto status_options = std::make_shared<StatusOptions>();
  auto* status_app =
      program.app.add_subcommand("status", "what a project's timelines hold, and how fresh");
  status_app->add_option("PROJECT", status_options->project, kProjectDoc);
  status_app->add_option("--format", status_options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(status_app, program.chosen, status_options, status);
}

}  // namespace descant::cli
