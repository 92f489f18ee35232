// SPDX-License-Identifier: Apache-2.0
// Tests that are looked at again and again. A false positive is a bound crossed at any look; a miss
// is an interval of any look that is off the truth, since every look's interval is shown.
#include <cmath>

#include <fmt/format.h>

#include "worlds.h"

namespace descant::simulation {
namespace {

// Sums of one arm as its units come in.
struct Running {
  double n = 0, sum = 0, squares = 0;
  void add(double value) {
    ++n;
    sum += value;
    squares += value * value;
  }
  Json sample() const {
    const double mean = sum / n;
    return {{"n", n}, {"mean", mean}, {"variance", (squares - n * mean * mean) / (n - 1)}};
  }
};

struct StreamPlan {
  int looks = 20;
  int units = 100;          // an arm at each look
  bool unplanned = false;   // looks when the fancy takes one
  double last_overrun = 1;  // how much of the plan the last look has
  double effect = 0;
};

World stream(std::string name, const Shape& shape, StreamPlan plan) {
  const int end = plan.looks * plan.units;
  return {std::move(name),
          fmt::format("{}; {} looks, {} units an arm at each{}", shape.about, plan.looks,
                      plan.units, plan.unplanned ? ", half of them skipped by chance" : ""),
          plan.effect != 0 ? plan.effect : 3.1 * std::sqrt(2 * shape.variance / end),
          [=](Random& random, double effect) -> Draw {
            Running control, treatment;
            Json looks = Json::array(), information = Json::array();
            for (int look = 1; look <= plan.looks; ++look) {
              const bool last = look == plan.looks;
              const double units = last ? plan.units + (plan.last_overrun - 1) * end : plan.units;
              for (int i = 0; i < static_cast<int>(units); ++i) {
                control.add(shape.draw(random));
                treatment.add(shape.draw(random) + effect);
              }
              if (!last && plan.unplanned && random.chance(0.5)) continue;
              looks.push_back({{"control", control.sample()}, {"treatment", treatment.sample()}});
              information.push_back(control.n / end);
            }
            return {{{"looks", looks}, {"information", information}}, effect};
          }};
}

Draw without_information(const Draw& draw) {
  Draw shorter = draw;
  shorter.request.erase("information");
  return shorter;
}

// Any look's crossing, and any look's interval.
Read reads_sequence() {
  return [](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, without_information(draw).request);
    Reading reading{!result.at("first_crossed_look").is_null(), true,
                    warns(result, item.details.warning)};
    for (const Json& look : result.at("looks")) reading.covered &= holds(look, draw.truth);
    return reading;
  };
}

Read reads_group_sequential(bool at_the_stop) {
  return [=](const Case& item, const Draw& draw) -> Reading {
    const Json result = answer_of(item, draw.request);
    Reading reading{result.at("stop_reason") == "crossed", true,
                    warns(result, item.details.warning)};
    if (at_the_stop) {
      reading.covered = holds(result.at("stage_wise_interval"), draw.truth);
    } else {
      for (const Json& look : result.at("looks"))
        reading.covered &= holds(look.at("repeated_interval"), draw.truth);
    }
    return reading;
  };
}

// A test made for one look, at every look.
Read reads_each_look() {
  return [](const Case& item, const Draw& draw) -> Reading {
    Reading reading;
    for (const Json& look : draw.request.at("looks")) {
      const Json result = answer_of(item, look);
      reading.rejected |= below_alpha(result.at("p_value"), item.details.alpha);
      reading.covered &= holds(result.at("absolute"), draw.truth);
    }
    return reading;
  };
}

// The power with which this method's largest sample is the world's, from the operation
// sequential_plan: by bisection, since it plans sizes.
PowerFormula planned(std::string method, const StreamPlan& plan, double effect, double variance,
                     int sides = 2) {
  return [=](const Case& item) {
    const double n_world = 2.0 * plan.looks * plan.units;
    double low = 0.06, high = 0.999;
    for (int step = 0; step < 12; ++step) {
      const double power = (low + high) / 2;
      const Case formula{"sequential_plan", "{}", item.world};
      const Json result = answer_of(formula, {{"looks", plan.looks},
                                              {"power", power},
                                              {"effect", effect},
                                              {"sides", sides},
                                              {"standard_deviation", std::sqrt(variance)}});
      for (const Json& row : result.at("methods"))
        if (row.at("method") == method)
          (row.at("n_maximum").get<double>() > n_world ? high : low) = power;
    }
    return (low + high) / 2;
  };
}

std::string spends(const char* function, double parameter = -1, int sides = 2) {
  Json spending = {{"function", function}};
  if (parameter >= 0) spending["parameter"] = parameter;
  return Json{{"spending", spending}, {"sides", sides}}.dump();
}

std::vector<Case> group_sequential_cases() {
  const auto normal = normal_shape(10, 2);
  const StreamPlan five{.looks = 5, .units = 100};
  const auto usual = stream("five looks", normal, five);
  const auto daily = stream("peeking every day", normal, {.looks = 14, .units = 40});
  const auto skewed = stream("peeking every day, skewed", skewed_shape(), {.looks = 14});
  const auto unplanned =
      stream("unplanned looks", normal, {.looks = 14, .units = 40, .unplanned = true});
  const auto overrun = stream("overrun", normal, {.looks = 5, .units = 100, .last_overrun = 1.2});
  const auto small = stream("five looks, small", normal, {.looks = 5, .units = 3});
  const std::string op = "group_sequential_analysis";
  const std::string obrien_fleming = spends("lan_demets_obrien_fleming"),
                    pocock = spends("lan_demets_pocock");
  const Details stop{.read = reads_group_sequential(true), .cost = 2};
  const auto called = [&](std::string label, Details details) {
    details.label = std::move(label);
    return details;
  };
  const auto repeated = [&](const char* label) {
    return Details{.read = reads_group_sequential(false), .label = label};
  };
  const double effect = usual.effect;
  using enum Rule;
  std::vector<Case> cases = {
      {op, obrien_fleming, usual, kClose, kClose, called("lan_demets_obrien_fleming", stop)},
      {op, pocock, usual, kClose, kClose, called("lan_demets_pocock", stop)},
      {op, spends("power", 2), usual, kClose, kClose, called("power 2", stop)},
      {op, spends("hwang_shih_decani", 1), usual, kClose, kClose,
       called("hwang_shih_decani 1", stop)},
      {op, spends("obrien_fleming"), usual, kClose, kClose, called("obrien_fleming", stop)},
      {op, spends("pocock"), usual, kClose, kClose, called("pocock", stop)},
      {op, spends("wang_tsiatis", 0.25), usual, kClose, kClose, called("wang_tsiatis 0.25", stop)},
      {op, spends("lan_demets_obrien_fleming", -1, 1), usual, kClose, kClose,
       called("lan_demets_obrien_fleming, one-sided", stop)},
      {op, obrien_fleming, daily, kClose, kClose, called("lan_demets_obrien_fleming", stop)},
      {op, pocock, daily, kClose, kClose, called("lan_demets_pocock", stop)},
      {op, obrien_fleming, skewed, kRough, kRough, called("lan_demets_obrien_fleming", stop)},
      {op, pocock, skewed, kRough, kRough, called("lan_demets_pocock", stop)},
      {op, obrien_fleming, unplanned, kClose, kClose, called("lan_demets_obrien_fleming", stop)},
      {op, obrien_fleming, overrun, kClose, kClose, called("lan_demets_obrien_fleming", stop)},
      {op, obrien_fleming, usual, kClose, kAtMost, repeated("lan_demets_obrien_fleming, repeated")},
      {op, pocock, daily, kClose, kAtMost, repeated("lan_demets_pocock, repeated")},
      {op, pocock, small, kFails, kFails, called("lan_demets_pocock", stop)},
      {op, spends("lan_demets_pocock", -1, 1), usual, kClose, kClose,
       called("lan_demets_pocock, one-sided", stop)},
  };
  cases[0].details.power = planned("lan_demets_obrien_fleming", five, effect, 4);
  cases[1].details.power = planned("lan_demets_pocock", five, effect, 4);
  cases[16].details.reason = "three units an arm do not show their spread at the first look";
  return cases;
}

std::vector<Case> futility_cases() {
  const auto usual = stream("five looks", normal_shape(10, 2), {.looks = 5, .units = 100});
  const auto with_futility = [](bool binding) {
    return Json{{"sides", 1},
                {"alpha", 0.05},
                {"spending", {{"function", "lan_demets_obrien_fleming"}}},
                {"beta_spending", {{"function", "lan_demets_obrien_fleming"}}},
                {"binding_futility", binding},
                {"power", 0.8}}
        .dump();
  };
  using enum Rule;
  return {
      {"group_sequential_analysis",
       with_futility(true),
       usual,
       kClose,
       kClose,
       {.read = reads_group_sequential(true), .label = "one-sided, binding futility"}},
      {"group_sequential_analysis",
       with_futility(false),
       usual,
       kAtMost,
       kClose,
       {.read = reads_group_sequential(true), .label = "one-sided, futility not binding"}},
  };
}

std::vector<Case> confidence_sequence_cases() {
  const auto normal = normal_shape(10, 2);
  const StreamPlan days{.looks = 20, .units = 100};
  const auto daily = stream("peeking every day, from 200", normal, days);
  const auto skewed =
      stream("peeking every day, from 200, skewed", skewed_shape(), {.looks = 20, .units = 100});
  const auto early = stream("peeking from six", normal, {.looks = 100, .units = 3});
  const std::string op = "confidence_sequence",
                    asymptotic = R"({"method": "asymptotic", "optimal_n": 2000})",
                    gavi = R"({"method": "gavi", "optimal_intrinsic_time": 8000})",
                    msprt = R"({"method": "msprt", "tau_squared": 0.05})",
                    yeast = R"({"method": "yeast", "planned_n": 4000})",
                    yeast_small = R"({"method": "yeast", "planned_n": 600})",
                    fixed_power = R"({"method": "fixed_power", "minimum_detectable_effect": 0.2})",
                    small = R"({"method": "asymptotic", "optimal_n": 60})",
                    msprt_small = R"({"method": "msprt", "tau_squared": 4})",
                    gavi_small = R"({"method": "gavi", "optimal_intrinsic_time": 100})";
  const char* const plug_in = "a spread estimated from six units is taken for the true one";
  const Read read = reads_sequence();
  using enum Rule;
  return {
      {op, asymptotic, daily, kAtMost, kAtMost, {.read = read, .label = "asymptotic"}},
      {op, asymptotic, skewed, kAtMost, kAtMost, {.read = read, .label = "asymptotic"}},
      {op, small, early, kRough, kRough, {.reason = plug_in, .read = read, .label = "asymptotic"}},
      {op, gavi, daily, kAtMost, kAtMost, {.read = read, .label = "gavi"}},
      {op, gavi, skewed, kAtMost, kAtMost, {.read = read, .label = "gavi"}},
      {op, gavi_small, early, kRough, kRough, {.reason = plug_in, .read = read, .label = "gavi"}},
      {op, msprt, daily, kAtMost, kAtMost, {.read = read, .label = "msprt"}},
      {op, msprt, skewed, kAtMost, kAtMost, {.read = read, .label = "msprt"}},
      {op, msprt_small, early, kRough, kRough, {.reason = plug_in, .read = read, .label = "msprt"}},
      {op, yeast, daily, kAtMost, kAtMost, {.read = read, .label = "yeast"}},
      {op, yeast, skewed, kAtMost, kAtMost, {.read = read, .label = "yeast"}},
      {op, yeast_small, early, kAtMost, kAtMost, {.read = read, .label = "yeast"}},
      {op, fixed_power, daily, kRough, kRough, {.read = read, .label = "fixed_power"}},
      {op, fixed_power, skewed, kRough, kRough, {.read = read, .label = "fixed_power"}},
      {"mean_difference",
       R"({"method": "welch"})",
       daily,
       kFails,
       kFails,
       {.reason = "made for one look; a result of one look cannot know of the others",
        .read = reads_each_look()}},
  };
}

World sample_ratio(std::string name, std::vector<double> shares, int units, int looks) {
  return {std::move(name),
          fmt::format("{} arms; {} looks, {} units at each", shares.size(), looks, units), 0.02,
          [=](Random& random, double effect) -> Draw {
            std::vector<int> counts(shares.size());
            Json requests = Json::array();
            for (int look = 0; look < looks; ++look) {
              for (int i = 0; i < units; ++i) {
                double at = random.uniform() - effect;
                std::size_t arm = 0;
                while (arm + 1 < shares.size() && at >= shares[arm]) at -= shares[arm++];
                ++counts[arm];
              }
              requests.push_back({{"counts", counts}, {"expected", shares}});
            }
            return {{{"looks", requests}}, effect};
          }};
}

std::vector<Case> sample_ratio_cases() {
  const std::vector<double> halves = {0.5, 0.5}, tenths = {0.7, 0.2, 0.1};
  const auto once = sample_ratio("one look at the counts", halves, 2000, 1);
  const auto three = sample_ratio("one look at three counts", tenths, 2000, 1);
  const auto few = sample_ratio("one look at few counts", tenths, 30, 1);
  const auto daily = sample_ratio("counts every day", halves, 200, 20);
  const std::string op = "sample_ratio_test", chi_squared = R"({"method": "chi_squared"})",
                    sequential = R"({"method": "sequential", "concentration": 2000})";
  const Read read = [](const Case& item, const Draw& draw) {
    Reading reading;
    for (const Json& look : draw.request.at("looks"))
      reading.rejected |= below_alpha(answer_of(item, look).at("p_value"), item.details.alpha);
    return reading;
  };
  using enum Rule;
  return {
      {op, chi_squared, once, kRough, kNone, {.read = read}},
      {op, chi_squared, three, kRough, kNone, {.read = read}},
      {op, chi_squared, few, kRough, kNone, {.read = read}},
      {op,
       chi_squared,
       daily,
       kFails,
       kNone,
       {.reason = "made for one look; a result of one look cannot know of the others",
        .read = read}},
      {op, sequential, daily, kAtMost, kNone, {.read = read, .label = "sequential"}},
      {op, sequential, once, kAtMost, kNone, {.read = read, .label = "sequential"}},
  };
}

}  // namespace

std::vector<Case> sequential_cases() {
  std::vector<Case> cases = group_sequential_cases();
  for (auto part : {futility_cases, confidence_sequence_cases, sample_ratio_cases})
    for (auto& item : part()) cases.push_back(std::move(item));
  return cases;
}

}  // namespace descant::simulation
