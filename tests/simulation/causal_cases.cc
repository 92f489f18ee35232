// SPDX-License-Identifier: Apache-2.0
// Effects without a plain random split: turns in time, one list for two rankers, changes of groups
// nobody drew, encouragements, choices; and effects that differ between segments.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "worlds.h"

namespace descant::simulation {
namespace {

struct SwitchbackPlan {
  int buckets = 120;
  int block = 1;               // buckets an arm keeps its turn
  double autocorrelation = 0;  // of the noise
  double carryover = 0;        // share of the effect that lasts a bucket longer
};

World turns(std::string name, SwitchbackPlan plan) {
  return {std::move(name),
          fmt::format("{} buckets in turns of {}, autocorrelation {}, carry-over {}", plan.buckets,
                      plan.block, plan.autocorrelation, plan.carryover),
          0.6, [=](Random& random, double effect) -> Draw {
            std::vector<int> time, arm;
            std::vector<double> outcome;
            double noise = random.normal();
            int turn = 0, before = 0;
            for (int bucket = 0; bucket < plan.buckets; ++bucket) {
              if (bucket % plan.block == 0) turn = random.chance(0.5);
              noise = plan.autocorrelation * noise +
                      std::sqrt(1 - plan.autocorrelation * plan.autocorrelation) * random.normal();
              time.push_back(bucket);
              arm.push_back(turn);
              outcome.push_back(10 + noise +
                                effect * ((1 - plan.carryover) * turn + plan.carryover * before));
              before = turn;
            }
            return {{{"time_bucket", time}, {"arm", arm}, {"outcome", outcome}, {"control", 0}},
                    effect};
          }};
}

Read reads_bootstrap() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    const Json& interval = result.at("bootstrap");
    return {!holds(interval, 0), holds(interval, draw.truth), warns(result, item.details.warning)};
  };
}

std::vector<Case> switchback_cases() {
  const auto independent = turns("turns", {});
  const auto alike = turns("turns, autocorrelated", {.autocorrelation = 0.6});
  const auto blocks =
      turns("turns of 5, autocorrelated", {.buckets = 300, .block = 5, .autocorrelation = 0.6});
  const auto carried =
      turns("turns of 3, carry-over", {.buckets = 180, .block = 3, .carryover = 0.8});
  const auto few = turns("turns, 12 buckets", {.buckets = 12});
  const std::string op = "switchback", plain = "{}", dropping = R"({"carryover_buckets": 1})",
                    bootstrap = R"({"bootstrap_replicates": 300, "seed": 1})";
  const auto lots_of = [](const char* block) {
    return fmt::format(R"({{"randomisation_replicates": 300, "seed": 1, "block_buckets": {}}})",
                       block);
  };
  const Read by_lot = [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    return {below_alpha(result.at("randomisation_p_value"), item.details.alpha)};
  };
  using enum Rule;
  return {
      {op, plain, independent, kRough, kRough},
      {op, plain, alike, kRough, kRough},
      {op, plain, blocks, kFails, kFails,
       because("neighbours in one turn are alike: use the randomisation test or the bootstrap",
               "autocorrelation")},
      {op, plain, carried, kRough, kFails,
       because("the other arm still shows after a change: drop carry-over buckets")},
      {op, dropping, carried, kRough, kRough},
      {op, plain, few, kRough, kRough, {.warning = "few_buckets"}},
      {op, R"({"weighting": "rows"})", independent, kRough, kRough},
      {op,
       lots_of("1"),
       alike,
       kClose,
       kNone,
       {.read = by_lot, .cost = 4, .label = "randomisation test, blocks stated"}},
      {op,
       lots_of("5"),
       blocks,
       kClose,
       kNone,
       {.read = by_lot, .cost = 10, .label = "randomisation test, blocks stated"}},
      {op,
       lots_of("null"),
       alike,
       kAtMost,
       kNone,
       {.reason = "stretches between changes are taken for the blocks that were dealt",
        .read = by_lot,
        .cost = 4,
        .label = "randomisation test, blocks guessed"}},
      {op,
       bootstrap,
       blocks,
       kRough,
       kRough,
       {.read = reads_bootstrap(), .cost = 10, .label = "block bootstrap"}},
      {op,
       bootstrap,
       few,
       kFails,
       kFails,
       {.reason = "12 buckets do not show their own spread",
        .warning = "few_buckets",
        .read = reads_bootstrap(),
        .label = "block bootstrap"}},
  };
}

World interleaved(std::string name, int units, bool uneven) {
  return {
      std::move(name),
      fmt::format("{} units of {} clicks, each a coin flip", units, uneven ? "1 to 40" : "5"),
      uneven ? 0.12 : 2.8 / std::sqrt(5.0 * units), [=](Random& random, double effect) -> Draw {
        std::vector<int> unit, control, treatment;
        for (int i = 0; i < units; ++i) {
          const int clicks = uneven ? std::min(40, static_cast<int>(1 + random.exponential(5))) : 5;
          int wins = 0;
          for (int click = 0; click < clicks; ++click) wins += random.chance((1 + effect) / 2);
          unit.push_back(i);
          treatment.push_back(wins);
          control.push_back(clicks - wins);
        }
        return {{{"unit", unit}, {"wins_control", control}, {"wins_treatment", treatment}}, effect};
      }};
}

std::vector<Case> interleaving_cases() {
  const auto usual = interleaved("coin flips", 100, false);
  const auto small = interleaved("coin flips, small", 10, false);
  const auto uneven = interleaved("coin flips, uneven", 100, true);
  const std::string op = "interleaving", one = R"({"replicates": 1})",
                    many = R"({"replicates": 400, "seed": 1})";
  const Read sign = [](const Case& item, const Draw& draw) -> Reading {
    return {below_alpha(answer_of(item, draw.request).at("sign_test").at("p_value"),
                        item.details.alpha)};
  };
  const Read preference = [](const Case& item, const Draw& draw) -> Reading {
    const Json interval = answer_of(item, draw.request).at("preference");
    return {!holds(interval, 0), holds(interval, draw.truth / 2)};
  };
  using enum Rule;
  return {
      {op, one, usual, kRough, kRough, {.label = "credit t"}},
      {op, one, small, kRough, kRough, {.label = "credit t"}},
      {op, one, uneven, kRough, kRough, {.label = "credit t"}},
      {op, one, usual, kAtMost, kNone, {.read = sign, .label = "sign test"}},
      {op, one, small, kAtMost, kNone, {.read = sign, .label = "sign test"}},
      {op, many, uneven, kRough, kRough, {.read = preference, .label = "preference, bootstrap"}},
      {op,
       many,
       small,
       kFails,
       kFails,
       {.reason = "10 units do not show their own spread",
        .read = preference,
        .label = "preference, bootstrap"}},
  };
}

struct PanelPlan {
  int units = 60;
  int treated = 30;
  bool staggered = false;  // half of the treated start at 3, half at 5
  double trend = 0;        // the treated drift by this much a period
};

World panel(std::string name, PanelPlan plan) {
  return {std::move(name),
          fmt::format("{} units of which {} treated{}, 6 periods, noise autocorrelated by 0.5{}",
                      plan.units, plan.treated, plan.staggered ? " from 3 or 5" : " from 4",
                      plan.trend != 0 ? ", trends of their own" : ""),
          plan.treated < 5 ? 2.0 : 0.7, [=](Random& random, double effect) -> Draw {
            Json request;
            for (const char* column : {"unit", "time", "treated_from", "outcome"})
              request[column] = Json::array();
            for (int unit = 0; unit < plan.units; ++unit) {
              const bool treated = unit < plan.treated;
              const int start = plan.staggered ? (unit % 2 == 0 ? 3 : 5) : 4;
              const double level = 10 + random.normal();
              double noise = random.normal();
              for (int time = 1; time <= 6; ++time) {
                noise = 0.5 * noise + std::sqrt(0.75) * random.normal();
                request["unit"].push_back(unit);
                request["time"].push_back(time);
                request["treated_from"].push_back(treated ? Json(start) : Json(nullptr));
                request["outcome"].push_back(level + 0.3 * time + noise +
                                             (treated ? plan.trend * time : 0) +
                                             (treated && time >= start ? effect : 0));
              }
            }
            return {request, effect};
          }};
}

std::vector<Case> panel_cases() {
  const auto usual = panel("panel", {});
  const auto few = panel("panel, 2 treated", {.units = 40, .treated = 2});
  const auto trends = panel("panel, trends of their own", {.trend = 0.2});
  const auto staggered = panel("panel, staggered", {.units = 90, .treated = 60, .staggered = true});
  const auto staggered_small =
      panel("panel, staggered, small", {.units = 15, .treated = 10, .staggered = true});
  const std::string op = "difference_in_differences", two = R"({"method": "two_by_two"})",
                    group_time = R"({"method": "group_time"})";
  using enum Rule;
  return {
      {op, two, usual, kRough, kRough},
      {op, two, few, kFails, kFails,
       because("two clusters do not show their spread", "few_clusters_on_a_side")},
      {op, two, trends, kFails, kFails,
       because("the trends were not parallel, which two periods cannot show; group_time has a test "
               "of it")},
      {op, group_time, usual, kRough, kRough, {.cost = 4}},
      {op, group_time, staggered, kRough, kRough, {.cost = 10}},
      {op,
       R"({"method": "group_time", "aggregate": "event_time"})",
       staggered,
       kRough,
       kRough,
       {.cost = 10}},
      {op,
       group_time,
       staggered_small,
       kFails,
       kFails,
       {.reason = "5 units a group: errors are too small", .warning = "few_clusters", .cost = 4}},
  };
}

struct InstrumentPlan {
  int rows = 300;
  double strength = 0.5;  // of the instrument on the treatment received
  double leak = 0;        // of the instrument on the outcome
  bool take_up = false;   // 0/1 treatment after a 0/1 encouragement
  double effect = 0.35;
};

World instrument(std::string name, InstrumentPlan plan) {
  return {
      std::move(name),
      fmt::format("{} rows, first stage {}{}", plan.rows, plan.strength,
                  plan.leak != 0 ? ", instrument moves the outcome too" : ""),
      plan.effect, [=](Random& random, double effect) -> Draw {
        std::vector<double> outcome, received, encouraged;
        for (int row = 0; row < plan.rows; ++row) {
          const double hidden = random.normal();
          const double z = plan.take_up ? random.chance(0.5) : random.normal();
          const double d = plan.take_up
                               ? 0.5 * hidden + random.normal() > 0.5 - plan.strength * 3 * z
                               : plan.strength * z + 0.95 * hidden + 0.3 * random.normal();
          encouraged.push_back(z);
          received.push_back(d);
          outcome.push_back(effect * d + plan.leak * z + 0.95 * hidden + 0.3 * random.normal());
        }
        return {
            {{"outcome", outcome}, {"treatment_received", received}, {"instrument", encouraged}},
            effect};
      }};
}

Read reads_anderson_rubin() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json test = answer_of(item, draw.request).at("anderson_rubin");
    const Json& region = test.at("region");
    return {below_alpha(test.at("p_value"), item.details.alpha),
            std::any_of(region.begin(), region.end(),
                        [&](const Json& piece) { return holds(piece, draw.truth); })};
  };
}

std::vector<Case> instrument_cases() {
  const auto strong = instrument("strong instrument", {});
  const auto weak = instrument("weak instrument", {.strength = 0.04, .effect = 1});
  const auto leaking = instrument("leaking instrument", {.leak = 0.3});
  const auto encouragement =
      instrument("encouragement", {.rows = 600, .take_up = true, .effect = 0.5});
  const std::string op = "instrumental_variables",
                    classical = R"({"standard_errors": "classical"})",
                    robust = R"({"standard_errors": "robust"})";
  const Read region = reads_anderson_rubin();
  using enum Rule;
  return {
      {op, classical, strong, kRough, kRough},
      {op, robust, strong, kRough, kRough},
      {op, robust, encouragement, kRough, kRough},
      {op, classical, weak, kFails, kFails,
       because("a weak instrument pulls the estimate to the confounded one", "weak_instrument")},
      {op, classical, leaking, kFails, kFails,
       because("another way from instrument to outcome, which no data show")},
      {op, classical, strong, kClose, kClose, {.read = region, .label = "Anderson-Rubin"}},
      {op, classical, weak, kClose, kClose, {.read = region, .label = "Anderson-Rubin"}},
      {op,
       robust,
       encouragement,
       kRough,
       kRough,
       {.read = region, .label = "Anderson-Rubin, robust"}},
  };
}

struct ChoicePlan {
  int rows = 400;
  double pull = 0.7;    // of the covariate on the choice
  bool curved = false;  // the outcome moves with the covariate's square
  bool hidden = false;  // another cause of both, not given
  double effect = 0.4;
};

World choice(std::string name, ChoicePlan plan) {
  return {std::move(name),
          fmt::format("{} rows, choice moved by {}{}{}", plan.rows, plan.pull,
                      plan.curved ? ", outcome curved" : "",
                      plan.hidden ? ", a hidden cause of both" : ""),
          plan.effect, [=](Random& random, double effect) -> Draw {
            std::vector<double> outcome, x, second;
            std::vector<int> treated;
            for (int row = 0; row < plan.rows; ++row) {
              const double cause = random.normal();
              const double index = plan.pull * cause + (plan.hidden ? 0.7 * random.normal() : 0);
              const int chose = random.chance(1 / (1 + std::exp(-index)));
              const double unseen = plan.hidden ? (index - plan.pull * cause) : 0;
              x.push_back(cause);
              second.push_back(random.normal());
              treated.push_back(chose);
              outcome.push_back(10 + effect * chose + (plan.curved ? cause * cause : cause) +
                                unseen + random.normal());
            }
            return {{{"outcome", outcome},
                     {"treated", treated},
                     {"covariates", {{"x", x}, {"second", second}}}},
                    effect};
          }};
}

std::vector<Case> choice_cases() {
  const auto usual = choice("confounded choice", {});
  const auto small = choice("confounded choice, small", {.rows = 40, .effect = 1});
  const auto curved =
      choice("confounded choice, curved outcome", {.rows = 800, .pull = 1, .curved = true});
  const auto apart = choice("choice nearly settled by the covariate", {.rows = 400, .pull = 4});
  const auto hidden = choice("hidden cause", {.hidden = true});
  const std::string op = "average_treatment_effect";
  const auto by = [](const char* method, const char* estimand) {
    return Json{{"method", method}, {"estimand", estimand}}.dump();
  };
  using enum Rule;
  std::vector<Case> cases;
  for (const char* method : {"regression_adjustment", "ipw", "aipw", "ipwra"}) {
    const bool weights = method[0] != 'r';
    cases.push_back({op, by(method, "ate"), usual, kRough, kRough});
    cases.push_back({op, by(method, "att"), usual, kRough, kRough});
    cases.push_back(
        {op, by(method, "ate"), small, kFails, kFails,
         because("twenty rows an arm: the errors, and the normal reference, ask for more",
                 "few_rows")});
    cases.push_back({op, by(method, "ate"), curved, kRough, kRough});
    cases.push_back({op, by(method, "ate"), hidden, kFails, kFails,
                     because("no method sees a cause that is not given; the E-value says how "
                             "strong it would have to be")});
    const bool doubly_robust = method == std::string("aipw");
    if (weights)
      cases.push_back(
          {op, by(method, "ate"), apart, doubly_robust ? kRough : kFails,
           doubly_robust ? kRough : kFails,
           because("a few rows of the rare kind have nearly all the weight", "poor_overlap")});
  }
  return cases;
}

World segments(std::string name, int rows, bool differing) {
  return {std::move(name),
          fmt::format("{} rows, dimensions of 4 and of 3 values{}", rows,
                      differing ? ", effects differ along the first" : ""),
          0.5, [=](Random& random, double effect) -> Draw {
            std::vector<int> arm, plan, country;
            std::vector<double> outcome;
            for (int row = 0; row < rows; ++row) {
              arm.push_back(random.chance(0.5));
              plan.push_back(static_cast<int>(random.uniform() * 4));
              country.push_back(static_cast<int>(random.uniform() * 3));
              outcome.push_back(10 + plan.back() + random.normal() +
                                arm.back() * (0.2 + (plan.back() == 0 ? effect : 0)));
            }
            return {{{"arm", arm},
                     {"control", 0},
                     {"outcome", outcome},
                     {"segments", {{"plan", plan}, {"country", country}}}},
                    0.2 + effect};
          }};
}

std::vector<Case> segment_cases() {
  // Rejected: the effects are said to differ along any dimension. Covered: the first plan's effect.
  const auto reads = [](const char* interval) -> Read {
    return [=](const Case& item, const Draw& draw) -> Reading {
      const Json result = answer_of(item, draw.request);
      Reading reading;
      for (const Json& dimension : result.at("dimensions"))
        reading.rejected |= below_alpha(dimension.at("adjusted_p_value"), item.details.alpha);
      for (const Json& segment : result.at("segments"))
        if (segment.at("dimension") == "plan" && segment.at("value") == "0")
          reading.covered = holds(segment.at(interval), draw.truth);
      return reading;
    };
  };
  const auto usual = segments("segments", 800, true);
  const auto small = segments("segments, small", 80, true);
  const std::string op = "heterogeneous_effects";
  using enum Rule;
  return {
      {op,
       "{}",
       usual,
       kRough,
       kRough,
       {.read = reads("absolute"), .cost = 4, .label = "Cochran's Q"}},
      {op,
       "{}",
       small,
       kFails,
       kRough,
       {.reason = "Q takes the standard errors of ten units an arm for the true ones",
        .read = reads("absolute"),
        .cost = 4,
        .label = "Cochran's Q"}},
      {op,
       "{}",
       usual,
       kNone,
       kFails,
       {.reason = "a single outlying segment is pulled to the others; right on average only",
        .read = reads("shrunk"),
        .cost = 4,
        .label = "shrunk"}},
  };
}

}  // namespace

std::vector<Case> causal_cases() {
  std::vector<Case> cases = switchback_cases();
  for (auto part : {interleaving_cases, panel_cases, instrument_cases, choice_cases, segment_cases})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
