// SPDX-License-Identifier: Apache-2.0
// Many tests, many experiments, and the decision made of several metrics.
#include <cmath>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "worlds.h"

namespace descant::simulation {
namespace {

// Twenty tests, half of them of a true effect in the run that has one.
World many_tests(std::string name, double correlation) {
  return {std::move(name), fmt::format("20 tests, correlation {}", correlation), 3.5,
          [=](Random& random, double effect) -> Draw {
            const double shared = random.normal();
            std::vector<double> p_values;
            for (int test = 0; test < 20; ++test) {
              const double z = std::sqrt(correlation) * shared +
                               std::sqrt(1 - correlation) * random.normal() +
                               (test < 10 ? effect : 0);
              p_values.push_back(2 * stats::normal_upper_tail(std::abs(z)));
            }
            return {{{"p_values", p_values}}};
          }};
}

// Without effects any rejection is false. With ten effects a miss is a false rejection among the
// others: the family-wise error, which methods that bound the false discovery rate do not promise.
Read reads_family() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    Reading reading;
    for (std::size_t test = 0; test < 20; ++test) {
      const bool rejected = result.at("adjusted")[test].get<double>() <= item.details.alpha;
      reading.rejected |= rejected;
      if (test >= 10) reading.covered &= !rejected;
    }
    return reading;
  };
}

std::vector<Case> multiplicity_cases() {
  const auto independent = many_tests("20 tests", 0);
  const auto alike = many_tests("20 tests, correlated", 0.6);
  const std::string op = "adjust_p_values";
  using enum Rule;
  std::vector<Case> cases;
  for (const char* method : {"bonferroni", "sidak", "holm", "holm_sidak", "hochberg", "hommel",
                             "benjamini_hochberg", "benjamini_yekutieli", "storey"}) {
    const std::string options = Json{{"method", method}}.dump();
    const bool discovery = method[0] == 'b' && method[2] == 'n' && method[3] == 'j';
    const bool storey = method[0] == 's' && method[1] == 't';
    const Rule misses = discovery || storey ? kNone : kAtMost;
    Details details{.read = reads_family()};
    cases.push_back({op, options, independent, storey ? kRough : kAtMost, misses, details});
    if (storey) details.reason = "the share of true nulls is misjudged when tests move together";
    cases.push_back({op, options, alike, storey ? kFails : kAtMost, misses, details});
  }
  return cases;
}

World studies(std::string name, int count, double spread) {
  return {
      std::move(name), fmt::format("{} studies, true effects spread by {}", count, spread), 0.8,
      [=](Random& random, double effect) -> Draw {
        std::vector<double> estimates, errors;
        for (int study = 0; study < count; ++study) {
          errors.push_back(0.5 + random.uniform());
          estimates.push_back(effect + spread * random.normal() + errors.back() * random.normal());
        }
        return {{{"estimates", estimates}, {"standard_errors", errors}}, effect};
      }};
}

std::vector<Case> meta_analysis_cases() {
  const auto same = studies("studies of one effect", 12, 0);
  const auto spread = studies("studies, spread", 12, 1);
  const auto few = studies("four studies, spread", 4, 1);
  const std::string op = "meta_analysis";
  const Read read = [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    return {below_alpha(result.at("p_value"), item.details.alpha), holds(result, draw.truth),
            warns(result, item.details.warning)};
  };
  using enum Rule;
  std::vector<Case> cases = {
      {op, R"({"method": "fixed"})", same, kNominal, kNominal, {.read = read}},
      {op,
       R"({"method": "fixed"})",
       spread,
       kFails,
       kFails,
       {.reason = "it takes the true effects for one", .read = read}},
  };
  for (const char* method : {"dersimonian_laird", "reml", "paule_mandel"}) {
    const std::string options = Json{{"method", method}}.dump();
    cases.push_back({op,
                     options,
                     spread,
                     kRough,
                     kRough,
                     {.reason = "twelve studies show their spread roughly", .read = read}});
    cases.push_back({op,
                     options,
                     few,
                     kFails,
                     kFails,
                     {.reason = "four studies do not show their spread: use knapp_hartung",
                      .warning = "few_studies",
                      .read = read}});
  }
  const std::string hartung = R"({"method": "reml", "knapp_hartung": true})";
  cases.push_back({op, hartung, spread, kRough, kRough, {.read = read}});
  cases.push_back({op, hartung, few, kRough, kRough, {.read = read}});
  return cases;
}

// The truth is that of the first effect, or the sum of those chosen for looking good.
World portfolio(std::string name, bool mostly_null, bool of_chosen) {
  return {
      std::move(name),
      fmt::format("60 experiments, {}",
                  mostly_null ? "7 in 10 without effect, the rest normal" : "normal effects"),
      1, [=](Random& random, double) -> Draw {
        std::vector<double> estimates, errors;
        double first = 0, chosen = 0;
        for (int experiment = 0; experiment < 60; ++experiment) {
          const double effect =
              mostly_null && random.chance(0.7) ? 0 : (mostly_null ? 3 : 1) * random.normal();
          errors.push_back(1);
          estimates.push_back(effect + random.normal());
          if (experiment == 0) first = effect;
          if (estimates.back() > 1.645) chosen += effect;
        }
        return {
            {{"estimates", estimates}, {"standard_errors", errors}, {"selection_threshold", 1.645}},
            of_chosen ? chosen : first};
      }};
}

std::vector<Case> shrinkage_cases() {
  const std::string op = "shrink_effects", normal = R"({"prior": "normal"})",
                    spike = R"({"prior": "spike_and_slab"})", t = R"({"prior": "t"})";
  const auto first = portfolio("portfolio, first effect", false, false);
  const auto chosen = portfolio("portfolio, sum of the winners", false, true);
  const auto null_first = portfolio("portfolio of mostly nulls, first effect", true, false);
  const auto null_chosen = portfolio("portfolio of mostly nulls, sum of the winners", true, true);
  const Read effect = [](const Case& item, const Draw& draw) -> Reading {
    return {false, holds(answer_of(item, draw.request).at("effects")[0], draw.truth)};
  };
  const Read sum = [](const Case& item, const Draw& draw) -> Reading {
    return {false, holds(answer_of(item, draw.request).at("cumulative_effect"), draw.truth)};
  };
  const Read naive = [](const Case& item, const Draw& draw) -> Reading {
    const Json total = answer_of(item, draw.request).at("cumulative_effect");
    const double reach = 1.96 * std::sqrt(total.at("selected").get<double>());
    return {false, std::abs(total.at("naive").get<double>() - draw.truth) <= reach};
  };
  using enum Rule;
  return {
      {op,
       normal,
       first,
       kNone,
       kRough,
       {.reason = "the fitted prior is taken for known", .read = effect}},
      {op,
       normal,
       chosen,
       kNone,
       kFails,
       {.reason =
            "the prior fitted to 60 experiments is taken for known, and its error is shared by all",
        .read = sum}},
      {op,
       normal,
       chosen,
       kNone,
       kFails,
       {.reason = "the winners were chosen for looking good",
        .read = naive,
        .label = "naive sum, no shrinkage"}},
      {op, spike, null_first, kNone, kRough, {.read = effect, .cost = 4}},
      {op,
       spike,
       null_chosen,
       kNone,
       kRough,
       {.reason = "the fitted prior is taken for known", .read = sum, .cost = 4}},
      {op,
       t,
       first,
       kNone,
       kRough,
       {.reason = "the fitted prior is taken for known", .read = effect, .cost = 10}},
  };
}

// One-sided p-values of three success metrics and two guardrails. Without effect no success metric
// moves and the guardrails are fine; or the first success metric moves and a guardrail sits on its
// margin, so that shipping is wrong.
World release(std::string name, bool broken_guardrail) {
  return {std::move(name),
          broken_guardrail ? "a success metric moves, a guardrail sits on its margin"
                           : "three success metrics that do not move, two guardrails that are fine",
          3.5, [=](Random& random, double effect) -> Draw {
            Json metrics = Json::array();
            const auto add = [&](const char* metric, const char* role, double drift) {
              const double z = random.normal();
              Json entry = {{"name", metric},
                            {"role", role},
                            {"p_value", stats::normal_upper_tail(z + drift)}};
              if (role[0] == 'g')
                entry["deterioration_p_value"] =
                    stats::normal_upper_tail(-(z + (broken_guardrail ? 2.8 : 0)));
              metrics.push_back(entry);
            };
            add("a", "success", broken_guardrail ? 5 : effect);
            add("b", "success", 0);
            add("c", "success", 0);
            add("d", "guardrail", broken_guardrail ? effect : 4);
            add("e", "guardrail", 4);
            return {{{"metrics", metrics}}};
          }};
}

std::vector<Case> decision_cases() {
  const Read ships = [](const Case& item, const Draw& draw) -> Reading {
    return {answer_of(item, draw.request).at("action") == "ship"};
  };
  using enum Rule;
  return {
      {"decision",
       "{}",
       release("nothing to ship", false),
       kAtMost,
       kNone,
       {.read = ships, .label = "spotify, wrong ship"}},
      {"decision",
       "{}",
       release("guardrail on its margin", true),
       kAtMost,
       kNone,
       {.read = ships, .label = "spotify, wrong ship"}},
  };
}

}  // namespace

std::vector<Case> many_cases() {
  std::vector<Case> cases = multiplicity_cases();
  for (auto part : {meta_analysis_cases, shrinkage_cases, decision_cases})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
