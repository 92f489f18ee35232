// SPDX-License-Identifier: Apache-2.0
// Power functions of R, and R on the real experiments of the shared data sets.
#include "recorded_calls.h"

namespace descant::oracles {
namespace {

// The asserted value by name; these files have no output of the call beside them.
Json asserted(const Json& item, std::string_view what) {
  for (const auto& entry : item["asserted"])
    if (entry["what"] == what) return entry["value"];
  return nullptr;
}

Outcome t_power(const Json& item) {
  const Json& in = item["calls"][0]["inputs"];
  if (in["type"] != "two.sample") return Outcome::not_applicable("one-sample and paired designs");
  // R leaves the far tail of a two-sided test out, so it is the one-sided test at half its alpha.
  const double sides = in["sides"];
  Json request = {{"baseline", {{"mean", 0}, {"variance", std::pow(in["sd"].get<double>(), 2)}}},
                  {"effect_scale", "absolute"},
                  {"minimum_detectable_effect", in["delta"]},
                  {"alpha", in["alpha"].get<double>() / sides},
                  {"alternative", "greater"},
                  {"distribution", "t"}};
  if (in.contains("power")) {
    request["power"] = in["power"];
    return Outcome().within("n", number_at(ask("sample_size", request), "n_control"),
                            std::ceil(asserted(item, "n").get<double>()), 0);
  }
  request["n_total"] = 2 * in["n_per_group"].get<double>();
  return Outcome().within("power", number_at(ask("power", request), "power"),
                          asserted(item, "power").get<double>(), 1e-7);
}

// R plans with the pooled share under the null, which moves the size by less than a percent.
Outcome share_power(const Json& item) {
  const Json& in = item["calls"][0]["inputs"];
  const Json n = asserted(item, "n_per_group");
  if (!n.is_number() || !in.contains("power"))
    return Outcome::not_applicable("power of shares with a pooled null variance");
  const double p1 = in["p1"], p2 = in["p2"];
  const Json ours =
      ask("sample_size", {{"baseline", {{"proportion", p1}}},
                          {"effect_scale", "absolute"},
                          {"minimum_detectable_effect", p2 - p1},
                          {"alpha", in["alpha"]},
                          {"power", in["power"]},
                          {"alternative", in["sides"] == 1 ? "greater" : "two_sided"}});
  return Outcome().near("n", number_at(ours, "n_control"), n, 0.02);
}

Outcome shares(const Json& item) {
  const Json& in = item["calls"][0]["inputs"];
  Json request = {{"control", {{"n", in["n"][0]}, {"successes", in["successes"][0]}}},
                  {"treatment", {{"n", in["n"][1]}, {"successes", in["successes"][1]}}}};
  const Json wald = ask("proportion_difference", request);
  request["method"] = "z_pooled";
  const Json pooled = ask("proportion_difference", request);
  request["method"] = "chi_squared";
  const Json chi = ask("proportion_difference", request);
  const auto value = [&](const char* what) { return asserted(item, what); };
  constexpr double kTolerance = 1e-8;
  return Outcome()
      .near("rate", number_at(wald, "treatment.estimate"), value("rate_treatment"), kTolerance)
      .near("lower", number_at(wald, "absolute.lower"), value("ci95_difference_wald")[0],
            kTolerance)
      .near("upper", number_at(wald, "absolute.upper"), value("ci95_difference_wald")[1],
            kTolerance)
      .near("z", number_at(wald, "statistic"), value("z_unpooled"), kTolerance)
      .near("p", number_at(wald, "p_value"), value("p_z_unpooled"), kTolerance)
      .near("pooled z", number_at(pooled, "statistic"), value("z_pooled"), kTolerance)
      .near("chi-squared", number_at(chi, "statistic"), value("chisq_no_correction"), kTolerance)
      .near("p", number_at(chi, "p_value"), value("p_no_correction"), kTolerance)
      .near("lift", number_at(wald, "relative.estimate"), value("relative_lift"), kTolerance)
      .near("se", number_at(wald, "relative.standard_error"), value("se_relative_lift_delta"),
            kTolerance)
      .near("lift", number_at(wald, "relative.lower"), value("ci95_relative_delta")[0], kTolerance)
      .near("log rr", std::log(number_at(wald, "risk_ratio.estimate")), value("log_risk_ratio"),
            1e-7)
      .near("se", number_at(wald, "risk_ratio.standard_error"), value("se_log_rr"), kTolerance)
      .near("se", number_at(wald, "odds_ratio.standard_error"), value("se_log_or"), kTolerance);
}

// The last snapshot of each experiment, variant and metric of the ASOS data, by "experiment variant
// metric".
std::map<std::string, std::vector<double>> last_snapshots() {
  std::map<std::string, std::vector<double>> last;
  std::istringstream text(
      read_file(shared_folder() / "datasets" / "asos" / "asos_digital_experiments_dataset.csv"));
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) {
    const auto cells = split(trim(line), ',');
    std::vector<double> numbers;
    for (std::size_t i = 3; i < cells.size(); ++i) numbers.push_back(std::atof(cells[i].c_str()));
    auto& kept = last[fmt::format("{} {} {}", cells[0], cells[1], cells[2])];
    if (kept.empty() || numbers[0] > kept[0]) kept = numbers;
  }
  return last;
}

const Json& asos_keys(const Json& document) {
  for (const auto& item : document["cases"])
    if (item["calls"][0]["inputs"].contains("key")) return item["calls"][0]["inputs"]["key"];
  return document;
}

Outcome asos_welch(const Json& item, const Json& document) {
  const auto snapshots = last_snapshots();
  if (snapshots.empty()) return Outcome::not_applicable("the ASOS data are absent");
  const Json t = asserted(item, "t"), df = asserted(item, "df"), p = asserted(item, "p");
  Outcome outcome;
  std::size_t i = 0;
  for (const auto& key : asos_keys(document)) {
    const auto& s = snapshots.at(key);  // time, counts, means, variances: control then treatment
    const Json ours =
        ask("mean_difference", {{"control", {{"n", s[1]}, {"mean", s[3]}, {"variance", s[5]}}},
                                {"treatment", {{"n", s[2]}, {"mean", s[4]}, {"variance", s[6]}}}});
    outcome.near("t", number_at(ours, "statistic"), t[i], 1e-7)
        .near("df", number_at(ours, "degrees_of_freedom"), df[i], 1e-7)
        .near("p", number_at(ours, "p_value"), p[i], 1e-6);
    ++i;
  }
  for (const auto& [what, method] : {std::pair("p_BH", "benjamini_hochberg"),
                                     {"p_BY", "benjamini_yekutieli"},
                                     {"p_holm", "holm"},
                                     {"p_hochberg", "hochberg"},
                                     {"p_hommel", "hommel"}}) {
    const Json ours = ask("adjust_p_values", {{"p_values", p}, {"method", method}});
    const Json expected = asserted(item, what);
    for (std::size_t j = 0; j < expected.size(); ++j)
      outcome.near(what, ours["adjusted"][j].get<double>(), expected[j], 1e-8);
  }
  return outcome;
}

Outcome sample_ratio(const Json& item, const Json& document) {
  const Json& in = item["calls"][0]["inputs"];
  if (in.contains("counts")) {
    const Json ours =
        ask("sample_ratio_test", {{"counts", in["counts"]}, {"expected", in["expected_ratio"]}});
    return Outcome()
        .near("statistic", number_at(ours, "statistic"), asserted(item, "chisq"), 1e-8)
        .near("p", number_at(ours, "p_value"), asserted(item, "p"), 1e-8);
  }
  const auto snapshots = last_snapshots();
  if (snapshots.empty()) return Outcome::not_applicable("the ASOS data are absent");
  const Json p = asserted(item, "p");
  Outcome outcome;
  std::size_t i = 0;
  for (const auto& key : asos_keys(document)) {
    const auto& s = snapshots.at(key);
    const Json ours = ask("sample_ratio_test", {{"counts", {s[1], s[2]}}, {"expected", {1, 1}}});
    outcome.near("p", number_at(ours, "p_value"), p[i++], 1e-6);
  }
  return outcome;
}

Outcome real_data(const Json& item, const Json& document) {
  const std::string function = item["calls"][0]["fn"];
  if (function == "prop.test + closed forms") return shares(item);
  if (function == "chisq.test") return sample_ratio(item, document);
  if (function == "Welch from summary statistics; p.adjust") return asos_welch(item, document);
  if (function == "binom.test") return Outcome::not_applicable("a test of one share");
  return Outcome::not_applicable("survival times");
}

Json rpact_spending(const std::string& design) {
  static const std::map<std::string, std::string> functions = {
      {"asOF", "lan_demets_obrien_fleming"},
      {"asP", "lan_demets_pocock"},
      {"OF", "obrien_fleming"},
      {"P", "pocock"}};
  return {{"function", functions.at(design)}};
}

Json equal_looks(int count) {
  Json information = Json::array();
  for (int k = 1; k <= count; ++k) information.push_back(static_cast<double>(k) / count);
  return information;
}

// Largest sizes, ours as the size of one look times the inflation. Shares have the pooled variance
// under the null there, which moves a size by up to four percent with unequal arms.
Outcome rpact_size(const Json& item) {
  const Json& in = item["calls"][0]["inputs"];
  const bool means = in.contains("effect");
  const double ratio = in["allocation_treatment_to_control"], sides = in["sided"];
  Json baseline = {{"proportion", in.value("pi2", 0.5)}};
  if (means) baseline = {{"mean", 0}, {"variance", std::pow(in["sd"].get<double>(), 2)}};
  const double effect =
      means ? in["effect"].get<double>() : in["pi1"].get<double>() - in["pi2"].get<double>();
  const double alpha = sides * in["alpha_per_side"].get<double>();
  const Json ours = ask("sample_size", {{"baseline", baseline},
                                        {"minimum_detectable_effect", effect},
                                        {"effect_scale", "absolute"},
                                        {"alpha", alpha},
                                        {"power", in["power"]},
                                        {"alternative", sides == 2 ? "two_sided" : "greater"},
                                        {"allocation", ratio / (1 + ratio)}});
  const std::string design = in["design"];
  double inflation = 1;
  if (design != "fixed")
    inflation = number_at(ask("group_sequential_bounds", {{"information", equal_looks(in["k"])},
                                                          {"alpha", alpha},
                                                          {"sides", in["sided"]},
                                                          {"spending", rpact_spending(design)},
                                                          {"power", in["power"]}}),
                          "inflation_factor");
  const double peer = asserted(item, design == "fixed" ? "n_fixed" : "max_n").get<double>();
  const double n = number_at(ours, "n_total");
  return means ? Outcome().within("n_total", n, peer / inflation, 2.0)
               : Outcome().near("n_total", n * inflation, peer, 0.04);
}

// Its repeated intervals give the estimates and errors of the looks; it reports both ends.
Outcome rpact_analysis(const Json& item) {
  const Json& in = item["calls"][0]["inputs"];
  const Json critical = asserted(item, "critical_values"),
             lower = asserted(item, "repeated_ci_lower"),
             upper = asserted(item, "repeated_ci_upper"), p = asserted(item, "repeated_p"),
             statistic = asserted(item, "overall_test_statistics");
  Json estimates = Json::array(), errors = Json::array();
  for (std::size_t k = 0; k < critical.size(); ++k) {
    const double low = lower[k], high = upper[k];
    estimates.push_back((low + high) / 2);
    errors.push_back((high - low) / 2 / critical[k].get<double>());
  }
  const Json ours = ask("group_sequential_analysis", {{"information", equal_looks(in["k"])},
                                                      {"alpha", in["alpha"]},
                                                      {"sides", in["sided"]},
                                                      {"spending", rpact_spending(in["design"])},
                                                      {"estimates", estimates},
                                                      {"standard_errors", errors}});
  Outcome outcome;
  for (std::size_t k = 0; k < critical.size(); ++k) {
    const Json& look = ours["looks"][k];
    outcome.near("bound", number_at(look, "upper"), critical[k], 1e-6)
        .near("repeated lower", number_at(look, "repeated_interval.lower"), lower[k], 1e-5)
        // Its statistics take one variance for all looks, its intervals that of the look.
        .near("statistic", number_at(look, "statistic"), statistic[k], 5e-3);
    if (p[k].is_number())
      outcome.near("repeated p", number_at(look, "repeated_p_value"), p[k], 0.02);
  }
  return outcome.near("stops at", number_at(ours, "stopped_at_look"), asserted(item, "final_stage"),
                      0);
}

Outcome power_case(const Json& item, const Json&) {
  const std::string function = item["calls"][0]["fn"];
  if (function == "power.t.test") return t_power(item);
  if (function == "power.prop.test") return share_power(item);
  if (function.starts_with("getAnalysisResults")) return rpact_analysis(item);
  return rpact_size(item);
}

TEST(OraclesTest, RPowerFunctions) { run_cases("r_power_rpact", power_case); }
TEST(OraclesTest, RealData) { run_cases("real_data_reference", real_data); }

}  // namespace
}  // namespace descant::oracles
