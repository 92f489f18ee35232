// SPDX-License-Identifier: Apache-2.0
// The recorded calls of the tea-tasting test suite.
#include "recorded_calls.h"

namespace descant::oracles {
namespace {

Outcome tea_proportion(const Json& inputs, const Json& output) {
  static const std::map<std::string, std::string> methods = {
      {"barnard", "barnard"},       {"boschloo", "boschloo"},   {"fisher", "fisher"},
      {"log-likelihood", "g_test"}, {"pearson", "chi_squared"}, {"norm", "z_pooled"}};
  const Json& metric = inputs["metric"];
  const std::string method = metric["method"];
  const bool approximate = method == "log-likelihood" || method == "pearson" || method == "norm";
  if (approximate && metric["correction"].get<bool>())
    return Outcome::not_applicable("continuity corrections are not offered");
  const auto arm = [&](std::size_t i) {
    const Json& aggregate = inputs["args"][0][inputs["args"][i].dump()];
    const double n = aggregate["count"];
    return Json{{"n", n}, {"successes", std::round(n * aggregate["mean"].begin()->get<double>())}};
  };
  const Json ours =
      ask("proportion_difference", {{"control", arm(1)},
                                    {"treatment", arm(2)},
                                    {"method", methods.at(method)},
                                    {"alternative", our_alternative(metric["alternative"])}});
  return Outcome()
      .near("difference", number_at(ours, "absolute.estimate"), output["effect_size"], 1e-9)
      .near("relative", number_at(ours, "relative.estimate"), output["rel_effect_size"], 1e-9)
      .near("p_value", number_at(ours, "p_value"), output["pvalue"], 1e-6);
}

// Aggregates of several columns as a sample.
Json tea_columns(const Json& aggregate) {
  Json names = Json::array(), means = Json::array(), covariance = Json::array();
  for (const auto& [name, mean] : aggregate["mean"].items()) {
    names.push_back(name);
    means.push_back(mean);
  }
  for (const auto& row : names) {
    Json line = Json::array();
    for (const auto& column : names) {
      double value = 0;
      if (row == column) value = aggregate["var"][row.get<std::string>()];
      for (const auto& pair : aggregate["cov"])
        if ((pair["x"] == row && pair["y"] == column) || (pair["x"] == column && pair["y"] == row))
          value = pair["cov"];
      line.push_back(value);
    }
    covariance.push_back(line);
  }
  return {
      {"n", aggregate["count"]}, {"names", names}, {"means", means}, {"covariance", covariance}};
}

Outcome tea_means(const Json& inputs, const Json& output) {
  const Json& metric = inputs["metric"];
  if (metric["equal_var"].get<bool>() && !metric["denom"].is_null())
    return Outcome::not_applicable("a ratio with a pooled variance is not offered");
  Json request = {{"control", tea_columns(inputs["args"][0][inputs["args"][1].dump()])},
                  {"treatment", tea_columns(inputs["args"][0][inputs["args"][2].dump()])},
                  {"outcome", metric_of(metric["numer"], metric["denom"])},
                  {"covariates", Json::array()},
                  {"confidence_level", metric["confidence_level"]},
                  {"alternative", our_alternative(metric["alternative"])}};
  Outcome outcome;
  if (!metric["numer_covariate"].is_null()) {
    request["covariates"].push_back(
        metric_of(metric["numer_covariate"], metric["denom_covariate"]));
    const Json ours = ask("adjusted_difference", request);
    // Its theta is of all rows together, ours of the rows within their arms; its reference is
    // normal.
    const double se = number_at(ours, "absolute.standard_error");
    return outcome
        .within("difference", number_at(ours, "absolute.estimate"), output["effect_size"],
                0.02 * se)
        .within("statistic", number_at(ours, "statistic"), output["statistic"], 0.02);
  }
  const Json ours = ask("adjusted_difference", request);
  return outcome
      .near("difference", number_at(ours, "absolute.estimate"), output["effect_size"], 1e-9)
      .near("lower", number_at(ours, "absolute.lower"), output["effect_size_ci_lower"], 1e-9)
      .near("upper", number_at(ours, "absolute.upper"), output["effect_size_ci_upper"], 1e-9)
      .near("relative", number_at(ours, "relative.estimate"), output["rel_effect_size"], 1e-9)
      .near("statistic", number_at(ours, "statistic"), output["statistic"], 1e-9)
      .near("p_value", number_at(ours, "p_value"), output["pvalue"], 1e-9);
}

Outcome tea_power(const Json& inputs, const Json& output) {
  const Json& metric = inputs["metric"];
  const Json& aggregate = inputs["args"][0];
  if (!aggregate.contains("mean")) return Outcome::not_applicable("a table instead of aggregates");
  if (output.size() != 1) return Outcome::not_applicable("a grid of designs in one call");
  if (!metric["denom"].is_null() || !metric["numer_covariate"].is_null())
    return Outcome::not_applicable("a ratio or covariate planned from several columns");
  const std::string column = metric["numer"];
  const Json& peer = output[0];
  Json request = {
      {"baseline", {{"mean", aggregate["mean"][column]}, {"variance", aggregate["var"][column]}}},
      {"effect_scale", "absolute"},
      {"alpha", metric["alpha"]},
      {"power", metric["power"]},
      {"alternative", our_alternative(metric["alternative"])},
      {"distribution", "t"}};
  const std::string wanted =
      inputs["args"].size() > 1 ? inputs["args"][1].get<std::string>() : "power";
  if (wanted == "n_obs") {
    request["minimum_detectable_effect"] = peer["effect_size"];
    return Outcome().within("n_total", number_at(ask("sample_size", request), "n_total"),
                            peer["n_obs"].get<double>(), 1);
  }
  request["n_total"] = peer["n_obs"];
  if (wanted == "power") {
    request["minimum_detectable_effect"] = peer["effect_size"];
    return Outcome().near("power", number_at(ask("power", request), "power"), peer["power"], 1e-6);
  }
  const Json ours = ask("minimum_detectable_effect", request);
  return Outcome()
      .near("effect", number_at(ours, "minimum_detectable_effect.absolute"), peer["effect_size"],
            1e-6)
      .near("relative", number_at(ours, "minimum_detectable_effect.relative"),
            peer["rel_effect_size"], 1e-6);
}

Outcome tea_sample_ratio(const Json& inputs, const Json& output) {
  if (inputs["metric"]["method"] != "norm" || inputs["metric"]["correction"].get<bool>())
    return Outcome::not_applicable("binomial test or continuity correction");
  const double ratio = inputs["metric"]["ratio"];
  const Json ours = ask("sample_ratio_test", {{"counts", {output["control"], output["treatment"]}},
                                              {"expected", {1.0, ratio}}});
  return Outcome().near("p_value", number_at(ours, "p_value"), output["pvalue"], 1e-9);
}

Outcome tea_multiplicity(const Json& inputs, const Json& output, std::string method) {
  std::vector<std::string> kept;
  if (inputs["args"].size() > 1) {
    if (inputs["args"][1].is_string()) kept.push_back(inputs["args"][1]);
    if (inputs["args"][1].is_array()) kept = inputs["args"][1].get<std::vector<std::string>>();
  }
  Json p_values = Json::array(), adjusted = Json::array();
  for (const auto& [pair, metrics] : output.items())
    for (const auto& [name, result] : metrics.items())
      if (result.contains("pvalue_adj") &&
          (kept.empty() || std::find(kept.begin(), kept.end(), name) != kept.end())) {
        p_values.push_back(result["pvalue"]);
        adjusted.push_back(result["pvalue_adj"]);
      }
  const Json ours = ask("adjust_p_values", {{"p_values", p_values}, {"method", method}});
  Outcome outcome;
  for (std::size_t i = 0; i < adjusted.size(); ++i)
    outcome.near("adjusted", ours["adjusted"][i].get<double>(), adjusted[i], 1e-9);
  return outcome;
}

Outcome tea_fdr(const Json& inputs, const Json& output) {
  const bool any = inputs["kwargs"].value("arbitrary_dependence", false);
  return tea_multiplicity(inputs, output, any ? "benjamini_yekutieli" : "benjamini_hochberg");
}

Outcome tea_fwer(const Json& inputs, const Json& output) {
  const bool any = inputs["kwargs"].value("arbitrary_dependence", false);
  const bool bonferroni = inputs["kwargs"].value("method", "sidak") == "bonferroni";
  if (!any && !bonferroni)
    return Outcome::not_applicable("Hochberg with Sidak's levels is not offered");
  return tea_multiplicity(inputs, output, !any ? "hochberg" : bonferroni ? "holm" : "holm_sidak");
}

Outcome tea_ranks(const Json& inputs, const Json& output) {
  const Json& metric = inputs["metric"];
  const auto arm = [&](std::size_t i) {
    Json values = Json::array();
    const Json& column = inputs["args"][0][inputs["args"][i].dump()];
    for (const auto& value : column[metric["column"].get<std::string>()])
      if (value.is_number()) values.push_back(value);
    return Json{{"values", values}};
  };
  const Json control = arm(1), treatment = arm(2);
  const bool small = control["values"].size() < 8 && treatment["values"].size() < 8;
  const bool exact = metric["method"] == "exact" || (metric["method"] == "auto" && small);
  const Json ours = ask("rank_sum_test", {{"control", control},
                                          {"treatment", treatment},
                                          {"method", exact ? "exact" : "normal"},
                                          {"continuity_correction", metric["correction"]},
                                          {"alternative", our_alternative(metric["alternative"])}});
  const double share = number_at(ours, "probability_of_superiority");
  const bool all_equal = std::isnan(number_at(ours, "p_value"));
  Outcome outcome;
  outcome.near("statistic", number_at(ours, "statistic"), output["statistic"], 1e-12)
      .near("treatment", share, output["treatment"], 1e-12)
      .near("effect", 2 * share - 1, output["effect_size"], 1e-12);
  // One recording has a made-up p-value in scipy's place. Rows that are all equal have the p-value
  // 1 there, and here null with a warning.
  if (output["pvalue"] != 0.1 && !(all_equal && output["pvalue"] == 1))
    outcome.near("p_value", number_at(ours, "p_value"), output["pvalue"], 1e-9);
  return outcome;
}

Outcome tea_aggregates(const Json&, const Json&) {
  return Outcome::not_applicable("a linearised variance as an answer of its own");
}

const Adapters kTeaTasting = {{"Proportion.analyze", tea_proportion},
                              {"RatioOfMeans.analyze", tea_means},
                              {"RatioOfMeans.solve_power", tea_power},
                              {"SampleRatio.analyze", tea_sample_ratio},
                              {"MannWhitneyU.analyze", tea_ranks},
                              {"Aggregates.ratio_var", tea_aggregates},
                              {"Aggregates.ratio_cov", tea_aggregates},
                              {"adjust_fdr", tea_fdr},
                              {"adjust_fwer", tea_fwer}};

TEST(OraclesTest, TeaTasting) { run_recorded_calls("tea_tasting", kTeaTasting); }

}  // namespace
}  // namespace descant::oracles
