// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/command.h"
#include "definitions/load.h"
#include "experiment/readout.h"
#include "report/text_layout.h"
#include "report/wording.h"
#include "simulator/simulate.h"
#include "timelines/refresh.h"
#include "timelines/status.h"

namespace descant::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct DemoOptions {
  simulator::SimulateOptions simulate{.folder = "descant-demo"};
};

std::string truth_file(const std::string& folder) { return folder + "/truth.json"; }
std::string report_file(const std::string& folder) { return folder + "/report.html"; }
// Remembers what the report was made from, and its verdicts.
std::string memory_file(const std::string& folder) { return folder + "/.descant/demo.json"; }

// A JSON file, or null when it is missing or damaged.
Json read_json(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return nullptr;
  auto json = parse_json(*text, path);
  return json ? std::move(*json) : Json(nullptr);
}

void say(Terminal& terminal, std::string_view step, const std::string& what) {
  terminal.print(report::pad_right(step, 11) + what + "\n");
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// truth.json is written last, so that its options are those of a finished simulation.
bool is_simulated(const simulator::SimulateOptions& options) {
  const Json truth = read_json(truth_file(options.folder));
  if (!truth.is_object() || !truth.contains("options")) return false;
  return truth["options"] == Json{{"listeners", options.listeners},
                                  {"days", options.days},
                                  {"seed", options.seed},
                                  {"plays_per_listener", options.plays_per_listener},
                                  {"listener_key", options.listener_key}};
}

Result<void> simulate_once(Terminal& terminal, const simulator::SimulateOptions& options) {
  const std::string what = fmt::format("{} listeners, {} days, seed {}",
                                       format_count(options.listeners), options.days, options.seed);
  if (is_simulated(options)) {
    say(terminal, "Simulate", what + ": done earlier");
    return {};
  }
  DESCANT_ASSIGN(const auto report, simulator::simulate(options, terminal.watch()));
  say(terminal, "Simulate",
      fmt::format("{}: {} plays in {}", what, format_count(report.plays),
                  format_seconds(report.seconds)));
  return {};
}

Result<void> refresh_once(Terminal& terminal, const definitions::Project& project) {
  DESCANT_ASSIGN(const auto report,
                 timelines::refresh(project, {.threads = terminal.threads}, terminal.watch()));
  std::uint64_t rows = 0;
  for (const auto& table : report.tables)
    if (table.rebuilt) rows += table.rows;
  say(terminal, "Refresh",
      rows == 0 ? "every table is up to date: done earlier"
                : fmt::format("{} rows into timelines in {}", format_count(rows),
                              format_seconds(report.seconds)));
  return {};
}

// Changes whenever the program is built anew.
std::int64_t program_time() {
  std::error_code unknown;
  const auto time = fs::last_write_time("/proc/self/exe", unknown);
  return unknown ? 0 : time.time_since_epoch().count();
}

// What the verdicts follow from.
Result<Json> basis_of(const definitions::Project& project) {
  DESCANT_ASSIGN(const auto status, timelines::status(project));
  Json basis = {{"descant_version", kVersion},
                {"program_time", program_time()},
                {"definition_hash", definitions::definition_hash(project)}};
  for (const auto& table : status.tables) basis["refreshed"][table.table] = table.refreshed;
  return basis;
}

Json verdicts_of(const std::vector<experiment::ExperimentResult>& results) {
  Json verdicts = Json::array();
  for (const auto& result : results)
    for (const auto& decision : result.decisions)
      verdicts.push_back({{"experiment", result.experiment.name},
                          {"treatment", decision.treatment},
                          {"action", decision.action},
                          {"explanation", report::explanation_text(decision)}});
  return verdicts;
}

// Analyses every experiment and writes the report, unless that was done from the same basis.
Result<Json> analyze_once(Terminal& terminal, const definitions::Project& project) {
  DESCANT_ASSIGN(const Json basis, basis_of(project));
  const std::string report_path = report_file(project.folder);
  const Json memory = read_json(memory_file(project.folder));
  const std::string count =
      counted(static_cast<std::int64_t>(project.experiments.size()), "experiment");
  if (memory.is_object() && memory.contains("verdicts") && memory.value("basis", Json()) == basis &&
      fs::exists(report_path)) {
    say(terminal, "Analyse", count + ": done earlier");
    return memory["verdicts"];
  }
  const auto begin = Clock::now();
  experiment::ReadoutOptions readout;
  readout.threads = terminal.threads;
  std::vector<experiment::ExperimentResult> results;
  for (const auto& [name, unused] : project.experiments) {
    DESCANT_ASSIGN(auto result, experiment::read_out(project, name, readout));
    results.push_back(std::move(result));
  }
  const double seconds = seconds_since(begin);
  DESCANT_CHECK(
      write_file_atomically(report_path, report::experiments_html(project.name, results)));
  const Json verdicts = verdicts_of(results);
  DESCANT_CHECK(make_folders(project.folder + "/.descant"));
  DESCANT_CHECK(write_file_atomically(memory_file(project.folder),
                                      write_json({{"basis", basis}, {"verdicts", verdicts}}, 2)));
  say(terminal, "Analyse", fmt::format("{} in {}", count, format_seconds(seconds)));
  return verdicts;
}

Json planted_experiment(const Json& truth, const std::string& name) {
  if (truth.is_object() && truth.contains("planted"))
    for (const auto& thing : truth["planted"])
      if (thing.value("kind", "") == "experiment" && thing.value("name", "") == name) return thing;
  return Json::object();
}

std::string verdicts_text(const Json& verdicts, const Json& truth, const report::TextStyle& style) {
  std::string out;
  for (const auto& verdict : verdicts) {
    const std::string name = verdict["experiment"], action = verdict["action"];
    const auto word = report::action_wording(action);
    const Json planted = planted_experiment(truth, name);
    const std::string expected = planted.value("expected_action", "");
    const auto line = [&](std::string_view label, const std::string& text) {
      const std::string padded = report::pad_right(label, 10);
      return "  " + report::paint(padded, report::Tone::kMuted, style.color) +
             report::wrap(report::printable(text), style.width, 12).substr(12);
    };
    out += "\n" + report::paint(word.label, word.tone, style.color) + "  " +
           report::paint(name, report::Tone::kStrong, style.color) + "\n" +
           line("verdict", verdict["explanation"]);
    if (expected.empty()) continue;
    out +=
        line("planted", planted.value("description", "") + ".") +
        line("expected",
             report::action_wording(expected).label + ". " + planted.value("because", "")) +
        line("", expected == action ? "✓ as planted"
                                    : "✕ differs from what was planted; more listeners tell more");
  }
  return out;
}

Result<int> demo(Terminal& terminal, const DemoOptions& written) {
  auto options = written.simulate;
  options.threads = terminal.threads;
  DESCANT_CHECK(simulate_once(terminal, options));
  DESCANT_ASSIGN(const auto project, open_project(terminal, options.folder));
  DESCANT_CHECK(refresh_once(terminal, project));
  DESCANT_ASSIGN(const Json verdicts, analyze_once(terminal, project));
  terminal.print(
      verdicts_text(verdicts, read_json(truth_file(options.folder)), terminal.text_style()));
  terminal.print(fmt::format(
      "\nReport     {}\nMore       {} experiment analyze {} --project {}\n",
      report_file(options.folder), terminal.program,
      project.experiments.empty() ? "NAME" : project.experiments.begin()->first, options.folder));
  return 0;
}

}  // namespace

void add_demo_command(const Program& program) {
  auto options = std::make_shared<DemoOptions>();
  auto& simulate = options->simulate;
  auto* app = program.app.add_subcommand(
      "demo", "simulate a project, decide its experiments and write a report");
  app->add_option("DIR", simulate.folder, "where to keep it")->capture_default_str();
  app->add_option("--listeners", simulate.listeners, "how many listeners")->capture_default_str();
  app->add_option("--days", simulate.days, "how many days")->capture_default_str();
  app->add_option("--seed", simulate.seed, "the same seed gives the same data")
      ->capture_default_str();
  runs(app, program.chosen, options, demo);
}

}  // namespace descant::cli
