// SPDX-License-Identifier: Apache-2.0
// Quantiles, the bootstrap and ranks.
#include "worlds.h"

namespace descant::simulation {
namespace {

std::vector<Case> quantile_cases() {
  const auto normal = without_formula(shifted("normal, of 400", normal_shape(10, 2), {400, 400}));
  const auto skewed = without_formula(shifted("skewed, of 1000", skewed_shape(), {1000, 1000}));
  const auto hundred = without_formula(shifted("skewed, of 100", skewed_shape(), {100, 100}));
  const auto small = without_formula(shifted("small", normal_shape(10, 2), {10, 10}));
  const auto zeros = without_formula(shifted("zero-inflated", zero_inflated_shape(), {500, 500}));
  const auto clusters = without_formula(
      clustered("clustered, correlation 0.5", {.clusters = 60, .intra_cluster_correlation = 0.5}));
  const std::string op = "quantile_difference", median = R"({"quantile": 0.5})",
                    ninety = R"({"quantile": 0.9})", extreme = R"({"quantile": 0.99})",
                    cluster = R"({"method": "cluster", "quantile": 0.5})",
                    cluster90 = R"({"method": "cluster", "quantile": 0.9})",
                    draws = R"({"method": "bootstrap", "quantile": 0.5, "seed": 1,
                                "replicates": 1000})",
                    draws90 = R"({"method": "bootstrap", "quantile": 0.9, "seed": 1,
                                  "replicates": 1000})",
                    draws99 = R"({"method": "bootstrap", "quantile": 0.99, "seed": 1,
                                  "replicates": 1000})";
  const char* const beyond = "a rank beyond the largest value: the spread is cut off";
  using enum Rule;
  return {
      {op, median, normal, kRough, kRough},
      {op, ninety, normal, kRough, kRough},
      {op, ninety, skewed, kRough, kRough},
      {op, median, small, kAtMost, kAtMost},
      {op, extreme, hundred, kFails, kFails, because(beyond, "few_values_beyond_quantile")},
      {op, extreme, skewed, kAtMost, kAtMost},
      {op, median, zeros, kAtMost, kNone,
       because("the median of mostly equal values has no spread", "tied_quantile")},
      {op, median, clusters, kFails, kFails,
       because("rows of one cluster are alike", "cluster_not_used")},
      {op, cluster, clusters, kRough, kRough},
      {op, cluster90, clusters, kRough, kRough},
      {op, draws, normal, kRough, kRough, {.cost = 2}},
      {op, draws90, skewed, kRough, kRough, {.cost = 2}},
      {op, draws, small, kAtMost, kAtMost},
      {op, draws99, hundred, kFails, kFails, because(beyond)},
  };
}

std::string resampled(const char* statistic, const char* interval, int replicates = 600) {
  return Json{
      {"statistic", statistic}, {"interval", interval}, {"seed", 1}, {"replicates", replicates}}
      .dump();
}

std::vector<Case> bootstrap_cases() {
  const auto normal = without_formula(shifted("normal", normal_shape(10, 2), {}));
  const auto skewed = without_formula(shifted("skewed, of 200", skewed_shape(), {200, 200}));
  const auto small = without_formula(shifted("small", normal_shape(10, 2), {10, 10}));
  const auto clusters = without_formula(clustered("clustered, of 30", {.clusters = 30, .rows = 5}));
  const auto ratios = ratio("ratio", {200, 200});
  const std::string op = "bootstrap_difference";
  using enum Rule;
  std::vector<Case> cases;
  for (const char* interval : {"percentile", "bca", "studentized"}) {
    cases.push_back({op, resampled("mean", interval), normal, kRough, kRough, {.cost = 2}});
    cases.push_back({op, resampled("mean", interval), skewed, kRough, kRough, {.cost = 4}});
    cases.push_back({op, resampled("ratio", interval), ratios, kRough, kRough, {.cost = 4}});
    cases.push_back({op, resampled("mean", interval), clusters, kRough, kRough, {.cost = 2}});
    cases.push_back({op, resampled("mean", interval), small, kRough, kRough, {.cost = 4}});
    cases.push_back({op, resampled("quantile", interval), normal, kRough, kRough, {.cost = 4}});
  }
  return cases;
}

std::vector<Case> rank_cases() {
  const auto normal = without_formula(shifted("normal", normal_shape(10, 2), {}));
  const auto heavy =
      without_formula(shifted("heavy-tailed, of 100", heavy_tailed_shape(), {100, 100}));
  const auto small = without_formula(shifted("small", normal_shape(10, 2), {10, 10}));
  const auto zeros = without_formula(shifted("zero-inflated", zero_inflated_shape(), {500, 500}));
  const auto spread = unequal_spread("unequal arms, the small one wider", normal_shape(10, 2),
                                     normal_shape(10, 4), {450, 50});
  const auto clusters = without_formula(clustered("clustered", {}));
  const std::string op = "rank_sum_test", by_normal = R"({"method": "normal"})",
                    exact = R"({"method": "exact"})",
                    plain = R"({"method": "normal", "continuity_correction": false})";
  using enum Rule;
  return {
      {op, by_normal, normal, kClose, kClose},
      {op, by_normal, heavy, kClose, kClose},
      {op, by_normal, small, kRough, kAtMost},
      {op, by_normal, zeros, kClose, kNone},
      {op, by_normal, spread, kFails, kNone,
       because("ranks differ when spreads do, at equal medians")},
      {op, by_normal, clusters, kFails, kFails,
       because("rows of one cluster are alike", "cluster_not_used")},
      {op, plain, normal, kClose, kClose},
      {op, exact, normal, kClose, kAtMost, {.cost = 40}},
      {op, exact, small, kAtMost, kAtMost},
  };
}

}  // namespace

std::vector<Case> row_cases() {
  std::vector<Case> cases = quantile_cases();
  for (auto part : {bootstrap_cases, rank_cases})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
