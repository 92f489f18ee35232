// SPDX-License-Identifier: Apache-2.0
#include "calibration.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/parallel.h"
#include "operations/registry.h"
#include "stats/distributions.h"

namespace descant::simulation {
namespace {

enum class SimulationPurpose : std::uint64_t { kWorld = 901 };

constexpr std::int64_t kMorselReplicates = 50;

std::uint64_t key_of(std::string_view name) {
  std::uint64_t key = kGoldenGamma;
  for (const char c : name) key = split_mix(key ^ static_cast<unsigned char>(c)) + kGoldenGamma;
  return key;
}

Case with_seed_of(const Case& item, std::int64_t replicate) {
  Case seeded = item;
  Json options = Json::parse(item.options);
  if (options.contains("seed")) options["seed"] = replicate + 1;
  seeded.options = options.dump();
  return seeded;
}

Counts run_replicates(const Case& item, std::int64_t from, std::int64_t to) {
  const Read read = item.details.read ? item.details.read : Read(read_comparison);
  const bool seeded = item.options.find("\"seed\"") != std::string::npos;
  const std::uint64_t key = key_of(item.world.name);
  Counts counts;
  for (std::int64_t replicate = from; replicate < to; ++replicate) {
    const auto reading = [&](std::uint64_t with_effect) {
      Random random(kSeed, SimulationPurpose::kWorld, key,
                    2 * static_cast<std::uint64_t>(replicate) + with_effect);
      const Draw draw = item.world.draw(random, with_effect == 1 ? item.world.effect : 0);
      return seeded ? read(with_seed_of(item, replicate), draw) : read(item, draw);
    };
    const Reading without = reading(0), with = reading(1);
    ++counts.replicates;
    counts.false_positives += without.rejected;
    counts.misses += !with.covered;
    counts.detections += with.rejected;
    counts.warned += without.warned + with.warned;
  }
  return counts;
}

void add(Counts& to, const Counts& from) {
  to.replicates += from.replicates;
  to.false_positives += from.false_positives;
  to.misses += from.misses;
  to.detections += from.detections;
  to.warned += from.warned;
}

// Whether `count` of n is too far from any rate inside `range`.
bool leaves(std::int64_t count, std::int64_t n, const Bounds& range, double false_alarm) {
  const Bounds bounds = binomial_bounds(count, n, 1 - false_alarm);
  return bounds.upper < range.lower || bounds.lower > range.upper;
}

void complain_of_rate(const char* what, std::int64_t count, const Counts& counts, Rule rule,
                      const Case& item, double false_alarm, std::vector<std::string>& to) {
  if (rule == Rule::kNone) return;
  const Bounds range = allowed(rule, item.details.alpha);
  if (!leaves(count, counts.replicates, range, false_alarm)) return;
  to.push_back(fmt::format("{}: {} in {} ({:.4f}), expected between {:.4f} and {:.4f}", what, count,
                           counts.replicates,
                           static_cast<double>(count) / static_cast<double>(counts.replicates),
                           range.lower, range.upper));
}

}  // namespace

World without_formula(World world) {
  world.plan = nullptr;
  return world;
}

Details because(std::string reason, std::string warning) {
  return {.reason = std::move(reason), .warning = std::move(warning)};
}

std::string method_of(const Case& item) {
  if (!item.details.label.empty()) return item.details.label;
  std::string text;
  const Json options = Json::parse(item.options);
  for (const auto& [name, value] : options.items()) {
    if (name == "seed" || name == "replicates") continue;
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    const bool named = name != "method";
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", named ? name + " " : "", shown);
  }
  return text.empty() ? "default" : text;
}

std::string id_of(const Case& item) {
  return fmt::format("{} | {} | {}", item.operation, method_of(item), item.world.name);
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (auto family : {mean_cases, proportion_cases, adjustment_cases, row_cases, design_based_cases,
                      sequential_cases, causal_cases, many_cases})
    for (auto& item : family()) cases.push_back(std::move(item));
  return cases;
}

Json answer_of(const Case& item, const Json& request) {
  Json whole = request;
  whole.update(Json::parse(item.options));
  const auto operation = operations::find(item.operation);
  auto result = operation ? (*operation)->run(whole) : Result<Json>(operation.error());
  // for_each_morsel hands a throw on as the error of the run.
  if (!result)
    throw std::runtime_error(
        fmt::format("{}: {} {}", id_of(item), result.error().message, result.error().where));
  return std::move(*result);
}

bool below_alpha(const Json& p_value, double alpha) {
  return p_value.is_number() && p_value.get<double>() <= alpha;
}

bool holds(const Json& interval, double truth) {
  const Json& lower = interval.at("lower");
  const Json& upper = interval.at("upper");
  return !(lower.is_number() && lower.get<double>() > truth) &&
         !(upper.is_number() && upper.get<double>() < truth);
}

bool warns(const Json& result, const std::string& code) {
  if (code.empty()) return false;
  const Json& warnings = result.at("warnings");
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](const Json& warning) { return warning.at("code") == code; });
}

Reading read_comparison(const Case& item, const Draw& draw) {
  const Json result = answer_of(item, draw.request);
  return {below_alpha(result.at("p_value"), item.details.alpha),
          holds(result.at("absolute"), draw.truth), warns(result, item.details.warning)};
}

std::int64_t replicates_of(const Case& item, std::int64_t replicates) {
  return std::max<std::int64_t>(1, replicates / item.details.cost);
}

std::vector<Counts> run(std::span<const Case> cases, std::int64_t replicates, std::size_t threads) {
  struct Morsel {
    std::size_t item;
    std::int64_t from, to;
  };
  std::vector<Morsel> morsels;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::int64_t n = replicates_of(cases[i], replicates);
    for (std::int64_t from = 0; from < n; from += kMorselReplicates)
      morsels.push_back({i, from, std::min(from + kMorselReplicates, n)});
  }
  std::vector<Counts> parts(morsels.size());
  const auto done =
      for_each_morsel(morsels.size(), thread_count(threads), [&](std::size_t m, std::size_t) {
        parts[m] = run_replicates(cases[morsels[m].item], morsels[m].from, morsels[m].to);
        return Result<void>();
      });
  if (!done) throw std::runtime_error(done.error().message);
  std::vector<Counts> totals(cases.size());
  for (std::size_t m = 0; m < morsels.size(); ++m) add(totals[morsels[m].item], parts[m]);
  return totals;
}

// Clopper and Pearson 1934.
Bounds binomial_bounds(std::int64_t count, std::int64_t n, double confidence_level) {
  const double tail = (1 - confidence_level) / 2;
  const auto x = static_cast<double>(count), rest = static_cast<double>(n - count);
  return {count == 0 ? 0 : stats::beta_quantile(tail, x, rest + 1),
          count == n ? 1 : stats::beta_quantile(1 - tail, x + 1, rest)};
}

Bounds allowed(Rule rule, double alpha) {
  switch (rule) {
    case Rule::kNominal:
      return {alpha, alpha};
    case Rule::kClose:
      return {0.9 * alpha, 1.1 * alpha};
    case Rule::kRough:
      return {0.5 * alpha, 1.5 * alpha};
    case Rule::kAtMost:
      return {0, alpha};
    case Rule::kFails:
      return {1.1 * alpha, 1};
    case Rule::kNone:
      break;
  }
  return {0, 1};
}

std::optional<double> expected_power(const Case& item) {
  if (item.details.power) return item.details.power(item);
  // A test that rejects too often, or hardly ever, has another power.
  if (item.world.plan.is_null() || item.false_positives == Rule::kFails ||
      item.false_positives == Rule::kAtMost)
    return std::nullopt;
  Json request = item.world.plan;
  request["effect_scale"] = "absolute";
  request["alpha"] = item.details.alpha;
  if (!request.contains("non_inferiority_margin"))
    request["minimum_detectable_effect"] = std::abs(item.world.effect);
  const Case formula{"power", "{}", item.world};
  const Json power = answer_of(formula, request).at("power");
  return power.is_number() ? std::optional(power.get<double>()) : std::nullopt;
}

std::vector<std::string> complaints(const Case& item, const Counts& counts, double false_alarm) {
  std::vector<std::string> found;
  complain_of_rate("false positives", counts.false_positives, counts, item.false_positives, item,
                   false_alarm, found);
  complain_of_rate("misses", counts.misses, counts, item.misses, item, false_alarm, found);
  if (const auto power = expected_power(item)) {
    const double slack = item.details.power_slack;
    if (leaves(counts.detections, counts.replicates, {*power - slack, *power + slack}, false_alarm))
      found.push_back(fmt::format("power: {} in {}, the formula says {:.4f}", counts.detections,
                                  counts.replicates, *power));
  }
  if (!item.details.warning.empty() && counts.warned < counts.replicates)
    found.push_back(fmt::format("the warning {} came in {} of {} runs", item.details.warning,
                                counts.warned, 2 * counts.replicates));
  return found;
}

}  // namespace descant::simulation
