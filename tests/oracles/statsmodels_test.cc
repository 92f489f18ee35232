// SPDX-License-Identifier: Apache-2.0
// The recorded calls of the statsmodels test suite.
#include "recorded_calls.h"

namespace descant::oracles {
namespace {

std::string our_multiplicity(const std::string& name) {
  static const std::map<std::string, std::string> names = {{"b", "bonferroni"},
                                                           {"s", "sidak"},
                                                           {"h", "holm"},
                                                           {"hs", "holm_sidak"},
                                                           {"sh", "hochberg"},
                                                           {"ho", "hommel"},
                                                           {"fdr_i", "benjamini_hochberg"},
                                                           {"i", "benjamini_hochberg"},
                                                           {"fdr_n", "benjamini_yekutieli"},
                                                           {"n", "benjamini_yekutieli"}};
  const auto found = names.find(name);
  return found == names.end() ? "" : found->second;
}

Outcome adjusted_p_values(const Json& inputs, const Json& output) {
  const std::string method = our_multiplicity(inputs.value("method", "hs"));
  if (method.empty()) return Outcome::not_applicable("two-stage FDR procedures are not offered");
  const Json ours = ask(
      "adjust_p_values",
      {{"p_values", inputs["pvals"]}, {"method", method}, {"alpha", inputs.value("alpha", 0.05)}});
  Outcome outcome;
  for (std::size_t i = 0; i < output[1].size(); ++i) {
    outcome.near(fmt::format("adjusted[{}]", i), ours["adjusted"][i].get<double>(), output[1][i],
                 1e-9);
    outcome.within("rejected", ours["rejected"][i].get<bool>(), output[0][i].get<bool>(), 0);
  }
  return outcome;
}

Json share(const Json& successes, const Json& n) {
  return {{"n", n.get<double>()}, {"successes", successes.get<double>()}};
}

// Two shares: statsmodels subtracts the second from the first.
std::optional<Json> two_shares(const Json& inputs) {
  if (inputs.contains("count1"))
    return Json{{"control", share(inputs["count2"], inputs["nobs2"])},
                {"treatment", share(inputs["count1"], inputs["nobs1"])}};
  if (!inputs["count"].is_array() || inputs["count"].size() != 2) return {};
  return Json{{"control", share(inputs["count"][1], inputs["nobs"][1])},
              {"treatment", share(inputs["count"][0], inputs["nobs"][0])}};
}

Outcome pooled_share_test(const Json& inputs, const Json& output) {
  auto request = two_shares(inputs);
  if (!request) return Outcome::not_applicable("one sample, or more than two");
  const bool chi_squared = output.size() == 3;
  (*request)["method"] = chi_squared ? "chi_squared" : "z_pooled";
  const Json ours = ask("proportion_difference", *request);
  return Outcome()
      .near("statistic", number_at(ours, "statistic"), output[0], 1e-9)
      .near("p_value", number_at(ours, "p_value"), output[1], 1e-7);
}

Outcome share_interval(const Json& inputs, const Json& output) {
  const std::string method = inputs["method"], compare = inputs["compare"];
  const bool corrected = inputs.value("correction", true);
  std::string ours_method = "z_unpooled", block = "absolute";
  double tolerance = 1e-8;
  if (compare == "diff" && method == "score" && corrected) {
    // statsmodels solves the constrained cubic with a count where the paper has the units.
    ours_method = "miettinen_nurminen", tolerance = 2e-2;
  } else if (compare == "diff" && method == "newcomb") {
    ours_method = "newcombe";
  } else if (compare == "diff" && method == "agresti-caffo") {
    ours_method = "agresti_caffo";
  } else if (compare == "ratio" && method == "log") {
    block = "risk_ratio";
  } else if (compare != "diff" && compare != "ratio" && method == "logit") {
    block = "odds_ratio";
  } else if (method != "wald") {
    return Outcome::not_applicable("score and smoothed intervals of ratios are not offered");
  }
  Json request = *two_shares(inputs);
  request["method"] = ours_method;
  request["confidence_level"] = 1 - inputs.value("alpha", 0.05);
  const Json ours = ask("proportion_difference", request);
  return Outcome()
      .near("lower", number_at(ours, block + ".lower"), output[0], tolerance)
      .near("upper", number_at(ours, block + ".upper"), output[1], tolerance);
}

Outcome share_test(const Json& inputs, const Json& output) {
  if (inputs["method"] != "wald" || inputs["compare"] != "diff")
    return Outcome::not_applicable("only Wald tests have a shifted null in both");
  Json request = *two_shares(inputs);
  request["null_value"] = inputs.value("value", 0.0);
  request["alternative"] = our_alternative(inputs.value("alternative", "two-sided"));
  const Json ours = ask("proportion_difference", request);
  const bool is_list = output.is_array();
  return Outcome()
      .near("statistic", number_at(ours, "statistic"), is_list ? output[0] : output["statistic"],
            1e-9)
      .near("p_value", number_at(ours, "p_value"), is_list ? output[1] : output["pvalue"], 1e-9);
}

// Sizes agree when they round up to the same unit; a peer's root may sit a hair beyond one.
Outcome& same_size(Outcome& outcome, const Json& ours, double peer) {
  const bool at_edge = std::abs(peer - std::round(peer)) < 1e-3;
  return outcome.within("n_control", number_at(ours, "n_control"), std::ceil(peer),
                        at_edge ? 1 : 0);
}

Outcome planned(const Json& inputs, const Json& output, const char* distribution) {
  const Json& args = inputs["args"];
  const auto given = [&](const char* key) { return args.contains(key) && !args[key].is_null(); };
  for (const auto& [key, value] : args.items())
    if (value.is_array()) return Outcome::not_applicable("a grid of designs in one call");
  if (args.contains("alpha") && !given("alpha"))
    return Outcome::not_applicable("solves for alpha or the allocation");
  if (args.contains("ratio") && !given("ratio"))
    return Outcome::not_applicable("solves for alpha or the allocation");
  const double ratio = args.value("ratio", 1.0);
  if (ratio == 0) return Outcome::not_applicable("one-sample designs");
  if (given("power") && args["power"].get<double>() <= args.value("alpha", 0.05))
    return Outcome::not_applicable("a power of at most alpha is an error here");
  const std::string alternative = our_alternative(args.value("alternative", "two-sided"));
  Json request = {{"baseline", {{"mean", 0}, {"variance", 1}}}, {"effect_scale", "absolute"},
                  {"alpha", args.value("alpha", 0.05)},         {"alternative", alternative},
                  {"allocation", ratio / (1 + ratio)},          {"distribution", distribution}};
  if (given("effect_size")) {
    const double effect = args["effect_size"];
    if (effect == 0) return Outcome::not_applicable("an effect of 0 is an error here");
    if ((effect < 0 && alternative == "greater") || (effect > 0 && alternative == "less"))
      return Outcome::not_applicable("an effect against the alternative is an error here");
    request["minimum_detectable_effect"] = effect;
  }
  if (given("power")) request["power"] = args["power"];
  if (given("nobs1")) {
    const double total = args["nobs1"].get<double>() * (1 + ratio);
    if (total != std::round(total)) return Outcome::not_applicable("a fraction of a unit");
    request["n_total"] = total;
  }
  Outcome outcome;
  if (!given("nobs1")) {
    same_size(outcome, ask("sample_size", request), output);
  } else if (!given("effect_size")) {
    outcome.near(
        "effect",
        number_at(ask("minimum_detectable_effect", request), "minimum_detectable_effect.absolute"),
        output.is_array() ? output[0] : output, 1e-3);  // its own test asks no more
  } else {
    outcome.near("power", number_at(ask("power", request), "power"), output, 1e-7);
  }
  return outcome;
}

Outcome planned_t(const Json& in, const Json& out) { return planned(in, out, "t"); }
Outcome planned_normal(const Json& in, const Json& out) { return planned(in, out, "normal"); }

const Adapters kStatsmodels = {{"multitest.multipletests", adjusted_p_values},
                               {"multitest.fdrcorrection", adjusted_p_values},
                               {"proportion.proportions_ztest", pooled_share_test},
                               {"proportion.proportions_chisquare", pooled_share_test},
                               {"proportion.confint_proportions_2indep", share_interval},
                               {"proportion.test_proportions_2indep", share_test},
                               {"TTestIndPower.power", planned_t},
                               {"TTestIndPower.solve_power", planned_t},
                               {"NormalIndPower.power", planned_normal},
                               {"NormalIndPower.solve_power", planned_normal}};

TEST(OraclesTest, Statsmodels) { run_recorded_calls("statsmodels", kStatsmodels); }

}  // namespace
}  // namespace descant::oracles
