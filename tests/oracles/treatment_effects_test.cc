// SPDX-License-Identifier: Apache-2.0
// Stata's teffects tables on Cattaneo's birth weights, as recorded in statsmodels' tests.
#include "recorded_calls.h"

namespace descant::oracles {
namespace {

std::map<std::string, std::vector<double>> birth_weights() {
  std::map<std::string, std::vector<double>> columns;
  std::istringstream text(read_file(shared_folder() / "datasets" / "cattaneo2" / "cataneo2.csv"));
  std::string line;
  std::getline(text, line);
  const auto names = split(trim(line), ',');
  while (std::getline(text, line)) {
    const auto cells = split(trim(line), ',');
    for (std::size_t i = 0; i < cells.size(); ++i)
      columns[names[i]].push_back(std::atof(cells[i].c_str()));
  }
  return columns;
}

Json request_of(const std::map<std::string, std::vector<double>>& columns) {
  Json covariates = Json::object();
  for (const char* name : {"prenatal1_", "mmarried_", "mage", "fbaby_", "mage2", "medu"})
    covariates[name] = columns.at(name);
  Json treated = Json::array();
  for (const double value : columns.at("mbsmoke_")) treated.push_back(value == 1 ? 1 : 0);
  return {{"outcome", columns.at("bweight")},
          {"treated", treated},
          {"covariates", covariates},
          {"outcome_covariates", {"prenatal1_", "mmarried_", "mage", "fbaby_"}},
          {"propensity_covariates", {"mmarried_", "mage", "mage2", "fbaby_", "medu"}},
          {"propensity_model", "probit"}};
}

Outcome treatment_effect(const Json& item, Json request) {
  static const std::map<std::string, std::string> kMethods = {
      {"ra", "regression_adjustment"}, {"ipw", "ipw"}, {"aipw", "aipw"}, {"ipw_ra", "ipwra"}};
  const Json& in = item["calls"][0]["inputs"];
  const auto method = kMethods.find(in["estimator"].get<std::string>());
  if (method == kMethods.end())
    return Outcome::not_applicable("aipw with weighted outcome regressions");
  request["method"] = method->second;
  request["estimand"] = in["estimand"] == "ATE" ? "ate" : "att";
  const Json ours = ask("average_treatment_effect", request);
  const Json& table = item["asserted"][0]["value"];
  return Outcome()
      .near("effect", number_at(ours, "absolute.estimate"), table[0][0], 1e-10)
      .near("its error", number_at(ours, "absolute.standard_error"), table[0][1], 1e-8)
      .near("untreated mean", number_at(ours, "control.estimate"), table[1][0], 1e-10)
      .near("its error", number_at(ours, "control.standard_error"), table[1][1], 1e-8)
      .near("lower", number_at(ours, "absolute.lower"), table[0][4], 1e-8)
      .near("upper", number_at(ours, "absolute.upper"), table[0][5], 1e-8);
}

TEST(OraclesTest, TreatmentEffectsOfStata) {
  const fs::path path = shared_folder() / "oracles" / "statsmodels_teffects.json";
  const auto columns = birth_weights();
  if (!fs::exists(path) || columns.empty())
    GTEST_SKIP() << path << " or its data are absent: all its cases are skipped";
  const Json request = request_of(columns);
  Tally tally;
  const Json document = Json::parse(read_file(path));
  for (const auto& item : document["cases"]) tally.add(item["id"], treatment_effect(item, request));
  print("statsmodels_teffects", tally);
  EXPECT_GT(tally.passed, 0);
}

}  // namespace
}  // namespace descant::oracles
