// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/present.h"
#include "experiment/interactions.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

constexpr double kShownLevel = 0.05;  // of the adjusted p-values

struct InteractionOptions {
  std::string name;
  std::string other;
  std::string project;
  std::string as_of;
  std::string format = "text";
};

std::string verdict(const experiment::Interactions& result) {
  std::size_t found = 0;
  for (const auto& metric : result.metrics) found += metric.adjusted_p_value <= kShownLevel ? 1 : 0;
  const std::string pair = fmt::format("{} and {}", result.experiment, result.other);
  for (const auto& warning : result.warnings)
    if (warning.code == "dependent_assignments") return warning.message;
  if (found == 0)
    return fmt::format(
        "{}: no sign that either changes the other's effect on the {} that are in "
        "both.",
        pair, counted(result.units, "unit"));
  return fmt::format("{} interact on {} of {}: read each in the other's arms before deciding.",
                     pair, found,
                     counted(static_cast<std::int64_t>(result.metrics.size()), "comparison"));
}

report::TextTable table_of(const experiment::Interactions& result) {
  report::TextTable table({{"metric"},
                           {"variant"},
                           {"other's variant"},
                           {"effect, other's control"},
                           {"effect, other's treated"},
                           {"difference"},
                           {"p"},
                           {"p adjusted"}});
  for (const auto& metric : result.metrics) {
    const auto effect = [](const stats::ArmEstimate& treated, const stats::ArmEstimate& control) {
      return format_number(treated.estimate - control.estimate);
    };
    const auto& difference = metric.comparison.absolute;
    table.add_row({{metric.name, report::Tone::kStrong},
                   {metric.treatment},
                   {metric.other_treatment},
                   {effect(metric.cells.treatment_control, metric.cells.control_control)},
                   {effect(metric.cells.treatment_treatment, metric.cells.control_treatment)},
                   {fmt::format("{} [{}, {}]", format_number(difference.estimate),
                                format_number(difference.lower), format_number(difference.upper))},
                   {format_p_value(metric.comparison.p_value)},
                   {format_p_value(metric.adjusted_p_value)}});
  }
  return table;
}

Result<int> interaction(Terminal& terminal, const InteractionOptions& options) {
  experiment::ReadoutOptions readout;
  readout.threads = terminal.threads;
  if (!options.as_of.empty()) {
    DESCANT_ASSIGN(readout.as_of, parse_instant(options.as_of));
  }
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.project));
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  DESCANT_ASSIGN(auto result,
                 experiment::interactions(project, store, options.name, options.other, readout));
  if (options.format == "json") {
    terminal.print(write_json(to_json_document(result), 2) + "\n");
    return 0;
  }
  const auto style = terminal.text_style();
  std::string out = report::wrap(verdict(result), style.width) + "\n";
  out += table_of(result).render(style.width, style.color, 0);
  for (const auto& warning : result.warnings)
    if (warning.code != "dependent_assignments") out += report::wrap(warning.message, style.width);
  terminal.print(out);
  return 0;
}

}  // namespace

void add_experiment_interaction_command(CLI::App* group, Chosen& chosen) {
  auto options = std::make_shared<InteractionOptions>();
  auto* app =
      group->add_subcommand("interaction", "whether two experiments change each other's effects");
  app->add_option("NAME", options->name, "the experiment whose metrics are read")->required();
  app->add_option("OTHER", options->other, "the other experiment")->required();
  app->add_option("--project", options->project, "the project's folder");
  app->add_option("--as-of", options->as_of, "use data up to this instant; default: all");
  app->add_option("--format", options->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(app, chosen, options, interaction);
}

}  // namespace descant::cli
