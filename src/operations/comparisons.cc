// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "operations/define.h"
#include "stats/comparison/adjusted_samples.h"
#include "stats/comparison/mean_difference.h"
#include "stats/comparison/proportion_difference.h"
#include "stats/sample.h"

namespace descant::operations {
namespace {

using Outcome = stats::NamedMoments::Outcome;

struct Arms {
  stats::Sample control;
  stats::Sample treatment;
};

void describe_arms(Describer& d, Arms& arms) {
  d.field(arms.control, {.name = "control", .doc = "the control arm's sample", .required = true});
  d.field(arms.treatment,
          {.name = "treatment", .doc = "the treatment arm's sample", .required = true});
}

// ---- mean_difference ----

struct MeanDifferenceRequest {
  Arms arms;
  std::string method = "welch";
  stats::ComparisonOptions options;
};

void describe(Describer& d, MeanDifferenceRequest& request) {
  describe_arms(d, request.arms);
  d.field(request.method, {.name = "method",
                           .doc = "variances of their own, pooled, or a normal reference",
                           .choices = {"welch", "student", "z"}});
  stats::describe(d, request.options);
}

void warn_of_unused_columns(const Arms& arms, Warnings& warnings) {
  if (!arms.control.cluster.is_null() || !arms.treatment.cluster.is_null())
    warnings.push_back({"cluster_not_used", "cluster",
                        "This comparison takes the rows as independent: with clusters its errors "
                        "are too small; cluster_difference uses them."});
  if (!arms.control.covariates.empty() || !arms.treatment.covariates.empty())
    warnings.push_back({"covariates_not_used", "covariates",
                        "This comparison is unadjusted: adjusted_difference uses covariates."});
}

Error wrong_outcome(const stats::NamedMoments& moments, std::string_view where) {
  if (moments.outcome == Outcome::kRatio)
    return invalid_request("the sample is a ratio", std::string(where), "Use ratio_difference.");
  return invalid_request("the sample holds several columns", std::string(where),
                         "Use adjusted_difference and say which column is the outcome.");
}

Result<stats::Comparison> mean_difference(const MeanDifferenceRequest& request) {
  DESCANT_ASSIGN(const auto control, stats::moments_of(request.arms.control, "control"));
  DESCANT_ASSIGN(const auto treatment, stats::moments_of(request.arms.treatment, "treatment"));
  if (control.outcome != Outcome::kMean) return wrong_outcome(control, "control");
  if (treatment.outcome != Outcome::kMean) return wrong_outcome(treatment, "treatment");
  DESCANT_ASSIGN(auto comparison, stats::mean_difference(control.moments, treatment.moments,
                                                         request.method, request.options));
  warn_of_unused_columns(request.arms, comparison.warnings);
  return comparison;
}

// ---- proportion_difference ----

struct ProportionDifferenceRequest {
  Arms arms;
  std::string method = "z_unpooled";
  stats::ComparisonOptions options;
};

void describe(Describer& d, ProportionDifferenceRequest& request) {
  describe_arms(d, request.arms);
  d.field(request.method,
          {.name = "method",
           .doc = "the test or interval",
           .choices = {"z_unpooled", "z_pooled", "newcombe", "agresti_caffo", "miettinen_nurminen",
                       "fisher", "barnard", "boschloo", "chi_squared", "g_test"}});
  stats::describe(d, request.options);
}

struct ProportionDifferenceResult {
  stats::ProportionComparison result;
};

void describe(Describer& d, ProportionDifferenceResult& response) {
  stats::describe(d, response.result.comparison);
  d.field(response.result.odds_ratio,
          {.name = "odds_ratio", .doc = "standard_error is that of its logarithm"});
  d.field(response.result.risk_ratio,
          {.name = "risk_ratio", .doc = "standard_error is that of its logarithm"});
}

Result<ProportionDifferenceResult> proportion_difference(
    const ProportionDifferenceRequest& request) {
  DESCANT_ASSIGN(const auto control, stats::successes_of(request.arms.control, "control"));
  DESCANT_ASSIGN(const auto treatment, stats::successes_of(request.arms.treatment, "treatment"));
  DESCANT_ASSIGN(auto result,
                 stats::proportion_difference(control, treatment, request.method, request.options));
  warn_of_unused_columns(request.arms, result.comparison.warnings);
  return ProportionDifferenceResult{std::move(result)};
}

// ---- ratio_difference ----

struct RatioDifferenceRequest {
  Arms arms;
  std::string method = "delta";
  stats::ComparisonOptions options;
};

void describe(Describer& d, RatioDifferenceRequest& request) {
  describe_arms(d, request.arms);
  d.field(request.method,
          {.name = "method",
           .doc = "delta; fieller is the same test with Fieller's relative interval",
           .choices = {"delta", "fieller"}});
  stats::describe(d, request.options);
}

Result<stats::Comparison> ratio_difference(const RatioDifferenceRequest& request) {
  DESCANT_ASSIGN(const auto control, stats::moments_of(request.arms.control, "control"));
  DESCANT_ASSIGN(const auto treatment, stats::moments_of(request.arms.treatment, "treatment"));
  for (const auto& [arm, name] : {std::pair(&control, "control"), {&treatment, "treatment"}}) {
    if (arm->outcome == Outcome::kNamed) return wrong_outcome(*arm, name);
    if (arm->outcome != Outcome::kRatio)
      return invalid_request("the sample is not a ratio", name,
                             "Give numerator and denominator, or use mean_difference.");
  }
  DESCANT_ASSIGN(auto comparison, stats::ratio_difference(control.moments, treatment.moments,
                                                          {0, 1}, request.method, request.options));
  warn_of_unused_columns(request.arms, comparison.warnings);
  return comparison;
}

// ---- adjusted_difference ----

struct AdjustedDifferenceRequest {
  Arms arms;
  stats::SampleAdjustment adjustment;
  stats::ComparisonOptions options;
};

void describe(Describer& d, AdjustedDifferenceRequest& request) {
  describe_arms(d, request.arms);
  stats::describe(d, request.adjustment);
  stats::describe(d, request.options);
}

struct AdjustedDifferenceResult {
  stats::AdjustedSamples result;
};

void describe(Describer& d, AdjustedDifferenceResult& response) {
  auto& adjusted = response.result.adjusted;
  stats::describe(d, adjusted.comparison);
  d.field(adjusted.variance_reduction,
          {.name = "variance_reduction", .doc = "share of the effect's variance removed"});
  d.field(response.result.covariates,
          {.name = "covariates", .doc = "as used, indicators of missing values included"});
  d.field(adjusted.coefficients,
          {.name = "coefficients",
           .doc = "by covariate: what the adjusted effect subtracts per unit of difference in its "
                  "means; null when it was left out"});
  d.field(adjusted.unadjusted, {.name = "unadjusted", .doc = "the same comparison without them"});
}

Result<AdjustedDifferenceResult> adjusted_difference(const AdjustedDifferenceRequest& request) {
  DESCANT_ASSIGN(auto result, stats::adjusted_samples(request.arms.control, request.arms.treatment,
                                                      request.adjustment, request.options));
  return AdjustedDifferenceResult{std::move(result)};
}

}  // namespace

std::vector<Operation> comparison_operations() {
  constexpr std::string_view kGroup = "comparisons";
  return {
      define<MeanDifferenceRequest, stats::Comparison, mean_difference>(
          "mean_difference", kGroup, "Compares the means of two arms by a t or z test."),
      define<ProportionDifferenceRequest, ProportionDifferenceResult, proportion_difference>(
          "proportion_difference", kGroup,
          "Compares two shares by normal, score, exact or contingency tests."),
      define<RatioDifferenceRequest, stats::Comparison, ratio_difference>(
          "ratio_difference", kGroup,
          "Compares two ratios of totals by the delta method or Fieller's theorem."),
      define<AdjustedDifferenceRequest, AdjustedDifferenceResult, adjusted_difference>(
          "adjusted_difference", kGroup,
          "Compares two means or ratios with covariates: CUPED or regression adjustment."),
  };
}

}  // namespace descant::operations
