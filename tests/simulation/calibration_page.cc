// SPDX-License-Identifier: Apache-2.0
#include "calibration_page.h"

#include <map>

#include <fmt/format.h>

#include "base/error.h"

namespace descant::simulation {
namespace {

constexpr const char* kIntroduction = R"(# Calibration: does each method keep its promise?

A test at 5 % should find an effect that is not there in 5 % of experiments, and a 95 % interval should miss the truth in 5 %.
Here every method is held to that in simulated experiments whose truth is known: a method, a scenario, and how often it was wrong.

**How to read it.** *False positives*: share of experiments without effect in which the method claims one. *Misses*: share of
experiments with an effect in which the interval does not hold it; coverage is the rest. Both should be 5 %; in parentheses the exact
95 % binomial bounds of the share. *Power*: share of experiments with the effect in which it is found, and what the planning formula
says. Sequential methods are looked at on every day, and are wrong if they are wrong on any day. A method that gives no number in an
experiment claims nothing, so it is neither a false positive nor a miss.

**Verdicts.** *holds*: both rates are within the bounds asked of the case: 5 % itself where theory is exact,
4.5 to 5.5 % or 2.5 to 7.5 % (Bradley 1978, *Br. J. Math. Stat. Psychol.* 31) where it is an approximation, at most 5 % where it is a
bound. *cautious*: surely below 4.5 %, at the price of power. *roughly*: surely above 5.5 %, within the wider bounds. **fails**: more errors than promised, why, and whether the result
warns. A failure that the data cannot show, such as clusters that nobody labelled, brings no warning: know it from here.

**Where methods fail, in short.** Few units and skewed values: any test of means; unequal arms make it worse, and one-sided tests most.
Rows that belong together: everything that takes rows for independent. Quantiles beyond the data. A normal reference with a spread
estimated from few units. Looking every day at a test made for one look. Weak instruments, hidden causes, trends of their own. Priors
that are wrong, and intervals that take a fitted prior for known.
)";

constexpr const char* kRerun = R"(
**Run it again.** `build/bin/simulation_test` runs the first {first} replicates of every case and compares them with this page's record;
with `DESCANT_UPDATE=1` in the environment it runs all {all} (some minutes), and writes the record and this page anew. Slow methods run
fewer. Seed {seed}: the same numbers on any number of threads. To add a method or a scenario, add its line in `tests/simulation/`.
)";

Json json_of(const Counts& c) {
  return {c.replicates, c.false_positives, c.misses, c.detections, c.warned};
}

Counts counts_of(const Json& json) {
  return {json.at(0), json.at(1), json.at(2), json.at(3), json.at(4)};
}

std::string rate(Rule rule, std::int64_t count, std::int64_t n) {
  if (rule == Rule::kNone) return "–";
  const Bounds bounds = binomial_bounds(count, n, 0.95);
  return fmt::format("{:.1f} % ({:.1f}–{:.1f})",
                     100 * static_cast<double>(count) / static_cast<double>(n), 100 * bounds.lower,
                     100 * bounds.upper);
}

std::string power(const Case& item, const Counts& counts) {
  if (item.false_positives == Rule::kNone) return "–";
  const double found =
      100 * static_cast<double>(counts.detections) / static_cast<double>(counts.replicates);
  const auto expected = expected_power(item);
  return expected ? fmt::format("{:.0f} % ({:.0f} %)", found, 100 * *expected)
                  : fmt::format("{:.0f} %", found);
}

// Surely fewer errors than nine in ten of those allowed.
bool is_cautious(Rule rule, std::int64_t count, const Counts& counts, double alpha) {
  return rule != Rule::kNone && binomial_bounds(count, counts.replicates, 0.95).upper < 0.9 * alpha;
}

// Surely more errors than eleven in ten of those allowed.
bool exceeds(Rule rule, std::int64_t count, const Counts& counts, double alpha) {
  return rule != Rule::kNone && binomial_bounds(count, counts.replicates, 0.95).lower > 1.1 * alpha;
}

std::string verdict(const Case& item, const Counts& counts) {
  const double alpha = item.details.alpha;
  const bool fails = item.false_positives == Rule::kFails || item.misses == Rule::kFails;
  const bool cautious = is_cautious(item.false_positives, counts.false_positives, counts, alpha) ||
                        is_cautious(item.misses, counts.misses, counts, alpha);
  const bool rough = exceeds(item.false_positives, counts.false_positives, counts, alpha) ||
                     exceeds(item.misses, counts.misses, counts, alpha);
  std::string text = fails ? "**fails**" : rough ? "roughly" : cautious ? "cautious" : "holds";
  if (!item.details.reason.empty()) text += ": " + item.details.reason;
  if (!item.details.warning.empty()) text += fmt::format("; warns `{}`", item.details.warning);
  return text;
}

std::string row(const Case& item, const Counts& counts) {
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", method_of(item), item.world.name,
                     rate(item.false_positives, counts.false_positives, counts.replicates),
                     rate(item.misses, counts.misses, counts.replicates), power(item, counts),
                     verdict(item, counts));
}

}  // namespace

std::string write_record(std::span<const RecordedCase> cases) {
  std::string lines;
  for (const auto& item : cases)
    lines += fmt::format(
        "{}\n  {}", lines.empty() ? "" : ",",
        Json{{"case", item.id}, {"first", json_of(item.first)}, {"all", json_of(item.all)}}.dump());
  return fmt::format(
      "{{\"seed\": {}, \"first_replicates\": {}, \"replicates\": {},\n"
      "\"counts\": \"replicates, false positives, misses, detections, warned\", \"cases\": "
      "[{}\n]}}\n",
      kSeed, kFirstReplicates, kAllReplicates, lines);
}

Result<std::vector<RecordedCase>> read_record(std::string_view text) {
  DESCANT_ASSIGN(const Json json, parse_json(text, "record.json"));
  if (json.at("seed") != kSeed || json.at("first_replicates") != kFirstReplicates ||
      json.at("replicates") != kAllReplicates)
    return invalid_request("the record was made with another seed or other replicates",
                           "record.json", "Run simulation_test with DESCANT_UPDATE=1.");
  std::vector<RecordedCase> cases;
  for (const Json& item : json.at("cases"))
    cases.push_back({item.at("case"), counts_of(item.at("first")), counts_of(item.at("all"))});
  return cases;
}

std::string calibration_page(std::span<const Case> cases, std::span<const RecordedCase> record) {
  std::string page = kIntroduction;
  page += fmt::format(fmt::runtime(kRerun), fmt::arg("first", kFirstReplicates),
                      fmt::arg("all", kAllReplicates), fmt::arg("seed", kSeed));
  std::map<std::string, std::string> scenarios;
  std::vector<std::string> operations;
  std::map<std::string, std::string> tables;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& item = cases[i];
    scenarios[item.world.name] = item.world.about;
    if (!tables.contains(item.operation)) operations.push_back(item.operation);
    tables[item.operation] += row(item, record[i].all);
  }
  for (const auto& operation : operations)
    page += fmt::format(
        "\n## {}\n\n| method | scenario | false positives | misses | power (formula) | verdict |\n"
        "|---|---|---|---|---|---|\n{}",
        operation, tables[operation]);
  page += "\n## Scenarios\n\n| scenario | what it is |\n|---|---|\n";
  for (const auto& [name, about] : scenarios) page += fmt::format("| {} | {} |\n", name, about);
  return page;
}

}  // namespace descant::simulation
