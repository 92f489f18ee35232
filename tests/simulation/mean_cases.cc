// SPDX-License-Identifier: Apache-2.0
// Differences of means and of ratios, equivalence, and the same tests looked at every day.
#include "worlds.h"

namespace descant::simulation {
namespace {

const char* const kIgnoresClusters = "rows of one cluster are alike: use cluster_difference";
const char* const kSkewLeft = "skewness does not cancel between arms of such different sizes";
const char* const kEstimatedSpread = "a normal reference for a spread estimated from 10: 6 to 7 %";

Read reads_equivalence() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    return {result.at("equivalent").get<bool>(), holds(result.at("absolute"), draw.truth)};
  };
}

std::vector<Case> mean_differences() {
  const auto normal = shifted("normal", normal_shape(10, 2), {});
  const auto small = shifted("small", normal_shape(10, 2), {10, 10});
  const auto small_skewed = without_formula(shifted("small, skewed", skewed_shape(), {10, 10}));
  const auto small_heavy =
      without_formula(shifted("small, heavy-tailed", heavy_tailed_shape(), {15, 15}));
  const auto skewed = shifted("skewed", skewed_shape(), {500, 500});
  const auto zeros = shifted("zero-inflated", zero_inflated_shape(), {500, 500});
  const auto heavy = without_formula(shifted("heavy-tailed", heavy_tailed_shape(), {500, 500}));
  const auto unequal = shifted("unequal arms", normal_shape(10, 2), {450, 50});
  const auto unequal_skewed = shifted("unequal arms, skewed", skewed_shape(), {900, 100});
  const auto spread = unequal_spread("unequal arms, the small one wider", normal_shape(10, 2),
                                     normal_shape(10, 4), {450, 50});
  const auto clusters = clustered("clustered", {});
  const std::string mean = "mean_difference", welch = R"({"method": "welch"})",
                    student = R"({"method": "student"})", z = R"({"method": "z"})";
  using enum Rule;
  return {
      {mean, welch, normal, kClose, kClose},
      {mean, welch, skewed, kClose, kRough, {.power_slack = 0.05}},
      {mean, welch, zeros, kClose, kClose},
      {mean, welch, heavy, kAtMost, kRough, because("a rare huge value widens its own interval")},
      {mean, welch, small, kClose, kClose},
      {mean, welch, small_skewed, kAtMost, kAtMost,
       because("equal arms cancel the skewness, and wide intervals hide the effect")},
      {mean, welch, small_heavy, kAtMost, kRough,
       because("equal arms cancel the skewness, and wide intervals hide the effect")},
      {mean, welch, unequal, kClose, kClose},
      {mean, welch, spread, kClose, kClose},
      {mean, welch, unequal_skewed, kFails, kFails, because(kSkewLeft)},
      {mean, R"({"method": "welch", "alternative": "less"})", unequal_skewed, kFails, kNone,
       because(kSkewLeft)},
      {mean, welch, clusters, kFails, kFails, because(kIgnoresClusters, "cluster_not_used")},
      {mean, student, normal, kNominal, kNominal},
      {mean, student, small, kNominal, kNominal},
      {mean, student, unequal, kNominal, kNominal},
      {mean, student, spread, kFails, kFails, because("it takes the spreads for equal")},
      {mean, student, clusters, kFails, kFails, because(kIgnoresClusters, "cluster_not_used")},
      {mean, z, normal, kRough, kRough},
      {mean, z, skewed, kClose, kRough, {.power_slack = 0.05}},
      {mean, z, small, kRough, kRough, because(kEstimatedSpread)},
      {mean, z, spread, kRough, kRough},
  };
}

std::vector<Case> margins() {
  const auto shape = normal_shape(10, 2);
  const double margin = detectable(4, 4, {});
  auto inferior = shifted_from("normal, at the margin", shape, {}, -margin, margin);
  inferior.plan["non_inferiority_margin"] = margin;
  const double wide = 3.3 * margin / 2.8;
  const auto equivalent =
      without_formula(shifted_from("normal, at the upper margin", shape, {}, wide, -wide));
  const auto small =
      without_formula(shifted_from("small, at the upper margin", shape, {10, 10}, 3.0, -3.0));
  const std::string non_inferiority =
      Json{{"non_inferiority_margin", margin}, {"alternative", "two_sided"}}.dump();
  const auto margins_of = [](double m) {
    return Json{{"lower_margin", m}, {"upper_margin", m}}.dump();
  };
  using enum Rule;
  return {
      {"mean_difference",
       non_inferiority,
       inferior,
       kClose,
       kClose,
       {.label = "welch, non-inferiority"}},
      {"equivalence_test",
       margins_of(wide),
       equivalent,
       kClose,
       kClose,
       {.read = reads_equivalence(), .label = "tost"}},
      {"equivalence_test",
       margins_of(3.0),
       small,
       kAtMost,
       kClose,
       {.read = reads_equivalence(), .label = "tost"}},
  };
}

std::vector<Case> ratios() {
  const auto usual = ratio("ratio", {200, 200});
  const auto small = without_formula(ratio("ratio, small", {12, 12}));
  const auto unequal = ratio("ratio, unequal arms", {450, 50});
  const auto heavy = ratio("ratio, skewed denominators", {300, 300}, true);
  const std::string op = "ratio_difference", delta = R"({"method": "delta"})",
                    fieller = R"({"method": "fieller"})";
  const Read relative = [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    return {below_alpha(result.at("p_value"), item.details.alpha),
            holds(result.at("relative"), draw.truth / 2), false};
  };
  using enum Rule;
  return {
      {op, delta, usual, kRough, kRough},
      {op, delta, small, kRough, kRough, because("linearisation wants more units")},
      {op, delta, unequal, kRough, kRough},
      {op, delta, heavy, kRough, kRough},
      {op, fieller, usual, kRough, kRough, {.read = relative}},
      {op, fieller, small, kRough, kRough, {.read = relative}},
  };
}

}  // namespace

std::vector<Case> mean_cases() {
  std::vector<Case> cases = mean_differences();
  for (auto part : {margins, ratios})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
