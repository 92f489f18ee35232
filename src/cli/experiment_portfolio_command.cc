// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/present.h"
#include "definitions/formats.h"
#include "experiment/portfolio.h"
#include "report/text_layout.h"

namespace descant::cli {
namespace {

struct PortfolioCommand {
  experiment::ProjectPortfolio of_project;
  experiment::TablePortfolio of_table;
  experiment::PortfolioOptions options;
  std::string minimum_effect;
  std::string project;
  std::string as_of;
  std::string format = "text";
};

std::string share_text(const experiment::PortfolioShare& share) {
  return fmt::format("{} ({}, {} to {})", share.count, format_percent(share.estimate, 0),
                     format_percent(share.lower, 0), format_percent(share.upper, 0));
}

std::string verdict(const experiment::Portfolio& result) {
  const auto treatments = static_cast<std::int64_t>(result.treatments.size());
  if (treatments == 0) return "No experiment has ended.";
  return fmt::format("{} of {} that ended: {} shipped, {} significantly better, {} learnt from.",
                     counted(treatments, "treatment"), counted(result.experiments, "experiment"),
                     share_text(result.win_rate), share_text(result.better_rate),
                     share_text(result.learning_rate));
}

std::string interval_text(double estimate, double lower, double upper) {
  return fmt::format("{} ({} to {})", format_signed_percent(estimate), format_signed_percent(lower),
                     format_signed_percent(upper));
}

std::string shipped_text(const experiment::PortfolioMetric& metric) {
  const auto& sum = metric.shipped;
  const auto effects = counted(static_cast<std::int64_t>(metric.effects.size()), "effect");
  if (sum.selected == 0) return fmt::format("Shipped: none of {}.", effects);
  std::string text = fmt::format(
      "Shipped: {} of {}. Their estimates add up to {}; corrected for having been picked, to {}.",
      sum.selected, effects, format_signed_percent(sum.naive),
      interval_text(sum.estimate, sum.lower, sum.upper));
  if (!std::isnan(sum.bias_corrected))
    text +=
        fmt::format(" Corrected without a prior: {}.", format_signed_percent(sum.bias_corrected));
  return text;
}

report::TextTable table_of(const experiment::PortfolioMetric& metric) {
  report::TextTable table({{"experiment"},
                           {"treatment"},
                           {"measured", true},
                           {"shrunk", true},
                           {"interval", true},
                           {"P(better)", true},
                           {"shipped"}});
  for (const auto& effect : metric.effects)
    table.add_row({{effect.experiment, report::Tone::kStrong},
                   {effect.treatment},
                   {format_signed_percent(effect.measured.estimate)},
                   {format_signed_percent(effect.shrunk.estimate)},
                   {fmt::format("{} to {}", format_signed_percent(effect.shrunk.lower),
                                format_signed_percent(effect.shrunk.upper))},
                   {format_percent(effect.probability_better, 1)},
                   {effect.shipped ? "yes" : "no"}});
  return table;
}

std::string text_of(const experiment::Portfolio& result, std::size_t width, bool color) {
  std::string out = report::wrap(verdict(result), width);
  for (const auto& metric : result.metrics) {
    if (metric.effects.empty()) continue;
    out += "\n" + report::paint(metric.name, report::Tone::kStrong, color) + "\n";
    out += report::wrap(shipped_text(metric), width, 2);
    if (metric.reconciliation) out += report::wrap(metric.reconciliation->message, width, 2);
    out += table_of(metric).render(width, color);
  }
  std::string remarks;
  for (const auto& left_out : result.left_out)
    remarks += report::wrap("Left out: " + left_out.message, width, 2);
  for (const auto& warning : result.warnings)
    remarks += report::wrap("! " + warning.message, width, 2);
  return remarks.empty() ? out : out + "\n" + remarks;
}

Result<experiment::Portfolio> find(Terminal& terminal, const PortfolioCommand& command) {
  auto options = command.options;
  if (!command.minimum_effect.empty()) {
    DESCANT_ASSIGN(const auto effect, definitions::EffectSizeText::read(command.minimum_effect));
    if (!effect.relative)
      return invalid_request("the minimum effect is relative to control", "minimum-effect",
                             "Write it as a percentage, such as 1%.");
    options.minimum_effect = effect.value;
  }
  if (!command.of_table.file.empty()) {
    auto request = command.of_table;
    request.options = options;
    request.threads = terminal.threads;
    return experiment::portfolio(request);
  }
  auto request = command.of_project;
  request.options = options;
  request.readout.threads = terminal.threads;
  if (!command.as_of.empty()) {
    DESCANT_ASSIGN(request.readout.as_of, parse_instant(command.as_of));
  }
  DESCANT_ASSIGN(const auto project, open_project(terminal, command.project));
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  return experiment::portfolio(project, store, request);
}

Result<int> portfolio(Terminal& terminal, const PortfolioCommand& command) {
  DESCANT_ASSIGN(auto result, find(terminal, command));
  if (command.format == "json") {
    terminal.print(write_json(to_json_document(result), 2) + "\n");
    return 0;
  }
  const auto style = terminal.text_style();
  terminal.print(text_of(result, style.width, style.color));
  return 0;
}

void add_table_flags(CLI::App* app, PortfolioCommand& command) {
  auto& table = command.of_table;
  auto* from = app->add_option("--from", table.file,
                               "a CSV or Parquet file with one row per treatment, in place of a "
                               "project's experiments")
                   ->type_name("FILE");
  const auto column = [&](const char* flag, std::string& text, const char* doc) {
    return app->add_option(flag, text, doc)->type_name("COLUMN")->needs(from);
  };
  from->needs(column("--experiment", table.experiment, "of the experiment's name"));
  column("--treatment", table.treatment, "of the treatment's name");
  from->needs(column("--estimate", table.estimate,
                     "of the effect relative to control; a column, or SQL over the columns"));
  from->needs(column("--standard-error", table.standard_error, "of the estimate; likewise"));
  column("--decision", table.decision,
         "of ship, stop, continue or invalid, or of true and false; default: what is "
         "significantly better counts as shipped");
  app->add_option("--where", table.where, "SQL condition on the rows")->needs(from);
  app->add_option("--direction", table.direction, "which way is good")
      ->check(CLI::IsMember({"increase", "decrease"}))
      ->needs(from)
      ->capture_default_str();
  app->add_option("--power", command.options.power, "of a null that counts as learnt")
      ->needs(from)
      ->capture_default_str();
  for (const char* flag : {"--project", "--metric", "--holdback", "--as-of"})
    from->excludes(app->get_option(flag));
}

}  // namespace

void add_experiment_portfolio_command(CLI::App* group, Chosen& chosen) {
  auto command = std::make_shared<PortfolioCommand>();
  auto* app = group->add_subcommand(
      "portfolio", "what many ended experiments say together: less their luck, added up");
  app->add_option("--project", command->project, "the project's folder");
  app->add_option("--metric", command->of_project.metric,
                  "read this metric, in any role; default: every success metric");
  app->add_option("--holdback", command->of_project.holdback,
                  "the experiment to reconcile the launches' sum with");
  app->add_option("--as-of", command->as_of, "use data up to this instant; default: all");
  add_table_flags(app, *command);
  app->add_option("--prior", command->options.prior, "what the true effects come from")
      ->check(CLI::IsMember({"normal", "spike_and_slab", "t"}))
      ->capture_default_str();
  app->add_option("--confidence-level", command->options.confidence_level, "of every interval")
      ->capture_default_str();
  app->add_option("--minimum-effect", command->minimum_effect,
                  "the effect that a null must have had the power to find, such as 1%, where no "
                  "minimum_detectable_effect is stated");
  app->add_option("--format", command->format, "how to show it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  runs(app, chosen, command, portfolio);
}

}  // namespace descant::cli
