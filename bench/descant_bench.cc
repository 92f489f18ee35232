// SPDX-License-Identifier: Apache-2.0

// The engine under test as a process that answers line by line, so that a harness can take turns
// with other engines: `descant_bench PROJECT THREADS`, then `run NAME [FILE]` on standard input
// gives one JSON object on standard output. Times are of the work alone, after the definitions are
// loaded.

#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/parallel.h"
#include "definitions/load.h"
#include "experiment/analyze.h"
#include "experiment/definition_plan.h"
#include "experiment/readout.h"
#include "folds/exposure.h"
#include "folds/unit_values.h"
#include "resampling_cases.h"
#include "stats/comparison/mean_difference.h"
#include "timelines/refresh.h"
#include "timelines/store.h"

namespace descant::bench {
namespace {

using Answer = nlohmann::ordered_json;

constexpr const char* kExperiment = "home_ranker";

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Answer arm(const stats::ArmEstimate& unadjusted, const stats::ArmEstimate& adjusted) {
  const double n = static_cast<double>(unadjusted.n);
  return {{"n", unadjusted.n},
          {"mean", unadjusted.estimate},
          {"variance", unadjusted.standard_error * unadjusted.standard_error * n},
          {"adjusted_mean", adjusted.estimate},
          {"adjusted_variance", adjusted.standard_error * adjusted.standard_error * n}};
}

Answer effect(const stats::Comparison& comparison) {
  return {{"absolute", comparison.absolute.estimate},
          {"standard_error", comparison.absolute.standard_error},
          {"p_value", comparison.p_value}};
}

// What a program that asks more than once keeps: the timelines stay open until they are rebuilt.
struct Session {
  const definitions::Project& project;
  std::size_t threads;
  std::optional<timelines::Store> store;
  std::string file;  // that the case is to read

  Result<const timelines::Store*> opened() {
    if (!store) {
      DESCANT_ASSIGN(store, timelines::Store::open(project.folder));
    }
    return &*store;
  }
};

Result<Answer> experiment_readout(Session& session) {
  experiment::ReadoutOptions options;
  options.threads = session.threads;
  options.by_day = options.by_segment = options.since_exposure = false;
  const Stopwatch watch;
  DESCANT_ASSIGN(const auto* store, session.opened());
  DESCANT_ASSIGN(const auto result,
                 experiment::read_out(session.project, *store, kExperiment, options));
  const double seconds = watch.seconds();
  const auto& metric = result.metrics.front();
  const auto& unadjusted = metric.unadjusted;
  const auto& adjusted = metric.comparison;
  return Answer{{"seconds", seconds},
                {"as_of", result.experiment.as_of},
                {"answer",
                 {{"control", arm(unadjusted.control, adjusted.control)},
                  {"treatment", arm(unadjusted.treatment, adjusted.treatment)},
                  {"unadjusted", effect(unadjusted)},
                  {"adjusted", effect(adjusted)}}}};
}

Result<Answer> timelines_build(Session& session) {
  session.store.reset();
  DESCANT_ASSIGN(const auto report, timelines::refresh(session.project, {session.threads, true}));
  Answer answer{{"seconds", report.seconds}};
  for (const auto& table : report.tables) answer["rows"][table.table] = table.rows;
  for (const auto& table : report.tables) answer["bytes"][table.table] = table.bytes;
  return answer;
}

// The metric's unit table, as the read-out makes it: one window after exposure, one before.
Result<folds::UnitTable> unit_table(const definitions::Project& project,
                                    const definitions::Experiment& experiment,
                                    const folds::Exposures& exposures,
                                    const timelines::TableView& plays, Instant as_of,
                                    std::size_t threads) {
  const auto& metric = project.metrics.at(experiment.metrics.front().metric);
  folds::UnitTable units;
  units.unit_count = exposures.size();
  units.variants = experiment::variants_control_first(experiment);
  units.arm = exposures.arm;
  units.days = {{experiment.end, as_of}};
  auto& values = units.metrics.emplace_back();
  values.name = metric.name;
  values.numerator.emplace_back(units.unit_count);
  values.covariate_numerator.resize(units.unit_count);
  for (const Instant at : exposures.at)
    values.mature_from.push_back(at + *metric.to <= as_of ? 0 : 1);
  const auto* measure = plays.find(metric.numerator.measure);
  const auto part = [&](std::int64_t from, std::int64_t to, std::vector<double>& out) {
    return folds::ValuePart{
        metric.numerator.aggregate, measure, nullptr, {true, from}, {true, to}, out};
  };
  const std::vector<folds::ValuePart> parts = {
      part(metric.from, *metric.to, values.numerator.front()),
      part(-experiment.variance_reduction.lookback, 0, values.covariate_numerator)};
  DESCANT_CHECK(folds::fill_unit_values(plays, exposures, parts, {}, threads));
  return units;
}

// The read-out in its three steps, with the time of each.
Result<Answer> statistics_after_scan(Session& session) {
  const auto& project = session.project;
  const std::size_t threads = session.threads;
  const auto& experiment = project.experiments.at(kExperiment);
  DESCANT_ASSIGN(const TimeZone zone, TimeZone::find(project.timezone));
  DESCANT_ASSIGN(const auto* store, session.opened());
  DESCANT_ASSIGN(const auto plays, store->table("plays"));
  DESCANT_ASSIGN(const auto assignments, store->table(experiment.assignment_table));
  const Instant as_of = plays->last - project.fact_tables.at("plays").completeness_lag;
  const Stopwatch exposure_watch;
  DESCANT_ASSIGN(const auto exposures,
                 folds::find_exposures(
                     *assignments,
                     {kExperiment, experiment::variants_control_first(experiment),
                      zone.start_of(experiment.start), zone.start_of(experiment.end + 1), as_of},
                     threads));
  const double exposure_seconds = exposure_watch.seconds();
  const Stopwatch scan_watch;
  DESCANT_ASSIGN(const auto units,
                 unit_table(project, experiment, exposures, *plays, as_of, threads));
  const double scan_seconds = scan_watch.seconds();
  const auto plan = experiment::plan_of(project, experiment);
  const Stopwatch watch;
  DESCANT_ASSIGN(const auto result, experiment::analyze(plan, units, exposures.counts, threads));
  return Answer{{"seconds", watch.seconds()},
                {"exposure_seconds", exposure_seconds},
                {"scan_seconds", scan_seconds},
                {"units", units.unit_count},
                {"absolute", result.metrics.front().comparison.absolute.estimate}};
}

// A case on a file of units.
template <Result<Answer> (*function)(const ResamplingUnits&)>
Result<Answer> on_units(Session& session) {
  DESCANT_ASSIGN(const auto units, ResamplingUnits::open(session.file));
  return function(units);
}

// Moments of the arms of a thousand metrics in a hundred segments, compared one by one; some of
// them are given back for a peer to compare as well.
constexpr std::int64_t kMetrics = 1000, kSegments = 100, kShown = 1000;

stats::Moments arm_moments(std::int64_t i, std::int64_t period) {
  stats::Moments moments(1);
  moments.n = 1000 + i * 7919 % 90'000;
  moments.mean[0] = 10 + static_cast<double>(i % period) / 1000;
  moments.cross[0] = static_cast<double>(moments.n - 1) * (3 + static_cast<double>(i % 7));
  return moments;
}

Result<Answer> comparisons_from_moments(Session& session) {
  std::vector<stats::Moments> control, treatment;
  for (std::int64_t i = 0; i < kMetrics * kSegments; ++i) {
    control.push_back(arm_moments(i, 101));
    treatment.push_back(arm_moments(i + 13, 97));
  }
  std::vector<stats::Comparison> comparisons(control.size());
  const Stopwatch watch;
  DESCANT_CHECK(for_each_morsel(
      kMetrics, session.threads, [&](std::size_t metric, std::size_t) -> Result<void> {
        for (std::size_t i = metric * kSegments; i < (metric + 1) * kSegments; ++i) {
          DESCANT_ASSIGN(comparisons[i],
                         stats::mean_difference(control[i], treatment[i], "welch", {}));
        }
        return {};
      }));
  Answer answer{{"seconds", watch.seconds()}, {"comparisons", comparisons.size()}};
  for (std::size_t i = 0; i < comparisons.size(); i += comparisons.size() / kShown) {
    const auto& c = comparisons[i];
    const auto moments = [](const stats::Moments& m) {
      return Answer{m.n, m.mean[0], m.variance(0)};
    };
    answer["shown"].push_back({{"control", moments(control[i])},
                               {"treatment", moments(treatment[i])},
                               {"answer",
                                {{"absolute", c.absolute.estimate},
                                 {"lower", c.absolute.lower},
                                 {"upper", c.absolute.upper},
                                 {"relative", c.relative.estimate},
                                 {"statistic", c.statistic},
                                 {"p_value", c.p_value}}}});
  }
  return answer;
}

using Case = std::function<Result<Answer>(Session&)>;

const std::map<std::string, Case>& cases() {
  static const std::map<std::string, Case> all = {
      {"comparisons_from_moments", comparisons_from_moments},
      {"experiment_readout", experiment_readout},
      {"statistics_after_scan", statistics_after_scan},
      {"timelines_build", timelines_build},
      {"quantile_difference", on_units<quantile_difference_case>},
      {"poisson_bootstrap", on_units<poisson_bootstrap_case>},
      {"aa_factory", on_units<aa_factory_case>}};
  return all;
}

// Peak memory of this process, which getrusage would mix with that of the process it came from.
std::uint64_t peak_rss_bytes() {
  const auto status = read_file("/proc/self/status");
  if (!status) return 0;
  const auto found = status->find("VmHWM:");
  if (found == std::string::npos) return 0;
  return std::stoull(status->substr(found + 6)) * 1024;
}

Result<Answer> obey(const std::string& line, Session& session) {
  const std::string asked = line.starts_with("run ") ? line.substr(4) : line;
  const std::string name = asked.substr(0, asked.find(' '));
  session.file = asked.substr(std::min(asked.size(), name.size() + 1));
  const auto found = cases().find(name);
  if (found == cases().end())
    return invalid_request(fmt::format("there is no case '{}'", name), "line");
  DESCANT_ASSIGN(Answer answer, found->second(session));
  answer["rss"] = peak_rss_bytes();
  return answer;
}

int run(const std::string& folder, std::size_t threads) {
  const auto project = definitions::require_project(definitions::load_project(folder));
  if (!project) {
    std::cout << Answer{{"error", to_text(project.error())}} << std::endl;
    return exit_status(project.error().code);
  }
  Session session{*project, threads, std::nullopt, {}};
  for (std::string line; std::getline(std::cin, line);) {
    const auto answer = obey(line, session);
    std::cout << (answer ? *answer : Answer{{"error", to_text(answer.error())}}) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace descant::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: descant_bench PROJECT THREADS\n";
    return 2;
  }
  return descant::bench::run(argv[1], std::stoul(argv[2]));
}
