// SPDX-License-Identifier: Apache-2.0
// The recorded calls of the gbstats (GrowthBook) test suite.
#include <optional>

#include "recorded_calls.h"

namespace descant::oracles {
namespace {

struct GbColumn {
  std::string name;
  double sum = 0, sum_squares = 0;
  bool is_share = false;
};

GbColumn gb_column(std::string name, const Json& statistic) {
  const bool is_share = statistic.value("_type", "") == "ProportionStatistic";
  return {std::move(name), statistic.value("sum", 0.0), statistic.value("sum_squares", 0.0),
          is_share};
}

// The divisor of a share's variance is n there.
Json gb_sample(double n, const std::vector<GbColumn>& columns,
               const std::map<std::string, double>& products) {
  Json names = Json::array(), means = Json::array(), covariance = Json::array();
  for (const auto& row : columns) {
    names.push_back(row.name);
    means.push_back(row.sum / n);
    Json line = Json::array();
    for (const auto& column : columns) {
      const double centre = row.sum * column.sum / n;
      double value = 0;
      if (row.name == column.name)
        value =
            row.is_share ? row.sum / n * (1 - row.sum / n) : (row.sum_squares - centre) / (n - 1);
      else
        value = (products.at(std::min(row.name, column.name) + std::max(row.name, column.name)) -
                 centre) /
                (n - 1);
      line.push_back(value);
    }
    covariance.push_back(line);
  }
  return {{"n", n}, {"names", names}, {"means", means}, {"covariance", covariance}};
}

// Columns: m the outcome's numerator, d its denominator, x and y those of the covariate.
Json gb_sample_of(const Json& s) {
  const std::string type = s["_type"];
  const double n = s["n"];
  const auto product = [&](const char* key) { return s.value(key, 0.0); };
  if (type == "RatioStatistic")
    return gb_sample(n, {gb_column("m", s["m_statistic"]), gb_column("d", s["d_statistic"])},
                     {{"dm", product("m_d_sum_of_products")}});
  if (type == "RegressionAdjustedStatistic")
    return gb_sample(n, {gb_column("m", s["post_statistic"]), gb_column("x", s["pre_statistic"])},
                     {{"mx", product("post_pre_sum_of_products")}});
  if (type == "RegressionAdjustedRatioStatistic")
    return gb_sample(n,
                     {gb_column("m", s["m_statistic_post"]), gb_column("d", s["d_statistic_post"]),
                      gb_column("x", s["m_statistic_pre"]), gb_column("y", s["d_statistic_pre"])},
                     {{"mx", product("m_post_m_pre_sum_of_products")},
                      {"dy", product("d_post_d_pre_sum_of_products")},
                      {"xy", product("m_pre_d_pre_sum_of_products")},
                      {"dm", product("m_post_d_post_sum_of_products")},
                      {"my", product("m_post_d_pre_sum_of_products")},
                      {"dx", product("m_pre_d_post_sum_of_products")}});
  return gb_sample(n, {gb_column("m", s)}, {});
}

bool has_column(const Json& sample, const char* name) {
  return std::find(sample["names"].begin(), sample["names"].end(), name) != sample["names"].end();
}

struct GbNumbers {
  Json estimate, standard_error, interval, p_value;
};

Outcome gb_compare(const Json& pair, const Json& config, const GbNumbers& peer,
                   const std::string& alternative) {
  if (pair[0].value("theta", Json()).is_number() || pair[1].value("theta", Json()).is_number())
    return Outcome::not_applicable("theta given by the caller");
  const Json control = gb_sample_of(pair[0]), treatment = gb_sample_of(pair[1]);
  Json covariates = Json::array();
  if (has_column(control, "x"))
    covariates.push_back(metric_of("x", has_column(control, "y") ? Json("y") : Json()));
  const Json ours = ask("adjusted_difference",
                        {{"control", control},
                         {"treatment", treatment},
                         {"outcome", metric_of("m", has_column(control, "d") ? Json("d") : Json())},
                         {"covariates", covariates},
                         {"alternative", alternative},
                         {"confidence_level", 1 - config.value("alpha", 0.05)}});
  const bool relative = config["difference_type"] == "relative";
  if (relative && number_at(ours, "control.estimate") < 0)
    return Outcome::not_applicable("it divides by the magnitude of a negative control");
  const double se = number_at(ours, "absolute.standard_error");
  Outcome outcome;
  if (!covariates.empty()) {
    // Its theta is of all rows together and its relative effect divides by the unadjusted control.
    const double divisor = relative ? number_at(ours, "unadjusted.control.estimate") : 1.0;
    outcome.within("difference", number_at(ours, "absolute.estimate"),
                   peer.estimate.get<double>() * divisor, 0.02 * se);
    if (!relative) outcome.near("standard error", se, peer.standard_error, 0.01);
    return outcome;
  }
  const std::string block = relative ? "relative" : "absolute";
  outcome.near("estimate", number_at(ours, block + ".estimate"), peer.estimate, 1e-9)
      .near("standard error", number_at(ours, block + ".standard_error"), peer.standard_error,
            1e-9);
  if (peer.interval.is_array())
    outcome.near("lower", number_at(ours, block + ".lower"), peer.interval[0], 1e-9)
        .near("upper", number_at(ours, block + ".upper"), peer.interval[1], 1e-9);
  // Its p-value of a relative effect is a test of that effect, ours always of the absolute one.
  if (!relative && !peer.p_value.is_null())
    outcome.near("p_value", number_at(ours, "p_value"), peer.p_value, 1e-9);
  return outcome;
}

bool is_quantile(const Json& statistic) {
  return statistic["_type"].get<std::string>().find("Quantile") != std::string::npos;
}

// A plain mean, share or ratio as a sample of stratified_difference; nothing for adjusted ones.
std::optional<Json> gb_plain_sample(const Json& s) {
  const std::string type = s["_type"];
  if (type != "SampleMeanStatistic" && type != "ProportionStatistic" && type != "RatioStatistic")
    return {};
  const Json columns = gb_sample_of(s);
  const Json& means = columns["means"];
  const Json& covariance = columns["covariance"];
  if (type != "RatioStatistic")
    return Json{{"n", s["n"]}, {"mean", means[0]}, {"variance", covariance[0][0]}};
  return Json{{"n", s["n"]},
              {"numerator", {{"mean", means[0]}, {"variance", covariance[0][0]}}},
              {"denominator", {{"mean", means[1]}, {"variance", covariance[1][1]}}},
              {"covariance", covariance[0][1]}};
}

// Its strata are multinomial as ours; it estimates their share with other small-sample factors.
Outcome gb_strata(const Json& inputs, const GbNumbers& peer) {
  Json strata = Json::array();
  for (const auto& pair : inputs["stats"]) {
    const auto control = gb_plain_sample(pair[0]), treatment = gb_plain_sample(pair[1]);
    if (!control || !treatment)
      return Outcome::not_applicable("strata and a covariate at once from moments");
    strata.push_back({{"control", *control}, {"treatment", *treatment}});
  }
  const Json ours = ask("stratified_difference", {{"strata", strata}});
  const bool relative = inputs["config"]["difference_type"] == "relative";
  const std::string block = relative ? "relative" : "absolute";
  if (relative && number_at(ours, "control.estimate") < 0)
    return Outcome::not_applicable("it divides by the magnitude of a negative control");
  if (std::isnan(number_at(ours, "absolute.estimate")))
    return Outcome::not_applicable("an arm that is empty in every usable stratum: null here");
  return Outcome()
      .near("estimate", number_at(ours, block + ".estimate"), peer.estimate, 1e-6)
      .near("standard error", number_at(ours, block + ".standard_error"), peer.standard_error,
            0.01);
}

Outcome gb_pair(const Json& inputs, const GbNumbers& peer, const std::string& alternative) {
  const Json& config = inputs["config"];
  if (inputs["stats"].size() != 1) return gb_strata(inputs, peer);
  if (config["difference_type"] == "scaled" || config.value("test_value", 0.0) != 0)
    return Outcome::not_applicable("effects scaled to the whole traffic, or a shifted null");
  if (is_quantile(inputs["stats"][0][0]))
    return Outcome::not_applicable("a quantile's moments: our quantiles take raw rows");
  return gb_compare(inputs["stats"][0], config, peer, alternative);
}

Outcome gb_test(const Json& inputs, const Json& output, const std::string& alternative) {
  if (!output["errorMessage"].is_null())
    return Outcome::not_applicable("its error is zeros, ours is null");
  return gb_pair(inputs,
                 {output["expected"], output["uplift"]["stddev"], output["ci"], output["pValue"]},
                 alternative);
}

Outcome gb_two_sided(const Json& in, const Json& out) { return gb_test(in, out, "two_sided"); }
Outcome gb_greater(const Json& in, const Json& out) { return gb_test(in, out, "greater"); }
Outcome gb_less(const Json& in, const Json& out) { return gb_test(in, out, "less"); }

Outcome gb_moments(const Json& inputs, const Json& output) {
  if (!output["error_message"].is_null())
    return Outcome::not_applicable("its error is zeros, ours is null");
  return gb_pair(inputs, {output["point_estimate"], output["standard_error"], {}, {}}, "two_sided");
}

// Its posterior of an unadjusted effect: prior on the scale that prior_type names.
Outcome gb_bayes(const Json& inputs, const Json& output) {
  if (!output["errorMessage"].is_null())
    return Outcome::not_applicable("its error is zeros, ours is null");
  const Json& config = inputs["config"];
  if (inputs["stats"].size() != 1) return Outcome::not_applicable("a prior over strata");
  if (is_quantile(inputs["stats"][0][0]))
    return Outcome::not_applicable("a quantile's moments: our quantiles take raw rows");
  const std::string scale = config["difference_type"];
  if (scale == "scaled")
    return Outcome::not_applicable("effects scaled to the whole traffic, or a shifted null");
  const Json& prior = config["prior_effect"];
  const bool proper = prior["proper"];
  if (proper && config["prior_type"] != scale)
    return Outcome::not_applicable("a prior of another scale than the effect's");
  const auto control = gb_plain_sample(inputs["stats"][0][0]);
  const auto treatment = gb_plain_sample(inputs["stats"][0][1]);
  if (!control || !treatment) return Outcome::not_applicable("a prior on an adjusted effect");
  const Json ours = ask(
      "bayesian_difference",
      {{"control", *control},
       {"treatment", *treatment},
       {"scale", scale},
       {"prior", {{"mean", prior["mean"]}, {"variance", prior["variance"]}, {"proper", proper}}},
       {"direction", config.value("inverse", false) ? "decrease" : "increase"},
       {"confidence_level", 1 - config.value("alpha", 0.05)}});
  Outcome outcome;
  outcome
      .near("estimate", number_at(ours, "credible_interval.estimate"), output["uplift"]["mean"],
            1e-9)
      .near("deviation", number_at(ours, "credible_interval.standard_error"),
            output["uplift"]["stddev"], 1e-9)
      .near("lower", number_at(ours, "credible_interval.lower"), output["ci"][0], 1e-9)
      .near("upper", number_at(ours, "credible_interval.upper"), output["ci"][1], 1e-9)
      .near("better", number_at(ours, "probability_better"), output["chanceToWin"], 1e-9)
      .near("risk", number_at(ours, "risk.control"), output["risk"][0], 1e-7)
      .near("risk", number_at(ours, "risk.treatment"), output["risk"][1], 1e-7);
  return outcome;
}

// Waudby-Smith's asymptotic sequence with its default tuning, of an absolute effect.
Outcome gb_sequential(const Json& inputs, const Json& output, const std::string& alternative) {
  if (!output["errorMessage"].is_null())
    return Outcome::not_applicable("its error is zeros, ours is null");
  const Json& config = inputs["config"];
  if (inputs["stats"].size() != 1) return Outcome::not_applicable("a sequence over strata");
  const auto control = gb_plain_sample(inputs["stats"][0][0]);
  const auto treatment = gb_plain_sample(inputs["stats"][0][1]);
  if (!control || !treatment) return Outcome::not_applicable("a sequence of an adjusted effect");
  const bool relative = config["difference_type"] == "relative";
  if (config.value("rho", Json()).is_number())
    return Outcome::not_applicable("rho given by the caller");
  // A sequence of any estimate needs only its units and error; of the relative effect too.
  const Json plain = ask("mean_difference", {{"control", *control}, {"treatment", *treatment}});
  if (plain.contains("error")) return Outcome::not_applicable("a sequence of a ratio");
  const std::string block = relative ? "relative" : "absolute";
  const double n = (*control)["n"].get<double>() + (*treatment)["n"].get<double>();
  const Json ours = ask("confidence_sequence",
                        {{"looks",
                          {{{"n", n},
                            {"estimate", number_at(plain, block + ".estimate")},
                            {"standard_error", number_at(plain, block + ".standard_error")}}}},
                         {"method", "asymptotic"},
                         {"optimal_n", config["sequential_tuning_parameter"]},
                         {"alternative", alternative},
                         {"confidence_level", 1 - config.value("alpha", 0.05)}});
  if (ours.contains("error")) return Outcome().near(ours.dump(), 0, 1, 0);
  const Json& look = ours["looks"][0];
  return Outcome()
      .near("lower", number_at(look, "lower"), output["ci"][0], 1e-6)
      .near("upper", number_at(look, "upper"), output["ci"][1], 1e-6);
}

Outcome gb_sequential_two(const Json& in, const Json& out) {
  return gb_sequential(in, out, "two_sided");
}
Outcome gb_sequential_greater(const Json& in, const Json& out) {
  return gb_sequential(in, out, "greater");
}
Outcome gb_sequential_less(const Json& in, const Json& out) {
  return gb_sequential(in, out, "less");
}
Outcome gb_bandit(const Json&, const Json&) { return Outcome::not_applicable("bandits"); }
Outcome gb_pipeline(const Json&, const Json&) {
  return Outcome::not_applicable("its frames in and out, of numbers compared above");
}
Outcome gb_stratum_cells(const Json&, const Json&) {
  return Outcome::not_applicable("its intermediate sums by stratum");
}
Outcome gb_mid_power(const Json&, const Json&) {
  return Outcome::not_applicable("a factor by which a running test must grow");
}

// Of a whole metric frame, the sample ratio test of every dimension.
Outcome gb_frame(const Json& inputs, const Json& output) {
  Outcome outcome;
  for (std::size_t i = 0; i < std::min(output.size(), inputs["metric_data"].size()); ++i) {
    const Json& row = inputs["metric_data"][i]["row"];
    Json counts = Json::array();
    for (const auto& variation : output[i]["variations"]) counts.push_back(variation["users"]);
    if (row.value("dimension", "") != output[i].value("dimension", "")) continue;
    const Json ours =
        ask("sample_ratio_test", {{"counts", counts}, {"expected", inputs["analysis"]["weights"]}});
    outcome.near("srm", number_at(ours, "p_value"), output[i]["srm"], 1e-8);
  }
  return outcome.compared() ? outcome : Outcome::not_applicable("no dimension to test");
}

const Adapters kGbstats = {
    {"TwoSidedTTest.compute_result", gb_two_sided},
    {"OneSidedTreatmentGreaterTTest.compute_result", gb_greater},
    {"OneSidedTreatmentLesserTTest.compute_result", gb_less},
    {"EffectMoments.compute_result", gb_moments},
    {"EffectMomentsPostStratification.compute_result", gb_moments},
    {"EffectBayesianABTest.compute_result", gb_bayes},
    {"SequentialTwoSidedTTest.compute_result", gb_sequential_two},
    {"SequentialOneSidedTreatmentGreaterTTest.compute_result", gb_sequential_greater},
    {"SequentialOneSidedTreatmentLesserTTest.compute_result", gb_sequential_less},
    {"BanditsSimple.compute_result", gb_bandit},
    {"process_analysis", gb_pipeline},
    {"MidExperimentPower.calculate_scaling_factor", gb_mid_power},
    {"CreateStrataResult.compute_result", gb_stratum_cells},
    {"CreateStrataResultRatio.compute_result", gb_stratum_cells},
    {"CreateStrataResultRegressionAdjusted.compute_result", gb_stratum_cells},
    {"CreateStrataResultRegressionAdjustedRatio.compute_result", gb_stratum_cells},
    {"analyze_metric_df", gb_frame}};

TEST(OraclesTest, Gbstats) { run_recorded_calls("gbstats", kGbstats); }

}  // namespace
}  // namespace descant::oracles
