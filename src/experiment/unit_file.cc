// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/analyze.h"
#include "experiment/unit_metric.h"
#include "experiment/unit_rows.h"

namespace descant::experiment {

namespace {

// Expected amounts by variant in the table's order; analyze() takes them as shares of their sum.
Result<std::vector<double>> read_shares(const std::vector<std::string>& texts,
                                        const std::vector<std::string>& variants) {
  if (texts.empty()) return std::vector<double>(variants.size(), 1.0);
  std::vector<double> shares(variants.size(), 0.0);
  for (const auto& text : texts) {
    const auto equals = text.rfind('=');
    const std::string name(trim(text.substr(0, equals)));
    const auto variant = std::find(variants.begin(), variants.end(), name);
    if (variant == variants.end())
      return not_found(fmt::format("no unit is in a variant '{}'", name), "shares",
                       did_you_mean(name, variants));
    const std::string_view number = equals == std::string::npos
                                        ? std::string_view()
                                        : trim(std::string_view(text).substr(equals + 1));
    double share = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), share);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() ||
        !(std::isfinite(share) && share > 0))
      return invalid_request(fmt::format("'{}' states no positive share", text), "shares",
                             "Write VARIANT=SHARE, such as control=0.5.");
    shares[static_cast<std::size_t>(variant - variants.begin())] = share;
  }
  for (std::size_t arm = 0; arm < variants.size(); ++arm)
    if (shares[arm] == 0)
      return invalid_request(fmt::format("the variant '{}' has no share", variants[arm]), "shares",
                             "State one for every variant, or for none.");
  return shares;
}

void add_left_out(const char* reason, std::uint64_t count, const char* message,
                  ExperimentSummary& summary) {
  if (count == 0) return;
  summary.left_out.push_back(
      {reason, "rows", static_cast<std::int64_t>(count),
       fmt::format("{} {}", counted(static_cast<std::int64_t>(count), "row"), message)});
}

}  // namespace

Result<AnalysisPlan> plan_units(const UnitFileRequest& request) {
  if (request.variant.empty())
    return invalid_request("no variant column is named", "variant",
                           "Name the column that says which variant a unit was in.");
  if (request.metrics.empty())
    return invalid_request("no metric is named", "metrics",
                           "Name a column and its type, such as rounds:mean.");
  AnalysisPlan plan;
  plan.name = std::filesystem::path(request.file).filename().string();
  plan.alpha = request.alpha;
  plan.power = request.power;
  plan.deterioration_alpha = request.deterioration_alpha;
  plan.confidence_level = request.confidence_level;
  for (const auto& metric : request.metrics) {
    DESCANT_ASSIGN(auto metric_plan, plan_unit_metric(metric));
    plan.metrics.push_back(std::move(metric_plan));
  }
  return plan;
}

Result<ExperimentResult> analyze_unit_rows(AnalysisPlan plan, const UnitFileRequest& request,
                                           const UnitRows& rows) {
  DESCANT_ASSIGN(plan.shares, read_shares(request.shares, rows.table.variants));
  plan.data_fingerprint = rows.fingerprint;
  DESCANT_ASSIGN(auto result, analyze(plan, rows.table, std::nullopt, request.threads));
  add_left_out("null_variant", rows.without_variant, "without a variant.", result.experiment);
  add_left_out("null_key", rows.without_unit, "without a unit identifier.", result.experiment);
  return result;
}

Result<ExperimentResult> analyze_unit_file(const UnitFileRequest& request) {
  DESCANT_ASSIGN(auto plan, plan_units(request));
  DESCANT_ASSIGN(const auto rows, read_unit_rows(request));
  return analyze_unit_rows(std::move(plan), request, rows);
}

}  // namespace descant::experiment
