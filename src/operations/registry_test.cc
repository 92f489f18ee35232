// SPDX-License-Identifier: Apache-2.0
#include "operations/registry.h"

#include <chrono>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace descant::operations {
namespace {

const Operation& named(std::string_view name) { return **find(name); }

Json answered(std::string_view name, const std::string& request) {
  return answer(named(name), request).json;
}

const char* const kMeans =
    R"({"control": {"n": 100, "mean": 10, "variance": 4}, "treatment": {"n": 90, "mean": 11, "variance": 5}})";

TEST(RegistryTest, NamesAreUniqueAndEverythingIsDescribed) {
  std::set<std::string_view> names;
  for (const auto& operation : all()) {
    EXPECT_TRUE(names.insert(operation.name).second) << operation.name;
    EXPECT_EQ(operation.summary.back(), '.') << operation.name;
    for (const auto& schema : {operation.request_schema(), operation.result_schema()})
      EXPECT_GT(schema["properties"].size(), 1U) << operation.name;
    EXPECT_TRUE(operation.result_schema()["properties"].contains("method")) << operation.name;
    EXPECT_TRUE(operation.result_schema()["properties"].contains("warnings")) << operation.name;
  }
}

TEST(RegistryTest, AnUnknownNameSuggestsTheNearest) {
  const auto found = find("mean_diference");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().hint, "Did you mean 'mean_difference'?");
}

TEST(RegistryTest, AResultHasExitStatusZero) {
  const auto result = answer(named("mean_difference"), kMeans);
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.json["method"], "welch");
}

TEST(RegistryTest, AnErrorSaysWhatWhereAndWhatToDo) {
  const auto wrong = answer(named("mean_difference"),
                            R"({"control": {"n": 2, "mean": 1, "varaince": 1}, "treatment": {}})");
  EXPECT_EQ(wrong.exit_status, 2);
  EXPECT_EQ(wrong.json["error"]["code"], "invalid_request");
  EXPECT_EQ(wrong.json["error"]["where"], "control.varaince");
  EXPECT_EQ(wrong.json["error"]["hint"], "Did you mean 'variance'?");
  EXPECT_EQ(answered("sample_ratio_test",
                     R"({"counts": [1, null], "expected": [1, 1]})")["error"]["where"],
            "counts[1]");
  EXPECT_EQ(answered("mean_difference", "{")["error"]["code"], "invalid_request");
  EXPECT_EQ(answered("mean_difference", std::string(1'000'000, '['))["error"]["message"],
            "the request is nested too deeply");
}

TEST(RegistryTest, FormsThatLackWhatAMethodNeedsSaySo) {
  const auto where = [](std::string_view name, const std::string& request) {
    return answered(name, request)["error"]["hint"].get<std::string>();
  };
  EXPECT_EQ(
      where("mean_difference",
            R"({"control": {"numerator": [1], "denominator": [2]}, "treatment": {"values": [1]}})"),
      "Use ratio_difference.");
  EXPECT_EQ(where("ratio_difference", kMeans),
            "Give numerator and denominator, or use mean_difference.");
  EXPECT_EQ(where("proportion_difference", kMeans), "Give n and successes, or values of 0 and 1.");
  EXPECT_EQ(where("mean_difference",
                  R"({"control": {"n": 5, "mean": 1, "successes": 2}, "treatment": {}})"),
            "That form has n, successes.");
}

TEST(RegistryTest, ADecisionReadsComparisons) {
  const Json comparison = answered("mean_difference", kMeans);
  Json request = {
      {"metrics", {{{"name", "minutes"}, {"role", "success"}, {"comparison", comparison}}}}};
  EXPECT_EQ(answered("decision", request.dump())["action"], "ship");
  request["metrics"][0]["direction"] = "decrease";
  EXPECT_EQ(answered("decision", request.dump())["action"], "stop");
  EXPECT_TRUE(answered("decision", request.dump())["metrics"][0]["deteriorated"].get<bool>());
  request["metrics"][0]["role"] = "guardrail";
  EXPECT_EQ(answered("decision", request.dump())["error"]["where"], "metrics[0].comparison");
  request["metrics"][0]["comparison"] = 3;
  EXPECT_EQ(answered("decision", request.dump())["error"]["where"], "metrics[0].comparison");
}

TEST(RegistryTest, MissingCovariatesAreCounted) {
  const auto result =
      answered("adjusted_difference",
               R"({"control": {"values": [1, 2, 4, 3], "covariates": {"x": [1, 2, null, 4]}},
          "treatment": {"values": [2, 3, 5, 6], "covariates": {"x": [null, 2, 4, 5]}},
          "covariates": ["x"]})");
  EXPECT_EQ(result["covariates"], Json({"x", "x missing"}));
  EXPECT_EQ(result["warnings"][0]["code"], "missing_covariate");
  EXPECT_EQ(result["coefficients"].size(), 2U);
}

// ---- any input gives an answer ----

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}

  Json value(int depth) {
    static const std::vector<Json> odd = {nullptr,
                                          true,
                                          "",
                                          "cuped",
                                          "x",
                                          0,
                                          1,
                                          -1,
                                          0.5,
                                          1e308,
                                          -1e308,
                                          5e-324,
                                          1e-9,
                                          9007199254740993,
                                          std::numeric_limits<std::int64_t>::min(),
                                          std::numeric_limits<std::uint64_t>::max(),
                                          1e15,
                                          Json::array(),
                                          Json::object()};
    const auto pick = random_() % 12;
    if (depth > 0 && pick == 0) {
      Json list = Json::array();
      for (auto n = random_() % 4; n > 0; --n) list.push_back(value(depth - 1));
      return list;
    }
    if (depth > 0 && pick == 1) return {{"mean", value(depth - 1)}, {"variance", value(depth - 1)}};
    return odd[random_() % odd.size()];
  }

  // Changes a few places of a good request: another value, another name, one member less.
  void spoil(Json& json, int depth = 0) {
    if (random_() % 8 == 0) {
      json = value(3);
      return;
    }
    if (json.is_object() && !json.empty() && random_() % 6 == 0)
      json.erase(std::next(json.begin(), static_cast<std::ptrdiff_t>(random_() % json.size())));
    if (json.is_structured() && depth < 5)
      for (auto& child : json) spoil(child, depth + 1);
  }

 private:
  std::mt19937_64 random_;
};

std::vector<std::pair<std::string_view, Json>> good_requests() {
  const Json rows = {{"values", {0, 1, 1, 0, 1}}, {"covariates", {{"x", {1, 2, nullptr, 3, 2.5}}}}};
  const Json labelled = {{"values", {0, 1, 1, 0, 1}},
                         {"cluster", {"a", "b", "b", "c", "c"}},
                         {"stratum", {1, 1, 2, 2, 2}}};
  const Json ratio = {{"numerator", {1, 2, 3}}, {"denominator", {2, 3, 7}}};
  const Json named = {
      {"n", 50}, {"names", {"y", "x"}}, {"means", {5, 4}}, {"covariance", {{4, 1}, {1, 3}}}};
  const Json share = {{"n", 30}, {"successes", 12}};
  const Json options = {{"confidence_level", 0.9},
                        {"alternative", "greater"},
                        {"null_value", 0},
                        {"direction", "increase"},
                        {"relative_method", "fieller"}};
  const auto with = [](Json a, const Json& b) {
    a.update(b);
    return a;
  };
  std::vector<std::pair<std::string_view, Json>> requests = {
      {"mean_difference",
       with({{"control", rows}, {"treatment", rows}, {"method", "welch"}}, options)},
      {"ratio_difference", with({{"control", ratio}, {"treatment", ratio}}, options)},
      {"adjusted_difference", with({{"control", rows},
                                    {"treatment", rows},
                                    {"covariates", {"x"}},
                                    {"method", "lin"},
                                    {"robust", true}},
                                   options)},
      {"adjusted_difference",
       with({{"control", named},
             {"treatment", named},
             {"outcome", "y"},
             {"covariates", {"x", {{"numerator", "x"}, {"denominator", "y"}}}}},
            options)},
      {"sample_size",
       {{"baseline", {{"mean", 5}, {"variance", 4}}},
        {"minimum_detectable_effect", 0.1},
        {"alpha", 0.05},
        {"power", 0.8},
        {"distribution", "t"},
        {"arms", 3},
        {"decision_rule", "spotify"},
        {"guardrail_metrics", 2}}},
      {"power",
       {{"baseline", {{"proportion", 0.2}}},
        {"n_total", 1000},
        {"non_inferiority_margin", 0.1},
        {"allocation", 0.3}}},
      {"minimum_detectable_effect", {{"baseline", share}, {"n_total", 1000}, {"power", 0.9}}},
      {"adjust_p_values", {{"p_values", {0.1, 0.2, 0.01}}, {"method", "hommel"}, {"alpha", 0.1}}},
      {"sample_ratio_test",
       {{"counts", {10, 20}}, {"expected", {0.5, 0.5}}, {"method", "sequential"}}},
      {"stratified_difference", with({{"strata",
                                       {{{"weight", 1}, {"control", share}, {"treatment", share}},
                                        {{"weight", 2}, {"control", share}, {"treatment", share}}}},
                                      {"method", "post_stratified"}},
                                     options)},
      {"stratified_difference",
       {{"strata", {{{"control", share}, {"treatment", share}}}}, {"method", "mantel_haenszel"}}},
      {"stratified_difference", {{"control", labelled}, {"treatment", labelled}}},
      {"cluster_difference",
       with({{"control", labelled}, {"treatment", labelled}, {"method", "cr1"}}, options)},
      {"equivalence_test",
       {{"control", share}, {"treatment", rows}, {"lower_margin", 0.1}, {"upper_margin", 0.2}}},
      {"bayesian_difference",
       {{"control", ratio},
        {"treatment", ratio},
        {"prior", {{"mean", 0}, {"variance", 0.1}, {"proper", true}}},
        {"scale", "absolute"},
        {"direction", "decrease"}}},
      {"bayesian_difference",
       {{"control", share},
        {"treatment", share},
        {"model", "beta_binomial"},
        {"prior_alpha", 0.5},
        {"prior_beta", 2}}},
      {"interaction",
       {{"cells",
         {{"control_control", share},
          {"control_treatment", share},
          {"treatment_control", share},
          {"treatment_treatment", share}}}}},
      {"many_to_one_difference",
       {{"control", rows}, {"treatments", {rows, rows}}, {"variances", "separate"}}},
      {"many_to_one_difference",
       {{"control", share}, {"treatments", {share, share}}, {"method", "holm"}}},
      {"meta_analysis",
       {{"estimates", {0.1, 0.5, -0.2}},
        {"standard_errors", {0.1, 0.2, 0.1}},
        {"method", "paule_mandel"},
        {"knapp_hartung", true}}},
      {"shrink_effects",
       {{"estimates", {0.1, 0.5, -0.2}},
        {"standard_errors", {0.1, 0.2, 0.1}},
        {"prior", "t"},
        {"prior_degrees_of_freedom", 3},
        {"selected", {true, false, true}}}},
      {"shrink_effects",
       {{"estimates", {0.1, 0.5, -0.2}},
        {"standard_errors", {0.1, 0.2, 0.1}},
        {"prior", "spike_and_slab"},
        {"prior_mean", 0.1},
        {"selection_threshold", 1.5}}},
      {"decision",
       {{"metrics",
         {{{"name", "a"}, {"role", "success"}, {"p_value", 0.01}},
          {{"name", "b"},
           {"role", "guardrail"},
           {"p_value", 0.2},
           {"deterioration_p_value", 0.4}}}},
        {"rule", "a AND (b OR a)"},
        {"treatments", 2},
        {"deterioration_alpha", 0.01}}},
  };
  for (const char* method :
       {"z_unpooled", "newcombe", "miettinen_nurminen", "fisher", "barnard", "boschloo"})
    requests.push_back(
        {"proportion_difference",
         with({{"control", share}, {"treatment", share}, {"method", method}}, options)});
  return requests;
}

TEST(RegistryTest, AnyRequestGetsAnAnswer) {
  Noise noise(20260302);
  int results = 0, errors = 0;
  for (int round = 0; round < 400; ++round)
    for (auto [name, request] : good_requests()) {
      if (round > 0) noise.spoil(request);
      const auto reply = answer(named(name), request.dump());
      const bool is_error = reply.json.contains("error");
      ++(is_error ? errors : results);
      EXPECT_EQ(reply.exit_status, is_error ? 2 : 0) << name << " " << request << " " << reply.json;
      EXPECT_FALSE(is_error && round == 0) << name << " " << reply.json;
      EXPECT_FALSE(is_error && reply.json["error"]["message"] == "") << name;
    }
  EXPECT_GT(results, 200);
  EXPECT_GT(errors, 1000);
}

TEST(RegistryTest, LongListsAreFine) {
  Json p_values = Json::array();
  for (int i = 0; i < 200'000; ++i) p_values.push_back((i % 1000) / 1000.0);
  const auto long_list = answer(named("adjust_p_values"), Json{{"p_values", p_values}}.dump());
  EXPECT_EQ(long_list.json["adjusted"].size(), 200'000U);
  const auto too_long =
      answer(named("adjust_p_values"), Json{{"p_values", p_values}, {"method", "hommel"}}.dump());
  EXPECT_EQ(too_long.json["error"]["where"], "p_values");
}

TEST(RegistryTest, AReadOutOfTwentyMetricsTakesMilliseconds) {
  const Json columns = {
      {"n", 500'000},
      {"names", {"y", "d", "x", "e"}},
      {"means", {5, 9, 4, 8}},
      {"covariance", {{40, 10, 9, 3}, {10, 30, 5, 6}, {9, 5, 35, 8}, {3, 6, 8, 28}}}};
  const Json request = {{"control", columns},
                        {"treatment", columns},
                        {"outcome", {{"numerator", "y"}, {"denominator", "d"}}},
                        {"covariates", {{{"numerator", "x"}, {"denominator", "e"}}, "x"}}};
  const std::string text = request.dump();
  const auto start = std::chrono::steady_clock::now();
  for (int metric = 0; metric < 20; ++metric)
    EXPECT_EQ(answer(named("adjusted_difference"), text).exit_status, 0);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 0.05);
}

}  // namespace
}  // namespace descant::operations
