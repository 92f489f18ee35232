// SPDX-License-Identifier: Apache-2.0
// Group-sequential designs of gsDesign and rpact, with a third computation that settles their
// differences, and the calls recorded in gsDesign's own test suite.
#include <limits>
#include <optional>

#include "recorded_calls.h"
#include "stats/sequential/group_sequential_bounds.h"

namespace descant::oracles {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::optional<Json> spending_of(const std::string& name, const Json& parameter) {
  static const std::map<std::string, std::string> functions = {
      {"LanDeMets O'Brien-Fleming", "lan_demets_obrien_fleming"},
      {"Lan-DeMets O'Brien-Fleming approximation", "lan_demets_obrien_fleming"},
      {"LanDeMets Pocock", "lan_demets_pocock"},
      {"Kim-DeMets power", "power"},
      {"Kim-DeMets (power)", "power"},
      {"Hwang-Shih-DeCani", "hwang_shih_decani"},
      {"OF", "obrien_fleming"},
      {"Pocock", "pocock"},
      {"WT", "wang_tsiatis"}};
  const auto found = functions.find(name);
  if (found == functions.end()) return {};
  Json spending = {{"function", found->second}};
  if (found->second == "power" || found->second == "hwang_shih_decani" ||
      found->second == "wang_tsiatis")
    spending["parameter"] = parameter;
  return spending;
}

// ---- group_sequential_bounds.json ----

// 8 stands for a bound that is never crossed, whatever the peers write there.
double reported(const Json& bound) {
  return bound.is_number() ? std::min(bound.get<double>(), 8.0) : 8.0;
}

Outcome boundary(const Json& item, const Json&) {
  const Json& in = item["inputs"];
  const bool classical = in.contains("boundary");
  const auto spending = classical
                            ? spending_of(in["boundary"], in["delta_WT"])
                            : spending_of(in["spending"], in.value("spending_parameter", Json()));
  const double sides = in["sided"];
  const Json ours =
      ask("group_sequential_bounds", {{"information", in["information_rates"]},
                                      {"alpha", sides * in["alpha_per_side"].get<double>()},
                                      {"sides", in["sided"]},
                                      {"spending", *spending},
                                      {"power", 1 - in["beta"].get<double>()}});
  Outcome outcome;
  const Json& reference = item["reference_z"];
  for (std::size_t k = 0; k < reference.size(); ++k)
    outcome.within(fmt::format("upper[{}]", k), ours["upper"][k].get<double>(),
                   reported(reference[k]), 1e-6);
  outcome.near("inflation", number_at(ours, "inflation_factor"), item["gsDesign"]["max_inflation"],
               1e-5);
  const Json spent = item["gsDesign"].value("alpha_spent_cumulative", Json());
  for (std::size_t k = 0; k < spent.size(); ++k)
    outcome.within("alpha spent", ours["alpha_spent"][k].get<double>() / sides,
                   spent[k].get<double>(), 1e-7);
  return outcome;
}

TEST(OraclesTest, GroupSequentialBounds) { run_cases("group_sequential_bounds", boundary); }

// ---- gsDesign.json ----

std::vector<double> list_of(const Json& value) {
  if (value.is_array()) return value.get<std::vector<double>>();
  return {value.get<double>()};
}

// The row of a matrix for look k; one column is written as a plain list.
std::vector<double> row_of(const Json& matrix, std::size_t k) {
  return list_of(matrix["matrix_rows"][k]);
}

// Probabilities to stop at each look above and below, for each drift of the design.
void compare_probabilities(const Json& design, Outcome& outcome) {
  const auto sizes = list_of(design["n.I"]);
  std::vector<double> information;
  for (const double n : sizes) information.push_back(n / sizes.back());
  stats::LookBounds bounds;
  bounds.upper = list_of(design["upper"]["bound"]);
  bounds.lower.assign(bounds.upper.size(), -kInfinite);
  if (design.contains("lower") && design["lower"].contains("bound"))
    bounds.lower = list_of(design["lower"]["bound"]);
  // 20 is its infinity.
  for (double& bound : bounds.upper) bound = bound >= 20 ? kInfinite : bound;
  for (double& bound : bounds.lower) bound = bound <= -20 ? -kInfinite : bound;
  const auto drifts = list_of(design["theta"]);
  for (std::size_t j = 0; j < drifts.size(); ++j) {
    const auto found =
        stats::stop_probabilities(information, bounds, drifts[j] * std::sqrt(sizes.back()));
    for (std::size_t k = 0; k < information.size(); ++k) {
      outcome.within("crossing", found.above[k], row_of(design["upper"]["prob"], k)[j], 1e-6);
      if (!std::isinf(bounds.lower[k]))
        outcome.within("crossing below", found.below[k], row_of(design["lower"]["prob"], k)[j],
                       1e-6);
    }
  }
}

Outcome gs_probability(const Json&, const Json& output) {
  Outcome outcome;
  compare_probabilities(output, outcome);
  return outcome;
}

Outcome gs_design(const Json& inputs, const Json& output) {
  const int type = output["test.type"];
  if (type > 4)
    return Outcome::not_applicable(
        "a lower bound that spends under no effect, or a harm bound (test.type 5 to 8)");
  if (inputs.contains("maxn.IPlan") || inputs.contains("n.I"))
    return Outcome::not_applicable("sizes of looks against a plan: group_sequential_analysis");
  for (const char* field : {"testLower", "testUpper", "usTime", "lsTime"})
    if (inputs.contains(field))
      return Outcome::not_applicable(
          "bounds at some looks only, or spending on a clock of its own");
  const auto name = [&](const char* side) { return output[side].value("name", ""); };
  const auto parameter = [&](const char* side) { return output[side].value("param", Json()); };
  const auto spending = spending_of(name("upper"), parameter("upper"));
  if (!spending) return Outcome::not_applicable("a spending function with a gap");
  const double alpha = output["alpha"];
  Json request = {{"information", output["timing"]},
                  {"alpha", type == 2 ? 2 * alpha : alpha},
                  {"sides", type == 2 ? 2 : 1},
                  {"spending", *spending},
                  {"power", 1 - output["beta"].get<double>()}};
  if (type > 2) {
    const auto futility = spending_of(name("lower"), parameter("lower"));
    if (!futility) return Outcome::not_applicable("a spending function with a gap");
    request["beta_spending"] = *futility;
    request["binding_futility"] = type == 3;
  }
  const Json ours = ask("group_sequential_bounds", request);
  Outcome outcome;
  const auto upper = list_of(output["upper"]["bound"]);
  // Its classical bounds and those with futility are roots to 1e-6 in an error rate.
  const double tolerance = 2e-5;
  for (std::size_t k = 0; k < upper.size(); ++k)
    outcome.within("upper", ours["upper"][k].get<double>(), std::min(upper[k], 8.0), tolerance);
  if (type > 2) {
    const auto lower = list_of(output["lower"]["bound"]);
    for (std::size_t k = 0; k < lower.size(); ++k)
      outcome.within("lower", ours["lower"][k].get<double>(), lower[k], tolerance);
  }
  outcome.near("inflation", number_at(ours, "inflation_factor"),
               list_of(output["n.I"]).back() / output["n.fix"].get<double>(), 2e-5);
  compare_probabilities(output, outcome);
  return outcome;
}

// Our sizes are whole units an arm; a mean's default standard deviation is 1.7 there.
Outcome normal_size(const Json& inputs, const Json& output) {
  const double sd = inputs.value("sd", 1.7), ratio = inputs.value("ratio", 1.0);
  if (inputs.value("sd2", sd) != sd)
    return Outcome::not_applicable("a size for two standard deviations");
  Json request = {{"baseline", {{"mean", 0}, {"variance", sd * sd}}},
                  {"minimum_detectable_effect", inputs.value("delta1", 1.0)},
                  {"effect_scale", "absolute"},
                  {"alpha", inputs.value("alpha", 0.025)},
                  {"power", 1 - inputs.value("beta", 0.1)},
                  {"alternative", "greater"},
                  {"allocation", ratio / (1 + ratio)}};
  if (inputs.contains("n")) {
    request["n_total"] = inputs["n"];
    request.erase("power");
    const Json power = output.is_object() ? output.value("Power", Json()) : output;
    return Outcome().near("power", number_at(ask("power", request), "power"), power, 1e-9);
  }
  return Outcome().within("n", number_at(ask("sample_size", request), "n_control"),
                          std::ceil(output["n1"].get<double>()), 0);
}

// The score test of two shares under a shifted null, on the scale of their difference.
Outcome share_score(const Json& inputs, const Json& output) {
  const std::string scale = inputs.value("scale", "difference");
  const Json shifts = inputs.value("delta0", Json(0.0));
  if (scale != "difference" && scale != "Difference")
    return Outcome::not_applicable("score tests and intervals of ratios of shares");
  if (inputs["x1"].is_array()) return Outcome::not_applicable("several tables in one call");
  Outcome outcome;
  const auto share = [&](const char* x, const char* n) {
    return Json{{"n", inputs[n]}, {"successes", inputs[x]}};
  };
  const auto shift = list_of(shifts), statistic = list_of(output);
  for (std::size_t i = 0; i < shift.size(); ++i) {
    const Json ours = ask("proportion_difference", {{"control", share("x2", "n2")},
                                                    {"treatment", share("x1", "n1")},
                                                    {"null_value", shift[i]},
                                                    {"method", "miettinen_nurminen"}});
    // Farrington and Manning's statistic lacks the factor N / (N - 1) in its variance.
    const double total = inputs["n1"].get<double>() + inputs["n2"].get<double>();
    const double factor = inputs.value("adj", 0) == 1 ? 1 : std::sqrt(total / (total - 1));
    outcome.near("statistic", number_at(ours, "statistic") * factor, statistic[i], 1e-8);
  }
  return outcome;
}

Outcome share_score_interval(const Json& inputs, const Json& output) {
  const std::string scale = inputs.value("scale", "difference");
  if (scale != "difference" && scale != "Difference")
    return Outcome::not_applicable("score tests and intervals of ratios of shares");
  const auto share = [&](const char* x, const char* n) {
    return Json{{"n", inputs[n]}, {"successes", inputs[x]}};
  };
  const Json ours = ask("proportion_difference", {{"control", share("x2", "n2")},
                                                  {"treatment", share("x1", "n1")},
                                                  {"method", "miettinen_nurminen"}});
  // Its default is Farrington and Manning's interval, without the factor N / (N - 1).
  return Outcome()
      .within("lower", number_at(ours, "absolute.lower"), output["lower"].get<double>(), 0.02)
      .within("upper", number_at(ours, "absolute.upper"), output["upper"].get<double>(), 0.02);
}

Outcome not_offered(const char* what) { return Outcome::not_applicable(what); }
Outcome survival(const Json&, const Json&) { return not_offered("designs for survival times"); }
Outcome exact_binomial(const Json&, const Json&) {
  return not_offered("exact or simulated designs of counts");
}
Outcome conditional_power(const Json&, const Json&) {
  return not_offered("conditional power and re-estimated sizes");
}
Outcome given_increments(const Json&, const Json&) {
  return not_offered("bounds from error rates given look by look");
}
Outcome rounding(const Json&, const Json&) { return not_offered("its layout and rounding"); }
Outcome pooled_size(const Json&, const Json&) {
  return not_offered("sizes with a variance under the null (Farrington and Manning)");
}
Outcome sequential_p(const Json&, const Json&) {
  return not_offered("a p-value searched between .001 and .999 as its argument says");
}

const Adapters kGsDesign = {{"gsDesign", gs_design},
                            {"gsProbability", gs_probability},
                            {"nNormal", normal_size},
                            {"testBinomial", share_score},
                            {"ciBinomial", share_score_interval},
                            {"nBinomial", pooled_size},
                            {"nBinomial1Sample", exact_binomial},
                            {"simBinomial", exact_binomial},
                            {"binomialPowerTable", exact_binomial},
                            {"gsBinomialExact", exact_binomial},
                            {"toBinomialExact", exact_binomial},
                            {"simBinomialSeasonalExact", exact_binomial},
                            {"gsSurv", survival},
                            {"gsSurvCalendar", survival},
                            {"gsSurvPower", survival},
                            {"nSurv", survival},
                            {"nEvents", survival},
                            {"nEventsIA", survival},
                            {"tEventsIA", survival},
                            {"hrn2z", survival},
                            {"zn2hr", survival},
                            {"hrz2n", survival},
                            {"minMedianFollowUp", survival},
                            {"condPower", conditional_power},
                            {"gsCP", conditional_power},
                            {"gsCPz", conditional_power},
                            {"gsPOS", conditional_power},
                            {"ssrCP", conditional_power},
                            {"Power.ssrCP", conditional_power},
                            {"gsBound", given_increments},
                            {"gsBound1", given_increments},
                            {"gsDensity", rounding},
                            {"gsDelta", rounding},
                            {"gsBoundSummary", rounding},
                            {"toInteger", rounding},
                            {"sequentialPValue", sequential_p}};

TEST(OraclesTest, GsDesign) { run_recorded_calls("gsDesign", kGsDesign); }

}  // namespace
}  // namespace descant::oracles
