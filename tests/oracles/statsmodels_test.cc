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

// Two samples of rows: statsmodels subtracts the second from the first.
Json two_rows(const Json& inputs) {
  return {{"control", {{"values", inputs["x2"]}}}, {"treatment", {{"values", inputs["x1"]}}}};
}

bool is_plain(const Json& inputs) {
  return inputs["x1"].is_array() && !inputs["x1"].empty() && inputs["x1"][0].is_number() &&
         inputs["x2"].is_array() && inputs["x2"][0].is_number();
}

Outcome t_test(const Json& inputs, const Json& output) {
  if (!is_plain(inputs)) return Outcome::not_applicable("several columns in one call");
  if (inputs.contains("weights") || inputs.contains("value"))
    return Outcome::not_applicable("weights, or a shifted null of several columns");
  Json request = two_rows(inputs);
  request["method"] = inputs.value("usevar", "pooled") == "pooled" ? "student" : "welch";
  request["alternative"] = our_alternative(inputs.value("alternative", "two-sided"));
  const Json ours = ask("mean_difference", request);
  return Outcome()
      .near("statistic", number_at(ours, "statistic"), output[0], 1e-9)
      .near("p_value", number_at(ours, "p_value"), output[1], 1e-8)
      .near("degrees", number_at(ours, "degrees_of_freedom"), output[2], 1e-9);
}

Outcome equivalence(const Json& inputs, const Json& output) {
  if (!is_plain(inputs)) return Outcome::not_applicable("several columns in one call");
  if (inputs.value("usevar", "pooled") == "pooled")
    return Outcome::not_applicable("equivalence with a pooled variance");
  if (inputs.contains("transform") && !inputs["transform"].is_null())
    return Outcome::not_applicable("equivalence on a transformed scale");
  if (!inputs["low"].is_number() || !inputs["upp"].is_number())
    return Outcome::not_applicable("several columns in one call");
  const double low = inputs["low"], high = inputs["upp"];
  if (!(low < 0 && high > 0)) return Outcome::not_applicable("margins on one side of zero");
  Json request = two_rows(inputs);
  request.update({{"lower_margin", -low}, {"upper_margin", high}});
  const Json ours = ask("equivalence_test", request);
  return Outcome()
      .near("p_value", number_at(ours, "p_value"), output[0], 1e-8)
      .near("lower", number_at(ours, "lower_test.p_value"), output[1][1], 1e-8)
      .near("upper", number_at(ours, "upper_test.p_value"), output[2][1], 1e-8);
}

// Why no call of a function can be compared, by the start of its name.
std::string reason_for(const std::string& function) {
  static const std::pair<const char*, const char*> kReasons[] = {
      {"rates.", "Poisson and negative binomial rates: ratio metrics here use their rows"},
      {"proportion.proportion_confint", "an interval of one arm alone"},
      {"proportion.proportions_chisquare_", "more than two shares pair by pair"},
      {"proportion.", "one share, multinomial shares, or designs of exact tests"},
      {"DescrStatsW.", "one sample alone, with weights"},
      {"CompareMeans.", "the record has no samples (an object of theirs)"},
      {"CombineResults.", "the record has no estimates (an object of theirs)"},
      {"meta_analysis.", "the answer is an object of theirs, without numbers in the record"},
      {"weightstats.", "one sample, paired rows, or an ordinary z test of them"},
      {"nonparametric.", "Brunner and Munzel's test, which is not Mann and Whitney's"},
      {"RankCompareResult.", "Brunner and Munzel's test, which is not Mann and Whitney's"},
      {"oneway.", "analysis of variance over many arms"},
      {"FTest", "analysis of variance over many arms"},
      {"power.ftest", "analysis of variance over many arms"},
      {"power.", "one-sample designs"},
      {"TTestPower", "one-sample designs"},
      {"GofChisquarePower", "power of a goodness-of-fit test"},
      {"NullDistribution", "an empirical null distribution"},
      {"SquareTable", "matched tables"},
      {"contingency_tables.", "matched tables"},
      {"multitest.", "two-stage FDR procedures are not offered"}};
  for (const auto& [start, reason] : kReasons)
    if (function.starts_with(start)) return reason;
  return "no such operation: " + function;
}

const Adapters kStatsmodels = {{"multitest.multipletests", adjusted_p_values},
                               {"multitest.fdrcorrection", adjusted_p_values},
                               {"weightstats.ttest_ind", t_test},
                               {"weightstats.ttost_ind", equivalence},
                               {"proportion.proportions_ztest", pooled_share_test},
                               {"proportion.proportions_chisquare", pooled_share_test},
                               {"proportion.confint_proportions_2indep", share_interval},
                               {"proportion.test_proportions_2indep", share_test},
                               {"TTestIndPower.power", planned_t},
                               {"TTestIndPower.solve_power", planned_t},
                               {"NormalIndPower.power", planned_normal},
                               {"NormalIndPower.solve_power", planned_normal}};

Outcome statsmodels_case(const Json& item, const Json&) {
  for (const auto& call : item["calls"])
    if (kStatsmodels.contains(call["fn"].get<std::string>())) return outcome_of(item, kStatsmodels);
  return Outcome::not_applicable(reason_for(item["calls"].back()["fn"]));
}

TEST(OraclesTest, Statsmodels) { run_cases("statsmodels", statsmodels_case); }

}  // namespace
}  // namespace descant::oracles
