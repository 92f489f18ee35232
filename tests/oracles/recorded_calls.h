// SPDX-License-Identifier: Apache-2.0
#pragma once

// Holds the operations against calls recorded in other projects' own test suites. The records are
// not part of this project: they are looked for under DESCANT_SHARED (default ../shared), and what
// is skipped without them is said. One adapter per recorded function turns its inputs into a
// request; a call that has no counterpart here is counted with the reason. A case passes when at
// least one of its calls was compared and none differs.

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "operations/registry.h"

namespace descant::oracles {

namespace fs = std::filesystem;

inline fs::path shared_folder() {
  const char* set = std::getenv("DESCANT_SHARED");
  return set != nullptr ? fs::path(set) : fs::path("../shared");
}

inline std::string read_file(const fs::path& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline Json ask(std::string_view name, const Json& request) {
  const auto operation = operations::find(name);
  EXPECT_TRUE(operation.ok()) << name;
  return operations::answer(**operation, request.dump()).json;
}

// The number at "absolute.lower"; NaN where it is null or missing.
inline double number_at(const Json& json, std::string_view path) {
  const Json* at = &json;
  for (const auto& key : split(path, '.')) {
    if (!at->is_object() || !at->contains(key)) return std::nan("");
    at = &(*at)[key];
  }
  return at->is_number() ? at->get<double>() : std::nan("");
}

// What became of one recorded call.
class Outcome {
 public:
  static Outcome not_applicable(std::string reason) {
    Outcome outcome;
    outcome.reason_ = std::move(reason);
    return outcome;
  }

  // A peer's infinite or undefined number is null here.
  Outcome& near(std::string_view what, double actual, const Json& expected, double tolerance) {
    ++compared_;
    if (!expected.is_number()) {
      if (!std::isnan(actual))
        differences_.push_back(fmt::format("{}: {}, expected {}", what, actual, expected.dump()));
      return *this;
    }
    const double value = expected.get<double>();
    if (!(std::abs(actual - value) <= tolerance * std::abs(value) + 1e-12))
      differences_.push_back(fmt::format("{}: {}, expected {}", what, actual, value));
    return *this;
  }

  Outcome& within(std::string_view what, double actual, double expected, double distance) {
    ++compared_;
    if (!(std::abs(actual - expected) <= distance))
      differences_.push_back(
          fmt::format("{}: {}, expected {} within {}", what, actual, expected, distance));
    return *this;
  }

  void merge(const Outcome& other) {
    compared_ += other.compared_;
    reason_ = other.reason_;
    differences_.insert(differences_.end(), other.differences_.begin(), other.differences_.end());
  }

  bool compared() const { return compared_ > 0; }
  const std::string& reason() const { return reason_; }
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  int compared_ = 0;
  std::string reason_;
  std::vector<std::string> differences_;
};

using Adapter = Outcome (*)(const Json& inputs, const Json& output);
using Adapters = std::map<std::string, Adapter>;

inline std::string our_alternative(const std::string& name) {
  if (name == "larger" || name == "greater") return "greater";
  return name == "smaller" || name == "less" ? "less" : "two_sided";
}

inline Json metric_of(const Json& numerator, const Json& denominator) {
  if (denominator.is_null()) return numerator;
  return {{"numerator", numerator}, {"denominator", denominator}};
}

struct Tally {
  int passed = 0, failed = 0, not_applicable = 0;
  std::map<std::string, int> reasons;

  void add(const std::string& id, const Outcome& outcome) {
    if (!outcome.differences().empty()) {
      ++failed;
      ADD_FAILURE() << id << "\n  " << fmt::format("{}", fmt::join(outcome.differences(), "\n  "));
    } else if (outcome.compared()) {
      ++passed;
    } else {
      ++not_applicable;
      ++reasons[outcome.reason()];
    }
  }
};

// All calls of a case taken together.
inline Outcome outcome_of(const Json& item, const Adapters& adapters) {
  Outcome all = Outcome::not_applicable("no call");
  for (const auto& call : item["calls"]) {
    const std::string function = call["fn"];
    const auto adapter = adapters.find(function);
    if (adapter == adapters.end())
      all.merge(
          Outcome::not_applicable("no such operation: " + function.substr(0, function.find('.'))));
    else if (!call.contains("peer_output"))
      all.merge(Outcome::not_applicable("the peer refuses the call"));
    else
      all.merge(adapter->second(call["inputs"], call["peer_output"]));
  }
  return all;
}

inline void print(const std::string& file, const Tally& tally) {
  std::printf("%-22s %3d passed, %3d not applicable, %d failed\n", file.c_str(), tally.passed,
              tally.not_applicable, tally.failed);
  for (const auto& [reason, count] : tally.reasons)
    std::printf("    %4d %s\n", count, reason.c_str());
}

// Runs one file of cases and prints its line of the table.
template <class OutcomeOfCase>  // (case, document) -> Outcome
void run_cases(const std::string& name, const OutcomeOfCase& outcome_of_case) {
  const fs::path path = shared_folder() / "oracles" / (name + ".json");
  if (!fs::exists(path))
    GTEST_SKIP() << path << " is absent: all its cases are skipped (set DESCANT_SHARED)";
  const Json document = Json::parse(read_file(path));
  Tally tally;
  for (const auto& item : document["cases"]) tally.add(item["id"], outcome_of_case(item, document));
  print(name, tally);
  EXPECT_GT(tally.passed, 0);
}

inline void run_recorded_calls(const std::string& name, const Adapters& adapters) {
  run_cases(name, [&](const Json& item, const Json&) { return outcome_of(item, adapters); });
}

}  // namespace descant::oracles
