// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "experiment/test_tables.h"
#include "experiment/unit_file.h"

// Public experiments read out as a user would, against numbers computed in R. The data are not part
// of the project: they are looked for under DESCANT_SHARED.
namespace descant::experiment {
namespace {

std::filesystem::path shared_folder() {
  const char* folder = std::getenv("DESCANT_SHARED");
  return folder == nullptr ? "../shared" : folder;
}

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Values asserted for one case of the reference, by name.
std::map<std::string, Json> reference_values(const std::string& id) {
  std::map<std::string, Json> values;
  const Json all = Json::parse(read_text(shared_folder() / "oracles/real_data_reference.json"));
  for (const auto& one : all["cases"])
    if (one["id"] == id)
      for (const auto& asserted : one["asserted"])
        values[asserted["what"].get<std::string>()] = asserted["value"];
  return values;
}

// One row per click from the published counts by day. The last two weeks have no outcomes yet:
// those clicks were exposed, but have no value.
std::string clicks_of(const char* file, const char* variant) {
  std::istringstream days(read_text(shared_folder() / "datasets/udacity_free_trial" / file));
  std::string line;
  std::getline(days, line);  // Date,Pageviews,Clicks,Enrollments,Payments
  std::string rows;
  while (std::getline(days, line)) {
    const auto fields = split(std::string(trim(line)), ',');
    if (fields.size() < 5) continue;
    const int clicks = std::stoi(fields[2]);
    const bool known = !fields[3].empty();
    const int enrolled = known ? std::stoi(fields[3]) : 0;
    const int paid = known ? std::stoi(fields[4]) : 0;
    for (int click = 0; click < clicks; ++click)
      rows += known ? fmt::format("{},{},{}\n", variant, int{click < enrolled}, int{click < paid})
                    : fmt::format("{},,\n", variant);
  }
  return rows;
}

TEST(RealTables, TheFreeTrialScreenerIsStoppedAsPublished) {
  if (!std::filesystem::exists(shared_folder() / "datasets/udacity_free_trial"))
    GTEST_SKIP() << "1 public experiment skipped: set DESCANT_SHARED to the folder that holds it.";
  const auto file = std::filesystem::temp_directory_path() /
                    fmt::format("descant_clicks_{}.csv", std::random_device{}());
  std::ofstream(file) << "variant,enrolled,paid\n"
                      << clicks_of("control_data.csv", "control")
                      << clicks_of("experiment_data.csv", "experiment");
  UnitFileRequest request;
  request.file = file.string();
  request.variant = "variant";
  for (const char* text :
       {"enrolled:proportion:direction=decrease", "paid:proportion:role=guardrail:margin=0.75pp"})
    request.metrics.push_back(*parse_unit_metric(text));
  const auto result = analyze_unit_file(request);
  std::filesystem::remove(file);
  ASSERT_TRUE(result.ok()) << to_text(result.error());

  const auto split = reference_values("udacity clicks");
  EXPECT_NEAR(result->checks[0].statistic / split.at("chisq").get<double>(), 1, 1e-8);
  EXPECT_NEAR(result->checks[0].p_value / split.at("p").get<double>(), 1, 1e-8);
  const std::array<std::string, 2> cases = {"udacity gross conversion (first 23 days)",
                                            "udacity net conversion (first 23 days)"};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto wanted = reference_values(cases[i]);
    const auto& found = result->metrics[i].comparison;
    EXPECT_EQ(found.control.n, 17'293);
    EXPECT_EQ(found.treatment.n, 17'260);
    EXPECT_NEAR(found.control.estimate, wanted.at("rate_control").get<double>(), 1e-12);
    EXPECT_NEAR(found.treatment.estimate, wanted.at("rate_treatment").get<double>(), 1e-12);
    EXPECT_NEAR(found.absolute.estimate, wanted.at("difference").get<double>(), 1e-12);
    EXPECT_NEAR(found.relative.estimate, wanted.at("relative_lift").get<double>(), 1e-12);
    // Wald's variance divides by n, Welch's by n - 1, and its quantile is of a t with 34,000
    // degrees of freedom: together less than 1e-4 of the width.
    const auto& wald = wanted.at("ci95_difference_wald");
    const double width = wald[1].get<double>() - wald[0].get<double>();
    EXPECT_NEAR((found.absolute.upper - found.absolute.lower) / width, 1, 1e-4);
    EXPECT_NEAR(found.relative.standard_error / wanted.at("se_relative_lift_delta").get<double>(),
                1, 1e-4);
    EXPECT_EQ(result->metrics[i].missing_units, 28'378 + 28'325 - 17'293 - 17'260);
  }
  // Fewer enrol, as intended; that payments stay within the margin is not shown.
  EXPECT_EQ(result->metrics[0].verdict, "passed");
  EXPECT_EQ(result->metrics[1].verdict, "not_passed");
  EXPECT_EQ(result->decisions[0].action, "stop");
  EXPECT_EQ(testing::unexplained_nulls(*result), std::vector<std::string>{});
}

TEST(RealTables, FinancialAidAndArrestStraightFromTheFile) {
  const auto file = shared_folder() / "datasets/survival/rossi.csv";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << "1 public experiment skipped: set DESCANT_SHARED to the folder that holds it.";
  UnitFileRequest request;
  request.file = file.string();
  request.variant = "fin";
  request.segments = {"race"};
  request.metrics = {*parse_unit_metric("arrest:proportion:direction=decrease:covariate=prio")};
  const auto result = analyze_unit_file(request);
  ASSERT_TRUE(result.ok()) << to_text(result.error());
  const auto& metric = result->metrics[0];
  EXPECT_EQ(metric.unadjusted.control.n, 216);
  EXPECT_EQ(metric.unadjusted.treatment.n, 216);
  EXPECT_NEAR(metric.unadjusted.control.estimate, 66.0 / 216, 1e-14);  // 114 arrests in all
  EXPECT_NEAR(metric.unadjusted.treatment.estimate, 48.0 / 216, 1e-14);
  EXPECT_GT(metric.variance_reduction, 0);
  EXPECT_EQ(metric.segments.size(), 2U);
}

}  // namespace
}  // namespace descant::experiment
