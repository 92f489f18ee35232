// SPDX-License-Identifier: Apache-2.0
// Strata, clusters, priors, interactions and many treatments against one control.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "worlds.h"

namespace descant::simulation {
namespace {

struct StrataPlan {
  int strata = 4;
  int units = 25;       // in each stratum and arm
  bool binary = false;  // else normal
};

// Stratum k is k higher than the first, or k / strata / 2 more likely to succeed.
World stratified(std::string name, StrataPlan plan, double wanted) {
  return {std::move(name),
          fmt::format("{}; {} strata, {} units an arm in each",
                      plan.binary ? "shares of 10 to 60 %" : "normal", plan.strata, plan.units),
          wanted, [=](Random& random, double effect) -> Draw {
            Json request;
            for (const char* arm : {"control", "treatment"}) {
              const double lift = arm[0] == 't' ? effect : 0;
              std::vector<double> values;
              std::vector<int> stratum;
              for (int i = 0; i < plan.strata * plan.units; ++i) {
                const int k = static_cast<int>(random.uniform() * plan.strata);
                stratum.push_back(k);
                values.push_back(plan.binary ? random.chance(0.1 + 0.5 * k / plan.strata + lift)
                                             : 10 + k + lift + 2 * random.normal());
              }
              request[arm] = {{"values", values}, {"stratum", stratum}};
            }
            return {request, effect};
          }};
}

std::vector<Case> strata_cases() {
  const auto usual = stratified("strata", {}, 0.8);
  const auto small = stratified("strata, three units", {.strata = 4, .units = 3}, 2.5);
  const auto binary = stratified("strata of shares", {.units = 50, .binary = true}, 0.13);
  const auto sparse =
      stratified("sparse strata of shares", {.strata = 40, .units = 3, .binary = true}, 0.17);
  const std::string op = "stratified_difference", post = R"({"method": "post_stratified"})",
                    mantel = R"({"method": "mantel_haenszel"})";
  const char* const alone = "no number where an arm has one unit or none of a stratum";
  using enum Rule;
  return {
      {op, post, usual, kRough, kRough},
      {op, post, small, kAtMost, kAtMost, because(alone)},
      {op, post, binary, kRough, kRough},
      {op, post, sparse, kAtMost, kAtMost, because(alone, "undefined_estimate")},
      {op, mantel, binary, kRough, kRough},
      {op, mantel, sparse, kRough, kRough},
  };
}

std::vector<Case> cluster_cases() {
  const auto usual = clustered("clustered", {});
  const auto few = without_formula(clustered("clustered, 4 an arm", {.clusters = 4}));
  const auto uneven = clustered("clustered, uneven", {.clusters = 40, .rows = 3, .uneven = true});
  const auto few_uneven =
      clustered("clustered, 6 uneven an arm", {.clusters = 6, .rows = 3, .uneven = true});
  const std::string op = "cluster_difference", cr1 = R"({"method": "cr1"})",
                    delta = R"({"method": "delta"})";
  using enum Rule;
  return {
      {op, cr1, usual, kRough, kRough},
      {op, cr1, few, kRough, kRough, {.warning = "few_clusters"}},
      {op, cr1, uneven, kRough, kRough},
      {op, cr1, few_uneven, kFails, kFails,
       because("cluster-robust errors are too small with six clusters of such different sizes",
               "few_clusters")},
      {op, delta, usual, kRough, kRough},
      {op, delta, few, kRough, kRough, {.warning = "few_clusters"}},
      {op, delta, uneven, kRough, kRough},
      {op, delta, few_uneven, kRough, kRough, {.warning = "few_clusters"}},
  };
}

Read reads_posterior() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    const double better = result.at("probability_better").get<double>();
    return {std::min(better, 1 - better) <= item.details.alpha / 2,
            holds(result.at("credible_interval"), draw.truth)};
  };
}

// The effect of each run is drawn from the prior, so that intervals hold what they say on average.
World from_prior(double prior_deviation) {
  const auto shape = normal_shape(10, 2);
  return {"effects drawn from the prior", "normal; 100 and 100 units", 1,
          [=](Random& random, double) -> Draw {
            const double effect = prior_deviation * random.normal();
            Json request;
            request["control"] = arm_of(draw_values(random, shape, 100));
            request["treatment"] = arm_of(draw_values(random, shape, 100, effect));
            return {request, effect};
          }};
}

World shares_from_prior() {
  return {"shares drawn from the prior", "uniform shares; 50 and 50 units", 1,
          [](Random& random, double) -> Draw {
            double share[2];
            Json arms[2];
            for (int arm = 0; arm < 2; ++arm) {
              share[arm] = random.uniform();
              int successes = 0;
              for (int i = 0; i < 50; ++i) successes += random.chance(share[arm]);
              arms[arm] = {{"n", 50}, {"successes", successes}};
            }
            return {{{"control", arms[0]}, {"treatment", arms[1]}}, share[1] - share[0]};
          }};
}

std::vector<Case> prior_cases() {
  const auto usual = shifted("normal", normal_shape(10, 2), {});
  const auto binary = shares("shares", 0.3, {200, 200});
  const std::string op = "bayesian_difference";
  const std::string good =
      R"({"prior": {"mean": 0, "variance": 0.25, "proper": true}, "scale": "absolute"})";
  const std::string narrow =
      R"({"prior": {"mean": 0, "variance": 0.01, "proper": true}, "scale": "absolute"})";
  using enum Rule;
  return {
      {op,
       R"({"scale": "absolute"})",
       usual,
       kRough,
       kRough,
       {.read = reads_posterior(), .label = "flat prior"}},
      {op,
       good,
       from_prior(0.5),
       kNone,
       kRough,
       {.read = reads_posterior(), .label = "normal prior, true"}},
      {op,
       narrow,
       usual,
       kAtMost,
       kFails,
       {.reason = "a wrong, narrow prior is believed",
        .read = reads_posterior(),
        .label = "normal prior, too narrow"}},
      {op,
       R"({"model": "beta_binomial"})",
       shares_from_prior(),
       kNone,
       kRough,
       {.read = reads_posterior(), .cost = 8, .label = "beta_binomial"}},
      {op,
       R"({"model": "beta_binomial"})",
       binary,
       kRough,
       kRough,
       {.read = reads_posterior(), .cost = 8, .label = "beta_binomial"}},
  };
}

World four_cells(std::string name, int units, bool binary) {
  return {std::move(name),
          fmt::format("{}; {} units a cell", binary ? "shares of 30 %" : "normal", units),
          binary ? 0.18 : 5.6 * 2 / std::sqrt(units), [=](Random& random, double effect) -> Draw {
            Json cells;
            const auto cell = [&](double shift) {
              std::vector<double> values(static_cast<std::size_t>(units));
              for (double& value : values)
                value = binary ? random.chance(0.3 + shift) : 10 + shift + 2 * random.normal();
              return arm_of(values);
            };
            cells["control_control"] = cell(0);
            cells["control_treatment"] = cell(0.1);
            cells["treatment_control"] = cell(-0.1);
            cells["treatment_treatment"] = cell(effect);
            return {{{"cells", cells}}, effect};
          }};
}

std::vector<Case> interaction_cases() {
  using enum Rule;
  return {
      {"interaction", "{}", four_cells("four cells", 100, false), kClose, kClose},
      {"interaction", "{}", four_cells("four cells, small", 6, false), kRough, kRough},
      {"interaction", "{}", four_cells("four cells of shares", 200, true), kRough, kRough},
  };
}

// Three treatments; only the last has the effect.
World three_treatments(std::string name, int units, bool wide_last) {
  return {std::move(name),
          fmt::format("normal; {} units an arm{}", units,
                      wide_last ? ", the last treatment of 10 units twice as wide" : ""),
          3.2 * 2 * std::sqrt(2.0 / units), [=](Random& random, double effect) -> Draw {
            const auto shape = normal_shape(10, 2);
            Json request;
            request["control"] = arm_of(draw_values(random, shape, units));
            request["treatments"] = Json::array();
            for (int arm = 0; arm < 3; ++arm) {
              const bool wide = wide_last && arm == 2;
              request["treatments"].push_back(
                  arm_of(draw_values(random, wide ? normal_shape(10, 4) : shape, wide ? 10 : units,
                                     arm == 2 ? effect : 0)));
            }
            return {request, effect};
          }};
}

// A false claim about any treatment, and a miss of any.
Read reads_family() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json effects = answer_of(item, draw.request).at("effects");
    Reading reading;
    for (std::size_t arm = 0; arm < effects.size(); ++arm) {
      reading.rejected |= effects[arm].at("rejected").get<bool>();
      reading.covered &= holds(effects[arm].at("simultaneous").at("absolute"),
                               arm + 1 == effects.size() ? draw.truth : 0);
    }
    return reading;
  };
}

std::vector<Case> many_to_one_cases() {
  const auto usual = three_treatments("three treatments", 60, false);
  const auto small = three_treatments("three treatments, small", 10, false);
  const auto wide = three_treatments("three treatments, one small and wide", 60, true);
  const std::string op = "many_to_one_difference";
  const auto by = [](const char* method, const char* variances) {
    return Json{{"method", method}, {"variances", variances}}.dump();
  };
  const Details details{.read = reads_family(), .cost = 4};
  using enum Rule;
  std::vector<Case> cases = {
      {op, by("dunnett", "pooled"), usual, kNominal, kNominal, details},
      {op, by("dunnett", "pooled"), small, kNominal, kNominal, details},
      {op, by("dunnett", "pooled"), wide, kFails, kFails, details},
      {op, by("dunnett", "separate"), usual, kRough, kRough, details},
      {op, by("dunnett", "separate"), wide, kRough, kRough, details},
      {op, by("holm", "separate"), usual, kAtMost, kAtMost, details},
      {op, by("holm", "separate"), small, kAtMost, kAtMost, details},
      {op, by("bonferroni", "separate"), usual, kAtMost, kAtMost, details},
      {op, by("bonferroni", "separate"), small, kAtMost, kAtMost, details},
  };
  cases[2].details.reason = "pooled variances take the spreads for equal";
  return cases;
}

}  // namespace

std::vector<Case> design_based_cases() {
  std::vector<Case> cases = strata_cases();
  for (auto part : {cluster_cases, prior_cases, interaction_cases, many_to_one_cases})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
