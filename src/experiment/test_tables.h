// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small unit tables for this folder's tests: built from literal values, or drawn from a seeded
// generator with a covariate, two segment dimensions, days and windows. Not part of the library.

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/describe_json.h"
#include "experiment/analyze.h"
#include "folds/unit_table.h"

namespace descant::experiment::testing {

inline MetricPlan metric_plan(std::string name,
                              definitions::Role role = definitions::Role::kSuccess) {
  MetricPlan plan;
  plan.name = std::move(name);
  plan.role = role;
  if (role == definitions::Role::kGuardrail)
    plan.non_inferiority_margin = definitions::EffectSize{0.1, true};
  return plan;
}

inline folds::MetricValues mean_values(std::string name, std::vector<double> values) {
  folds::MetricValues metric;
  metric.name = std::move(name);
  metric.numerator.push_back(std::move(values));
  return metric;
}

// One day, everyone exposed and mature.
inline folds::UnitTable one_day_table(std::vector<std::string> variants,
                                      std::vector<std::uint8_t> arm,
                                      std::vector<folds::MetricValues> metrics) {
  folds::UnitTable table;
  table.unit_count = arm.size();
  table.variants = std::move(variants);
  table.arm = std::move(arm);
  table.days.resize(1);
  table.metrics = std::move(metrics);
  return table;
}

struct DrawOptions {
  std::size_t units = 20'000;
  std::size_t arms = 2;
  std::size_t days = 7;
  bool open_ended = false;  // the second metric has a column for each day
  std::uint64_t seed = 1;
};

// Metrics: "minutes" (heavy-tailed mean, windowed, with covariate), "skip_rate" (ratio, with
// covariate), "rounds" (mean, open-ended if asked). Segments: platform (3 values), country (40).
inline folds::UnitTable drawn_table(const DrawOptions& options) {
  std::mt19937_64 generator(options.seed);
  std::normal_distribution<double> normal;
  const auto uniform = [&](std::size_t below) {
    return static_cast<std::size_t>(generator() % below);
  };
  folds::UnitTable table;
  table.unit_count = options.units;
  for (std::size_t arm = 0; arm < options.arms; ++arm)
    table.variants.push_back(arm == 0 ? "control" : "treatment_" + std::to_string(arm));
  for (std::size_t day = 0; day < options.days; ++day)
    table.days.push_back(
        {static_cast<Date>(20'000 + day), static_cast<Instant>((20'001 + day) * 86'400'000'000)});
  table.segments = {{"platform", {}, {"desktop", "phone", "tablet"}}, {"country", {}, {}}};
  for (int i = 0; i < 40; ++i) table.segments[1].labels.push_back("country " + std::to_string(i));
  folds::MetricValues minutes = mean_values("minutes", {});
  folds::MetricValues skips = mean_values("skip_rate", {});
  skips.denominator.emplace_back();
  folds::MetricValues rounds = mean_values("rounds", {});
  rounds.numerator.resize(options.open_ended ? options.days : 1);
  for (std::size_t unit = 0; unit < options.units; ++unit) {
    const auto arm = static_cast<std::uint8_t>(uniform(options.arms));
    const auto exposed = static_cast<std::uint16_t>(uniform(options.days));
    const auto mature = static_cast<std::uint16_t>(exposed + (options.days > 1 ? 2 : 0));
    table.arm.push_back(arm);
    table.exposed_from.push_back(exposed);
    const double taste = normal(generator);
    const double lift = 1.0 + 0.05 * arm;
    const bool silent = uniform(5) == 0;
    minutes.covariate_numerator.push_back(silent ? 0
                                                 : std::exp(3 + taste + 0.5 * normal(generator)));
    minutes.numerator[0].push_back(silent ? 0
                                          : lift * std::exp(3 + taste + 0.5 * normal(generator)));
    minutes.mature_from.push_back(mature < options.days ? mature
                                                        : static_cast<std::uint16_t>(options.days));
    const auto plays = static_cast<double>(uniform(30));
    const auto plays_before = static_cast<double>(uniform(30));
    skips.denominator[0].push_back(plays);
    skips.numerator[0].push_back(std::floor(plays * (0.3 + 0.02 * (taste > 0))));
    skips.covariate_denominator.push_back(plays_before);
    skips.covariate_numerator.push_back(std::floor(plays_before * (0.3 + 0.02 * (taste > 0))));
    skips.mature_from.push_back(minutes.mature_from.back());
    double total = 0;
    for (std::size_t day = 0; day < rounds.numerator.size(); ++day) {
      if (day >= exposed || rounds.numerator.size() == 1) total += static_cast<double>(uniform(6));
      rounds.numerator[day].push_back(total);
    }
    table.segments[0].codes.push_back(static_cast<std::uint32_t>(uniform(3)));
    table.segments[1].codes.push_back(static_cast<std::uint32_t>(uniform(40)));
  }
  table.metrics = {std::move(minutes), std::move(skips), std::move(rounds)};
  return table;
}

inline AnalysisPlan drawn_plan(const folds::UnitTable& table) {
  AnalysisPlan plan;
  plan.name = "drawn";
  plan.shares.assign(table.variants.size(), 1.0 / static_cast<double>(table.variants.size()));
  plan.metrics = {metric_plan("minutes"), metric_plan("skip_rate", definitions::Role::kGuardrail),
                  metric_plan("rounds", definitions::Role::kDeterioration)};
  plan.metrics[1].type = "ratio";
  plan.metrics[1].direction = definitions::Direction::kDecrease;
  return plan;
}

// The table in another order of its units.
template <class T>
void reorder(std::vector<T>& column, const std::vector<std::size_t>& order) {
  if (column.empty()) return;
  std::vector<T> taken;
  for (const std::size_t unit : order) taken.push_back(column[unit]);
  column = std::move(taken);
}

// Also drops units: `order` lists those that stay.
inline folds::UnitTable reordered(folds::UnitTable table, const std::vector<std::size_t>& order) {
  table.unit_count = order.size();
  reorder(table.arm, order);
  reorder(table.exposed_from, order);
  for (auto& metric : table.metrics) {
    for (auto& column : metric.numerator) reorder(column, order);
    for (auto& column : metric.denominator) reorder(column, order);
    reorder(metric.covariate_numerator, order);
    reorder(metric.covariate_denominator, order);
    reorder(metric.mature_from, order);
  }
  for (auto& segment : table.segments) reorder(segment.codes, order);
  return table;
}

// Paths of numbers that are null although no warning in reach explains it.
inline void find_unexplained(const Json& json, const std::string& path, bool explained,
                             std::vector<std::string>& found) {
  if (json.is_object()) {
    const auto own = json.find("warnings");
    explained = explained || (own != json.end() && !own->empty());
    for (const auto& [key, value] : json.items())
      find_unexplained(value, path + "." + key, explained, found);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i)
      find_unexplained(json[i], path + "[" + std::to_string(i) + "]", explained, found);
  } else if (json.is_null() && !explained) {
    found.push_back(path);
  }
}

// Top-level warnings explain the p-values they hide, the checks and the metrics they name, no more.
inline std::vector<std::string> unexplained_nulls(const ExperimentResult& result) {
  const Json json = to_json_document(result);
  const auto warned = [&](const std::string& field) {
    for (const auto& warning : result.warnings)
      if (warning.field == field) return true;
    return false;
  };
  std::vector<std::string> found;
  for (const auto& part : {"experiment", "decisions", "record"})
    find_unexplained(json[part], part, false, found);
  for (const auto& check : json["checks"])
    find_unexplained(check, "checks", warned("checks." + check["name"].get<std::string>()), found);
  for (const auto& metric : json["metrics"]) {
    std::vector<std::string> nulls;
    const std::string name = metric["name"].get<std::string>();
    find_unexplained(metric, "metrics." + name, false, nulls);
    for (const auto& path : nulls) {
      if (path.ends_with("degrees_of_freedom") && metric["type"] == "quantile")
        continue;                               // the normal distribution has none
      if (path.ends_with(".parent")) continue;  // the root of a tree has none
      const bool p_value = path.ends_with("p_value") || path.ends_with("p_value_one_sided");
      if (p_value && (warned("p_value") || warned("metrics." + name))) continue;
      found.push_back(path);
    }
  }
  return found;
}

}  // namespace descant::experiment::testing
