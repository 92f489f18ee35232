// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "definitions/example_for_tests.h"
#include "definitions/grammar.h"
#include "definitions/load.h"

namespace descant::definitions {
namespace {

Project example() {
  auto loaded = load_project_text(kExample, "descant.yaml", "/p");
  EXPECT_TRUE(loaded.errors.empty());
  return std::move(loaded.project);
}

// Changes the n-th value of a project, in the order of its description; `changed` names it.
class ChangeNth : public Describer {
 public:
  explicit ChangeNth(std::size_t n) : left_(n) {}
  std::string changed;

  void visit(const Field& field, ValueRef value) override { change(value, field); }

 private:
  void change(ValueRef value, const Field& field) {
    const auto inside = [&](ValueRef inner) { change(inner, field); };
    std::visit(Overloaded{
                   [&](ObjectRef ref) { ref.describe(*this, ref.object); },
                   [&](ArrayRef ref) {
                     for (std::size_t i = 0; i < ref.size(ref.array); ++i)
                       ref.visit(ref.array, i, inside);
                     take(field, [&] { ref.resize(ref.array, ref.size(ref.array) + 1); });
                   },
                   [&](MapRef ref) {
                     ref.for_each(ref.map,
                                  [&](const std::string&, ValueRef inner) { inside(inner); });
                     take(field, [&] { ref.insert(ref.map, "new", [](ValueRef) {}); });
                   },
                   [&](OptionalRef ref) {
                     if (ref.has_value(ref.optional)) return ref.visit(ref.optional, inside);
                     take(field, [&] { ref.emplace(ref.optional); });
                   },
                   [&](double* x) { take(field, [&] { *x += 0.0625; }); },
                   [&](std::string* text) { take(field, [&] { *text += "x"; }); },
                   [&](TextRef ref) { take(field, [&] { change_text(ref); }); },
                   [&](auto*) { FAIL() << "a field of another type: " << field.name; },
               },
               value);
  }

  void take(const Field& field, const std::function<void()>& change_it) {
    if (left_-- != 0) return;
    changed = std::string(field.name);
    change_it();
  }

  static void change_text(TextRef ref) {
    const std::string before = ref.write(ref.value);
    for (const char* other : {"mean",
                              "ratio",
                              "sum",
                              "any",
                              "increase",
                              "decrease",
                              "success",
                              "quality",
                              "none",
                              "cuped",
                              "friday",
                              "events",
                              "weekly",
                              "group_sequential",
                              "power",
                              "holm",
                              "encouragement",
                              "UTC",
                              "Europe/Stockholm",
                              "2026-01-01",
                              "5d",
                              "7%",
                              "a_column"})
      if (other != before && ref.read(ref.value, other) && ref.write(ref.value) != before) return;
    FAIL() << "no other value of kind " << ref.kind;
  }

  std::size_t left_;
};

TEST(DefinitionHash, ChangesWithEveryField) {
  const Project original = example();
  const std::string hash = definition_hash(original);
  std::size_t changes = 0;
  for (;; ++changes) {
    Project project = original;
    ChangeNth change(changes);
    describe(change, project);
    if (change.changed.empty()) break;
    EXPECT_NE(definition_hash(project), hash) << "no change of the hash by " << change.changed;
  }
  EXPECT_GT(changes, 100U);
}

TEST(DefinitionHash, IsSixteenHexadecimalDigits) {
  const std::string hash = definition_hash(example());
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(DefinitionHash, IsOfTheMeaningNotOfTheText) {
  const auto hash = [](const char* yaml) {
    const auto loaded = load_project_text(yaml, "d.yaml", "/anywhere");
    EXPECT_TRUE(loaded.errors.empty()) << to_text(loaded.errors[0]);
    return definition_hash(loaded.project);
  };
  const auto one = hash(
      "name: x\n"
      "entities: {user: {key: id}}\n"
      "fact_tables:\n"
      "  e: {from: e.csv, entity: user, timestamp: t, measures: {a: 'x', b: y}}\n"
      "metrics: {m: {type: mean, fact_table: e, measure: a, window: 24h, cap: {value: 10}}}\n");
  const auto other = hash(
      "# reordered, spread out, quoted, defaults written\n"
      "metrics:\n  m:\n    cap: {value: 1e1}\n    to: 1d\n    from: 0d\n    aggregate: sum\n"
      "    measure: \"a\"\n    fact_table: e\n    type: mean\n    direction: increase\n"
      "fact_tables:\n  e:\n    measures:\n      b: y\n      a: x\n    timestamp: t\n"
      "    entity: user\n    from: e.csv\n"
      "entities:\n  user:\n    key: id\n"
      "timezone: UTC\nweek_start: monday\nname: x\n");
  EXPECT_EQ(one, other);
}

TEST(DefinitionHash, OfAnExperimentIgnoresWhatItDoesNotUse) {
  const Project original = example();
  const auto hash = [](const Project& project) {
    return definition_hash(project.experiments.at("home_ranker"), project);
  };
  Project other = original;
  other.name = "renamed";
  other.metrics.at("discovery_minutes").unit = "min";
  other.fact_tables.at("plays").measures.push_back({"seconds", "ms_played / 1000"});
  other.fact_tables.at("plays").dimensions.push_back("device");
  other.dimension_tables.at("listeners").dimensions.push_back("age");
  other.experiments["another"] = other.experiments.at("home_ranker");
  EXPECT_EQ(hash(other), hash(original));
  EXPECT_NE(definition_hash(other), definition_hash(original));

  for (const std::function<void(Project&)>& change : std::vector<std::function<void(Project&)>>{
           [](Project& p) { p.timezone = "UTC"; },
           [](Project& p) { p.duckdb = "plays.duckdb"; },
           [](Project& p) { p.entities.at("listener").key = "id"; },
           [](Project& p) { p.fact_tables.at("plays").measures[0].expression = "1"; },
           [](Project& p) { p.fact_tables.at("plays").completeness_lag = 0; },
           [](Project& p) { p.dimension_tables.at("listeners").source.from = "x"; },
           [](Project& p) { p.assignment_tables.at("assignments").variant = "arm"; },
           [](Project& p) { p.metrics.at("skip_rate").denominator->where = "TRUE"; },
           [](Project& p) { p.experiments.at("home_ranker").alpha = 0.1; },
       }) {
    Project changed = original;
    change(changed);
    EXPECT_NE(hash(changed), hash(original));
  }
}

}  // namespace
}  // namespace descant::definitions
