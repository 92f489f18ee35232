// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulate.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/json.h"
#include "simulator/play_log.h"
#include "simulator/project_folder.h"
#include "simulator/tables.h"

namespace descant::simulator {
namespace {

constexpr int kSimulatorVersion = 1;  // grows whenever the same options give other data
constexpr const char* kFirstDate = "2026-02-02";
constexpr std::uint64_t kListenersMax = 100'000'000;
constexpr std::uint32_t kDaysMax = 3'650;
constexpr double kPlaysMax = 100'000;

Result<void> check(const SimulateOptions& options) {
  if (options.folder.empty()) return invalid_request("no folder is named", "folder");
  if (options.listeners < 1 || options.listeners > kListenersMax)
    return invalid_request(fmt::format("{} listeners", options.listeners), "listeners",
                           fmt::format("From 1 to {}.", kListenersMax));
  if (options.days < 1 || options.days > kDaysMax)
    return invalid_request(fmt::format("{} days", options.days), "days",
                           fmt::format("From 1 to {}.", kDaysMax));
  if (!(options.plays_per_listener > 0) || options.plays_per_listener > kPlaysMax)
    return invalid_request(fmt::format("{} plays per listener", options.plays_per_listener),
                           "plays_per_listener", fmt::format("Above 0, at most {}.", kPlaysMax));
  return {};
}

Result<World> make_world(const SimulateOptions& options, std::size_t threads) {
  World world;
  world.seed = options.seed;
  DESCANT_ASSIGN(world.period.first, parse_date(kFirstDate));
  world.period.days = options.days;
  world.catalogue = make_catalogue(options.seed);
  DESCANT_ASSIGN(world.rhythm, Rhythm::make(world.period.first, options.days));
  DESCANT_ASSIGN(world.population, make_population(options.seed, options.listeners, world.period,
                                                   options.plays_per_listener, world.rhythm,
                                                   world.catalogue, threads));
  return world;
}

Result<Json> make_truth(const SimulateOptions& options, const SimulateReport& report,
                        const World& world, const PlantedList& planted,
                        const std::vector<bool>& played, std::size_t threads) {
  Json things = Json::array();
  for (const auto& thing : planted) {
    DESCANT_ASSIGN(Json truth, thing->truth(world, planted, played, threads));
    things.push_back(std::move(truth));
  }
  const Date last = world.period.first + static_cast<Date>(options.days) - 1;
  return Json{{"simulator_version", kSimulatorVersion},
              {"options",
               {{"listeners", options.listeners},
                {"days", options.days},
                {"seed", options.seed},
                {"plays_per_listener", options.plays_per_listener},
                {"listener_key", options.listener_key}}},
              {"first_day", format_date(world.period.first)},
              {"last_day", format_date(last)},
              {"plays", report.plays},
              {"listeners", report.listeners},
              {"listeners_without_any_play", std::count(played.begin(), played.end(), false)},
              {"assignments", report.assignments},
              {"planted", std::move(things)}};
}

// Simulates and writes day by day; returns who played.
Result<std::vector<bool>> write_plays(const World& world, const PlantedList& planted,
                                      const std::string& folder, const KeyColumn& keys,
                                      std::size_t threads, const Watch& watch,
                                      std::uint64_t& rows) {
  const InfluenceAt influence = influence_of(planted);
  PlayLog log(world, influence, threads);
  PlayTable table(world, folder, keys, threads);
  for (std::uint32_t day = 0; day < world.period.days; ++day) {
    if (watch.stopped()) return cancelled();
    DESCANT_ASSIGN(const auto plays, log.next_day());
    DESCANT_CHECK(table.append_day(day, plays));
    if (watch.report)
      watch.report({"simulating plays", table.rows(),
                    static_cast<std::uint64_t>(world.population.expected_plays), "plays"});
  }
  DESCANT_CHECK(table.finish());
  rows = table.rows();
  return log.played();
}

}  // namespace

Result<SimulateReport> simulate(const SimulateOptions& options, const Watch& watch) {
  const auto begin = std::chrono::steady_clock::now();
  DESCANT_CHECK(check(options));
  DESCANT_ASSIGN(const KeyKind kind, parse_key_kind(options.listener_key));
  const std::size_t threads = thread_count(options.threads);
  DESCANT_ASSIGN(const World world, make_world(options, threads));
  PlantedList planted = all_planted();
  for (const auto& thing : planted) DESCANT_CHECK(thing->prepare(world, threads));

  DESCANT_CHECK(prepare_folder(options.folder, table_files(world.period)));
  const KeyColumn keys(kind, options.seed, options.listeners);
  SimulateReport report{.listeners = options.listeners};
  DESCANT_CHECK(write_listeners(world, options.folder, keys));
  DESCANT_ASSIGN(report.assignments, write_assignments(world, planted, options.folder, keys));
  DESCANT_ASSIGN(const std::vector<bool> played,
                 write_plays(world, planted, options.folder, keys, threads, watch, report.plays));
  DESCANT_CHECK(write_project_files(options.folder));
  DESCANT_ASSIGN(const Json truth, make_truth(options, report, world, planted, played, threads));
  DESCANT_CHECK(write_text_file(options.folder + "/truth.json", write_json(truth, 2) + "\n"));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace descant::simulator
