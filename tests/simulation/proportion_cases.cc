// SPDX-License-Identifier: Apache-2.0
// Differences of shares. Counts are few-valued, so that no test of them is exact at every share:
// what holds for all shares is that the exact tests do not reject too often.
#include "worlds.h"

namespace descant::simulation {
namespace {

std::string by(const char* method) { return Json{{"method", method}}.dump(); }

std::vector<Case> difference_cases() {
  const auto usual = shares("shares", 0.3, {200, 200});
  const auto small = without_formula(shares("shares, small", 0.3, {15, 15}, 0.4));
  const auto rare = without_formula(shares("shares, rare", 0.005, {500, 500}, 0.015));
  const auto unequal = without_formula(shares("shares, unequal arms", 0.05, {900, 100}, 0.08));
  const std::string op = "proportion_difference";
  const char* const few = "too few successes for a normal distribution";
  const char* const walds = "its test holds, but its interval is that of z_unpooled";
  const char* const walds_test = "its interval holds, but its p-value is that of z_unpooled";
  using enum Rule;
  return {
      {op, by("z_unpooled"), usual, kRough, kRough},
      {op, by("z_unpooled"), small, kRough, kFails, because(few, "small_counts")},
      {op, by("z_unpooled"), rare, kAtMost, kRough, because(few, "small_counts")},
      {op, by("z_unpooled"), unequal, kFails, kRough, because(few, "small_counts")},
      {op, by("z_pooled"), usual, kRough, kRough},
      {op, by("z_pooled"), small, kRough, kFails, because(walds, "small_counts")},
      {op, by("z_pooled"), unequal, kRough, kRough},
      {op, by("newcombe"), usual, kRough, kRough},
      {op, by("newcombe"), small, kRough, kRough},
      {op, by("newcombe"), rare, kAtMost, kRough},
      {op, by("newcombe"), unequal, kFails, kRough, because(walds_test, "small_counts")},
      {op, by("agresti_caffo"), usual, kRough, kRough},
      {op, by("agresti_caffo"), small, kRough, kRough},
      {op, by("agresti_caffo"), rare, kAtMost, kRough},
      {op, by("agresti_caffo"), unequal, kFails, kRough, because(walds_test, "small_counts")},
      {op, by("miettinen_nurminen"), usual, kRough, kRough},
      {op, by("miettinen_nurminen"), small, kRough, kRough},
      {op, by("miettinen_nurminen"), rare, kAtMost, kRough},
      {op, by("miettinen_nurminen"), unequal, kRough, kRough},
  };
}

std::vector<Case> table_cases() {
  const auto usual = shares("shares", 0.3, {200, 200});
  const auto small = without_formula(shares("shares, small", 0.3, {15, 15}, 0.4));
  const auto rare = without_formula(shares("shares, rare", 0.005, {500, 500}, 0.015));
  const auto unequal = without_formula(shares("shares, unequal arms", 0.05, {900, 100}, 0.08));
  const std::string op = "proportion_difference";
  const char* const conditional = "exact given the total: never too often, rarely often enough";
  const char* const walds = "its test holds, but its interval is that of z_unpooled";
  using enum Rule;
  return {
      {op, by("fisher"), usual, kAtMost, kRough, because(conditional)},
      {op, by("fisher"), small, kAtMost, kFails, because(walds, "small_counts")},
      {op, by("fisher"), rare, kAtMost, kRough, because(conditional)},
      {op, by("fisher"), unequal, kAtMost, kRough, because(conditional)},
      {op,
       by("barnard"),
       small,
       kAtMost,
       kFails,
       {.reason = walds, .warning = "small_counts", .cost = 2}},
      {op,
       by("boschloo"),
       small,
       kAtMost,
       kFails,
       {.reason = walds, .warning = "small_counts", .cost = 2}},
      {op, by("chi_squared"), usual, kRough, kRough},
      {op, by("chi_squared"), small, kRough, kFails, because(walds, "small_counts")},
      {op, by("chi_squared"), unequal, kRough, kRough},
      {op, by("g_test"), usual, kRough, kRough},
      {op, by("g_test"), small, kRough, kFails, because(walds, "small_counts")},
      {op, by("g_test"), unequal, kRough, kRough},
  };
}

}  // namespace

std::vector<Case> proportion_cases() {
  std::vector<Case> cases = difference_cases();
  for (auto& item : table_cases()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
