// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "operations/define.h"
#include "stats/comparison/bootstrap_difference.h"
#include "stats/comparison/quantile_difference.h"
#include "stats/comparison/rank_sums.h"
#include "stats/sample.h"

namespace descant::operations {
namespace {

struct Arms {
  stats::Sample control;
  stats::Sample treatment;
};

void describe_arms(Describer& d, Arms& arms) {
  d.field(arms.control, {.name = "control", .doc = "the control arm's raw rows", .required = true});
  d.field(arms.treatment,
          {.name = "treatment", .doc = "the treatment arm's raw rows", .required = true});
}

// One arm's rows as plain columns.
struct Columns {
  std::vector<double> values;  // or the numerator
  std::vector<double> denominator;
  std::vector<std::uint32_t> cluster;
};

std::vector<double> plain(const std::vector<std::optional<double>>& column) {
  std::vector<double> out;
  out.reserve(column.size());
  for (const auto& value : column) out.push_back(*value);
  return out;
}

Result<Columns> columns_of(stats::Sample sample, std::string_view where, Warnings& warnings) {
  if (!sample.covariates.empty())
    warnings.push_back({"covariates_not_used", fmt::format("{}.covariates", where),
                        "This comparison is unadjusted: adjusted_difference uses covariates."});
  if (!sample.stratum.is_null())
    warnings.push_back({"stratum_not_used", fmt::format("{}.stratum", where),
                        "This comparison has no strata: stratified_difference uses them."});
  sample.covariates.clear();
  DESCANT_ASSIGN(auto rows, stats::rows_of(sample, where));
  Columns out;
  out.values = plain(rows.columns[0]);
  if (rows.columns.size() > 1) out.denominator = plain(rows.columns[1]);
  if (rows.cluster) out.cluster = std::move(rows.cluster->index);
  return out;
}

// The rows of a method for one value per row.
Result<Columns> values_of(const stats::Sample& sample, std::string_view where, Warnings& warnings) {
  if (!sample.numerator.is_null() || !sample.denominator.is_null())
    return invalid_request("the sample is a ratio", std::string(where),
                           "Give values: one number per row.");
  return columns_of(sample, where, warnings);
}

void warn_of_unused_clusters(const Columns& columns, std::string_view where, Warnings& warnings) {
  if (columns.cluster.empty()) return;
  warnings.push_back({"cluster_not_used", fmt::format("{}.cluster", where),
                      "This method takes the rows as independent: with clusters its errors are too "
                      "small."});
}

void prepend(Warnings& to, Warnings&& from) {
  to.insert(to.begin(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// ---- quantile_difference ----

struct QuantileDifferenceRequest {
  Arms arms;
  stats::QuantileOptions quantile;
  stats::ComparisonOptions options;
};

void describe(Describer& d, QuantileDifferenceRequest& request) {
  describe_arms(d, request.arms);
  stats::describe(d, request.quantile);
  stats::describe(d, request.options);
}

struct QuantileDifferenceResult {
  stats::Comparison comparison;
  double quantile = 0.5;
};

void describe(Describer& d, QuantileDifferenceResult& response) {
  stats::describe(d, response.comparison);
  d.field(response.quantile, {.name = "quantile", .doc = "which one was compared"});
}

Result<QuantileDifferenceResult> quantile_difference(const QuantileDifferenceRequest& request) {
  Warnings warnings;
  DESCANT_ASSIGN(auto control, values_of(request.arms.control, "control", warnings));
  DESCANT_ASSIGN(auto treatment, values_of(request.arms.treatment, "treatment", warnings));
  if (request.quantile.method != "cluster") {
    warn_of_unused_clusters(control, "control", warnings);
    warn_of_unused_clusters(treatment, "treatment", warnings);
  }
  DESCANT_ASSIGN(auto comparison, stats::quantile_difference(
                                      {std::move(control.values), std::move(control.cluster)},
                                      {std::move(treatment.values), std::move(treatment.cluster)},
                                      request.quantile, request.options));
  prepend(comparison.warnings, std::move(warnings));
  return QuantileDifferenceResult{std::move(comparison), request.quantile.quantile};
}

// ---- bootstrap_difference ----

struct BootstrapDifferenceRequest {
  Arms arms;
  stats::BootstrapOptions bootstrap;
  stats::ComparisonOptions options;
};

void describe(Describer& d, BootstrapDifferenceRequest& request) {
  describe_arms(d, request.arms);
  stats::describe(d, request.bootstrap);
  stats::describe(d, request.options);
}

Result<stats::Comparison> bootstrap_difference(const BootstrapDifferenceRequest& request) {
  Warnings warnings;
  DESCANT_ASSIGN(const auto control, columns_of(request.arms.control, "control", warnings));
  DESCANT_ASSIGN(const auto treatment, columns_of(request.arms.treatment, "treatment", warnings));
  DESCANT_ASSIGN(auto comparison, stats::bootstrap_difference(
                                      {control.values, control.denominator, control.cluster},
                                      {treatment.values, treatment.denominator, treatment.cluster},
                                      request.bootstrap, request.options));
  prepend(comparison.warnings, std::move(warnings));
  return comparison;
}

// ---- rank_sum_test ----

struct RankSumRequest {
  Arms arms;
  stats::RankSumOptions rank_sum;
  stats::ComparisonOptions options;
};

void describe(Describer& d, RankSumRequest& request) {
  describe_arms(d, request.arms);
  stats::describe(d, request.rank_sum);
  stats::describe(d, request.options);
}

Result<stats::RankSumComparison> rank_sum_test(const RankSumRequest& request) {
  Warnings warnings;
  DESCANT_ASSIGN(auto control, values_of(request.arms.control, "control", warnings));
  DESCANT_ASSIGN(auto treatment, values_of(request.arms.treatment, "treatment", warnings));
  warn_of_unused_clusters(control, "control", warnings);
  warn_of_unused_clusters(treatment, "treatment", warnings);
  DESCANT_ASSIGN(auto result,
                 stats::rank_sum_test(std::move(control.values), std::move(treatment.values),
                                      request.rank_sum, request.options));
  prepend(result.comparison.warnings, std::move(warnings));
  return result;
}

}  // namespace

std::vector<Operation> row_comparison_operations() {
  constexpr std::string_view kGroup = "comparisons";
  return {
      define<QuantileDifferenceRequest, QuantileDifferenceResult, quantile_difference>(
          "quantile_difference", kGroup,
          "Compares a quantile of two arms, with rows alone or in clusters."),
      define<BootstrapDifferenceRequest, stats::Comparison, bootstrap_difference>(
          "bootstrap_difference", kGroup,
          "Compares two means, ratios or quantiles by the Poisson bootstrap."),
      define<RankSumRequest, stats::RankSumComparison, rank_sum_test>(
          "rank_sum_test", kGroup, "Compares the ranks of two arms by Mann and Whitney's test."),
  };
}

}  // namespace descant::operations
