// SPDX-License-Identifier: Apache-2.0
// Runs the first replicates of every case, holds them and the committed record against what each
// case promises, and the committed page against the record. DESCANT_UPDATE=1 makes both anew.
#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "calibration.h"
#include "calibration_page.h"
#include "operations/registry.h"

namespace descant::simulation {
namespace {

const char* const kRecord = "tests/simulation/record.json";
const char* const kPage = "docs/calibration.md";

// Their formulas are held against simulated power in the table, or they simulate themselves.
const std::set<std::string_view> kWithoutCases = {"sample_size",
                                                  "power",
                                                  "minimum_detectable_effect",
                                                  "group_sequential_bounds",
                                                  "sequential_plan",
                                                  "false_positive_rate"};

std::vector<std::string> ids_of(std::span<const Case> cases) {
  std::vector<std::string> ids;
  for (const auto& item : cases) ids.push_back(id_of(item));
  return ids;
}

void expect_promises_kept(std::span<const Case> cases, std::span<const Counts> counts) {
  // Three rates a case, in the test's own run and in the record.
  const double false_alarm = kFalseAlarm / (6.0 * static_cast<double>(cases.size()));
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (const auto& complaint : complaints(cases[i], counts[i], false_alarm))
      ADD_FAILURE() << id_of(cases[i]) << ": " << complaint;
}

// Cases whose first replicates are as they were keep what is recorded of them.
std::vector<RecordedCase> make_record(std::span<const Case> cases) {
  std::map<std::string, RecordedCase> known;
  if (const auto text = read_file(kRecord))
    if (const auto record = read_record(*text))
      for (const auto& item : *record) known[item.id] = item;
  const auto first = run(cases, kFirstReplicates, 0);
  std::vector<RecordedCase> record;
  std::vector<Case> changed;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& old = record.emplace_back(known[id_of(cases[i])]);
    if (old.first != first[i] || old.all.replicates != replicates_of(cases[i], kAllReplicates))
      changed.push_back(cases[i]);
  }
  const auto all = run(changed, kAllReplicates, 0);
  for (std::size_t i = 0, next = 0; i < cases.size(); ++i)
    if (next < changed.size() && id_of(changed[next]) == id_of(cases[i]))
      record[i] = {id_of(cases[i]), first[i], all[next++]};
  return record;
}

TEST(SimulationTest, MethodsKeepTheirPromises) {
  const auto cases = all_cases();
  const bool update = std::getenv("DESCANT_UPDATE") != nullptr;
  if (update) {
    const auto record = make_record(cases);
    ASSERT_TRUE(write_file_atomically(kRecord, write_record(record)));
    ASSERT_TRUE(write_file_atomically(kPage, calibration_page(cases, record)));
  }
  const auto text = read_file(kRecord);
  ASSERT_TRUE(text) << text.error().message;
  const auto record = read_record(*text);
  ASSERT_TRUE(record) << record.error().message;

  std::vector<std::string> recorded;
  std::vector<Counts> first, all;
  for (const auto& item : *record) {
    recorded.push_back(item.id);
    first.push_back(item.first);
    all.push_back(item.all);
  }
  ASSERT_EQ(recorded, ids_of(cases)) << "run it with DESCANT_UPDATE=1";
  expect_promises_kept(cases, all);
  EXPECT_EQ(*read_file(kPage), calibration_page(cases, *record));

  if (update) return;
  const auto now = run(cases, kFirstReplicates, 0);
  expect_promises_kept(cases, now);
  for (std::size_t i = 0; i < cases.size(); ++i)
    EXPECT_EQ(now[i], first[i]) << id_of(cases[i])
                                << ": other numbers than the page's; if they should be, run this "
                                   "with DESCANT_UPDATE=1";
}

TEST(SimulationTest, ThreadsChangeNothing) {
  auto cases = proportion_cases();
  cases.resize(4);
  EXPECT_EQ(run(cases, 170, 1), run(cases, 170, 3));
}

TEST(SimulationTest, NamesAreUnique) {
  auto ids = ids_of(all_cases());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  // Worlds of one name draw from one stream and are one line of the page.
  std::map<std::string, std::string> about;
  for (const auto& item : all_cases()) {
    const auto [at, is_new] = about.try_emplace(item.world.name, item.world.about);
    EXPECT_TRUE(is_new || at->second == item.world.about) << item.world.name;
  }
}

TEST(SimulationTest, EveryMethodHasACase) {
  std::map<std::string, std::set<std::string>> tried;
  for (const auto& item : all_cases()) {
    const Json options = Json::parse(item.options);
    tried[item.operation].insert(options.value("method", ""));
  }
  for (const auto& operation : operations::all()) {
    if (kWithoutCases.contains(operation.name)) continue;
    const auto& methods = tried[std::string(operation.name)];
    EXPECT_FALSE(methods.empty()) << operation.name;
    const Json properties = operation.request_schema().at("properties");
    if (!properties.contains("method") || !properties["method"].contains("enum")) continue;
    for (const Json& method : properties["method"]["enum"])
      EXPECT_TRUE(methods.contains(method.get<std::string>()) ||
                  (properties["method"].value("default", "") == method && methods.contains("")) ||
                  method == "auto")
          << operation.name << " " << method;
  }
}

TEST(SimulationTest, ABrokenMethodIsFoundOut) {
  // A test that rejects one in ten instead of one in twenty.
  Case broken = mean_cases().front();
  broken.details.read = [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    return {below_alpha(result.at("p_value"), 0.1), holds(result.at("absolute"), draw.truth)};
  };
  const auto counts = run(std::span(&broken, 1), 2000, 0);
  const auto found = complaints(broken, counts[0], 1e-6);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].substr(0, 15), "false positives");
}

}  // namespace
}  // namespace descant::simulation
