// SPDX-License-Identifier: Apache-2.0
#pragma once

// Does each method keep its promise? A case is one method of an operation in one world. A world
// draws a request from a seeded stream: once without an effect and once with one. The run without
// counts false positives, the run with one counts intervals that miss the truth, and detections. A
// run without a p-value or an interval claims nothing, so it is neither a false positive nor a
// miss. The case says which rates it expects; a rate is held against its exact binomial bounds.
// Streams are keyed by (seed, world, replicate, run): all methods of a world see the same data, and
// neither threads nor the other cases change a bit.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"

namespace descant::simulation {

inline constexpr std::uint64_t kSeed = 20'260'417;
inline constexpr std::int64_t kFirstReplicates = 200;  // of the test
inline constexpr std::int64_t kAllReplicates = 4'000;  // of the committed page
inline constexpr double kFalseAlarm = 1e-3;            // of a whole table

struct Draw {
  Json request;
  double truth = 0;  // what the interval should hold
};

struct World {
  std::string name;
  std::string about;
  double effect = 0;  // in the run that has one
  std::function<Draw(Random&, double effect)> draw;
  Json plan = nullptr;  // the world as the operation `power` needs it; null: it has no formula
};

// What a rate, false positives or misses, may truly be, for a nominal rate a.
enum class Rule {
  kNone,     // not asked
  kNominal,  // a
  kClose,    // within a tenth of a (Bradley 1978, stringent)
  kRough,    // within half of a (Bradley 1978, liberal)
  kAtMost,   // a or less
  kFails,    // more than 1.1 a: the method is known not to hold here
};

struct Reading {
  bool rejected = false;
  bool covered = true;
  bool warned = false;  // with the code that the case names
};

struct Case;
using Read = std::function<Reading(const Case&, const Draw&)>;

// Share of runs with an effect that the formula expects to be detected.
using PowerFormula = std::function<double(const Case&)>;

struct Details {
  std::string reason = {};   // why it fails, or why it is only roughly right
  std::string warning = {};  // code of the warning that most runs must bring
  Read read = {};            // default: p_value and the interval `absolute`
  PowerFormula power = {};   // default: the operation `power` of the world's plan
  double power_slack = 0.02;
  double alpha = 0.05;
  int cost = 1;            // replicates are divided by it
  std::string label = {};  // of the method; default: the options
};

struct Case {
  std::string operation;
  std::string options;  // JSON, merged into the world's request; a `seed` becomes the replicate's
  World world;
  Rule false_positives = Rule::kNominal;
  Rule misses = Rule::kNominal;
  Details details = {};
};

// For worlds and methods that the formula is not about.
World without_formula(World world);
// Details of a case that is known to fail, or to hold only roughly.
Details because(std::string reason, std::string warning = "");

std::string method_of(const Case& item);
std::string id_of(const Case& item);  // unique in the table

std::vector<Case> all_cases();
std::vector<Case> mean_cases();
std::vector<Case> proportion_cases();
std::vector<Case> adjustment_cases();
std::vector<Case> row_cases();
std::vector<Case> design_based_cases();
std::vector<Case> sequential_cases();
std::vector<Case> causal_cases();
std::vector<Case> many_cases();

// The result of the case's operation on a draw with the case's options.
Json answer_of(const Case& item, const Json& request);
Reading read_comparison(const Case& item, const Draw& draw);
// The pieces of a reading. A null p-value rejects nothing; a null end is unbounded.
bool below_alpha(const Json& p_value, double alpha);
bool holds(const Json& interval, double truth);
bool warns(const Json& result, const std::string& code);

struct Counts {
  std::int64_t replicates = 0;
  std::int64_t false_positives = 0;
  std::int64_t misses = 0;
  std::int64_t detections = 0;
  std::int64_t warned = 0;  // runs, of two a replicate
  bool operator==(const Counts&) const = default;
};

std::int64_t replicates_of(const Case& item, std::int64_t replicates);
// One Counts per case, of its first replicates_of(case, replicates).
std::vector<Counts> run(std::span<const Case> cases, std::int64_t replicates, std::size_t threads);

struct Bounds {
  double lower = 0;
  double upper = 1;
};
Bounds binomial_bounds(std::int64_t count, std::int64_t n, double confidence_level);
Bounds allowed(Rule rule, double alpha);

std::optional<double> expected_power(const Case& item);
// What the counts say against the case, one sentence each; `false_alarm` is the chance that a case
// that keeps its promise is accused.
std::vector<std::string> complaints(const Case& item, const Counts& counts, double false_alarm);

}  // namespace descant::simulation
