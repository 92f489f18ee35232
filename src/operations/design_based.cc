// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "operations/define.h"
#include "stats/comparison/bayesian_difference.h"
#include "stats/comparison/cluster_difference.h"
#include "stats/comparison/dunnett.h"
#include "stats/comparison/equivalence.h"
#include "stats/comparison/interaction.h"
#include "stats/comparison/stratified_difference.h"

namespace descant::operations {
namespace {

using stats::Sample;

void describe_arms(Describer& d, Sample& control, Sample& treatment) {
  d.field(control, {.name = "control", .doc = "the control arm's sample", .required = true});
  d.field(treatment, {.name = "treatment", .doc = "the treatment arm's sample", .required = true});
}

// Lets through those of a struct's fields that an operation has a use for.
class OnlyFields final : public Describer {
 public:
  OnlyFields(Describer& target, std::initializer_list<std::string_view> names)
      : target_(target), names_(names) {}
  void visit(const Field& field, ValueRef value) override {
    if (std::find(names_.begin(), names_.end(), field.name) != names_.end())
      target_.visit(field, value);
  }

 private:
  Describer& target_;
  std::vector<std::string_view> names_;
};

void describe_options(Describer& d, stats::ComparisonOptions& options,
                      std::initializer_list<std::string_view> names) {
  OnlyFields only(d, names);
  stats::describe(only, options);
}

// ---- stratified_difference ----

struct StratumSamples {
  std::optional<std::string> name;
  std::optional<double> weight;
  Sample control;
  Sample treatment;
};

void describe(Describer& d, StratumSamples& stratum) {
  d.field(stratum.name, {.name = "name", .doc = "for the result; default: its position"});
  d.field(stratum.weight,
          {.name = "weight",
           .doc = "fixed share of the population; default: the stratum's share of all units",
           .minimum = 0});
  describe_arms(d, stratum.control, stratum.treatment);
}

struct StratifiedDifferenceRequest {
  std::optional<std::vector<StratumSamples>> strata;
  std::optional<Sample> control;
  std::optional<Sample> treatment;
  std::string method = "post_stratified";
  stats::ComparisonOptions options;
};

void describe(Describer& d, StratifiedDifferenceRequest& request) {
  d.field(request.strata, {.name = "strata", .doc = "two samples each"});
  d.field(request.control,
          {.name = "control", .doc = "instead of strata: raw rows with stratum labels"});
  d.field(request.treatment,
          {.name = "treatment", .doc = "instead of strata: raw rows with stratum labels"});
  d.field(request.method, {.name = "method",
                           .doc = "post_stratified weighs by shares of units; mantel_haenszel, of "
                                  "shares, holds with many sparse strata",
                           .choices = {"post_stratified", "mantel_haenszel"}});
  stats::describe(d, request.options);
}

Result<std::vector<stats::StratumArms>> strata_of(const StratifiedDifferenceRequest& request) {
  if (request.strata.has_value() == (request.control || request.treatment))
    return invalid_request("give either strata, or control and treatment", "strata",
                           "Raw rows need a stratum label each.");
  std::vector<stats::StratumArms> strata;
  if (!request.strata) {
    if (!request.control || !request.treatment)
      return invalid_request("an arm is missing", request.control ? "treatment" : "control",
                             "Give both, or strata.");
    return stats::strata_of(*request.control, *request.treatment,
                            request.method == "mantel_haenszel");
  }
  for (std::size_t i = 0; i < request.strata->size(); ++i) {
    const auto& given = (*request.strata)[i];
    const auto at = [i](const char* arm) { return fmt::format("strata[{}].{}", i, arm); };
    stats::StratumArms stratum;
    stratum.name = given.name.value_or(std::to_string(i));
    stratum.weight = given.weight;
    DESCANT_ASSIGN(stratum.control, stats::outcome_of(given.control, at("control")));
    DESCANT_ASSIGN(stratum.treatment, stats::outcome_of(given.treatment, at("treatment")));
    strata.push_back(std::move(stratum));
  }
  return strata;
}

Result<stats::StratifiedComparison> stratified_difference(
    const StratifiedDifferenceRequest& request) {
  DESCANT_ASSIGN(const auto strata, strata_of(request));
  return stats::stratified_difference(strata, request.method, request.options);
}

// ---- cluster_difference ----

struct ClusterDifferenceRequest {
  Sample control;
  Sample treatment;
  std::string method = "cr1";
  stats::ComparisonOptions options;
};

void describe(Describer& d, ClusterDifferenceRequest& request) {
  describe_arms(d, request.control, request.treatment);
  d.field(request.method, {.name = "method",
                           .doc = "cr1: regression with cluster-robust errors; delta: clusters are "
                                  "the units of a ratio of sums",
                           .choices = {"cr1", "delta"}});
  stats::describe(d, request.options);
}

Result<stats::ClusterComparison> cluster_difference(const ClusterDifferenceRequest& request) {
  return stats::cluster_difference(request.control, request.treatment, request.method,
                                   request.options);
}

// ---- equivalence_test ----

struct EquivalenceTestRequest {
  Sample control;
  Sample treatment;
  stats::EquivalenceMargins margins;
  stats::ComparisonOptions options;
};

void describe(Describer& d, EquivalenceTestRequest& request) {
  describe_arms(d, request.control, request.treatment);
  d.field(request.margins.lower, {.name = "lower_margin",
                                  .doc = "how much lower is still the same: a positive number",
                                  .required = true,
                                  .minimum = 0,
                                  .open_interval = true});
  d.field(request.margins.upper, {.name = "upper_margin",
                                  .doc = "how much higher is still the same: a positive number",
                                  .required = true,
                                  .minimum = 0,
                                  .open_interval = true});
  describe_options(d, request.options,
                   {"confidence_level", "margin_scale", "margin_treatment", "relative_method"});
}

struct EquivalenceTestResult {
  stats::EquivalenceResult result;
};

void describe(Describer& d, EquivalenceTestResult& response) {
  stats::describe(d, response.result.comparison);
  d.field(response.result.equivalent,
          {.name = "equivalent", .doc = "p_value <= 1 - confidence_level"});
  d.field(response.result.lower_test,
          {.name = "lower_test", .doc = "against a difference of -lower_margin or less"});
  d.field(response.result.upper_test,
          {.name = "upper_test", .doc = "against a difference of upper_margin or more"});
  d.field(response.result.equivalence_interval,
          {.name = "equivalence_interval",
           .doc = "of level 2 confidence_level - 1, on the margins' scale: inside the margins when "
                  "equivalent"});
}

Result<EquivalenceTestResult> equivalence_test(const EquivalenceTestRequest& request) {
  DESCANT_ASSIGN(auto pair, stats::pair_of(request.control, request.treatment));
  pair.method = "tost";
  DESCANT_ASSIGN(auto result, stats::equivalence_test(pair, request.margins, request.options));
  return EquivalenceTestResult{std::move(result)};
}

// ---- bayesian_difference ----

struct BayesianDifferenceRequest {
  Sample control;
  Sample treatment;
  stats::BayesianPlan plan;
  stats::ComparisonOptions options;
};

void describe(Describer& d, BayesianDifferenceRequest& request) {
  describe_arms(d, request.control, request.treatment);
  stats::describe(d, request.plan);
  describe_options(d, request.options,
                   {"confidence_level", "alternative", "null_value", "direction"});
}

Result<stats::BayesianComparison> bayesian_difference(const BayesianDifferenceRequest& request) {
  if (request.plan.model == "beta_binomial") {
    DESCANT_ASSIGN(const auto control, stats::successes_of(request.control, "control"));
    DESCANT_ASSIGN(const auto treatment, stats::successes_of(request.treatment, "treatment"));
    return stats::beta_binomial_difference(control, treatment, request.plan, request.options);
  }
  DESCANT_ASSIGN(const auto pair, stats::pair_of(request.control, request.treatment));
  return stats::bayesian_difference(pair, request.plan, request.options);
}

// ---- interaction ----

struct InteractionRequest {
  stats::InteractionCells cells;
  stats::ComparisonOptions options;
};

void describe(Describer& d, InteractionRequest& request) {
  d.field(request.cells, {.name = "cells",
                          .doc = "a sample for each pair of arms, first experiment first",
                          .required = true});
  describe_options(
      d, request.options,
      {"confidence_level", "alternative", "null_value", "non_inferiority_margin", "direction"});
}

struct InteractionResult {
  stats::Interaction result;
};

void describe(Describer& d, InteractionResult& response) {
  stats::describe(d, response.result.comparison);
  d.field(response.result.cells, {.name = "cells", .doc = "the four estimates"});
}

Result<InteractionResult> interaction(const InteractionRequest& request) {
  DESCANT_ASSIGN(auto result, stats::interaction(request.cells, request.options));
  return InteractionResult{std::move(result)};
}

// ---- many_to_one_difference ----

struct ManyToOneRequest {
  Sample control;
  std::vector<Sample> treatments;
  stats::ManyToOnePlan plan;
  stats::ComparisonOptions options;
};

void describe(Describer& d, ManyToOneRequest& request) {
  d.field(request.control,
          {.name = "control", .doc = "the sample that all are compared with", .required = true});
  d.field(request.treatments,
          {.name = "treatments", .doc = "a sample for each treatment", .required = true});
  stats::describe(d, request.plan);
  describe_options(d, request.options,
                   {"confidence_level", "alternative", "null_value", "non_inferiority_margin",
                    "direction", "relative_method"});
}

Result<stats::ManyToOne> many_to_one_difference(const ManyToOneRequest& request) {
  DESCANT_ASSIGN(const auto control, stats::outcome_of(request.control, "control"));
  std::vector<stats::ArmOutcome> treatments;
  for (std::size_t i = 0; i < request.treatments.size(); ++i) {
    DESCANT_ASSIGN(auto arm,
                   stats::outcome_of(request.treatments[i], fmt::format("treatments[{}]", i)));
    treatments.push_back(std::move(arm));
  }
  return stats::many_to_one_difference(control, treatments, request.plan, request.options);
}

}  // namespace

std::vector<Operation> design_based_operations() {
  constexpr std::string_view kGroup = "comparisons";
  return {
      define<StratifiedDifferenceRequest, stats::StratifiedComparison, stratified_difference>(
          "stratified_difference", kGroup,
          "Compares two arms within strata: post-stratification or Mantel-Haenszel."),
      define<ClusterDifferenceRequest, stats::ClusterComparison, cluster_difference>(
          "cluster_difference", kGroup, "Compares means or ratios of rows that come in clusters."),
      define<EquivalenceTestRequest, EquivalenceTestResult, equivalence_test>(
          "equivalence_test", kGroup, "Tests that two arms differ by less than a margin (TOST)."),
      define<BayesianDifferenceRequest, stats::BayesianComparison, bayesian_difference>(
          "bayesian_difference", kGroup,
          "Weighs a difference against a prior: probability to be better, risk, interval."),
      define<InteractionRequest, InteractionResult, interaction>(
          "interaction", kGroup, "Tests whether two experiments change each other's effect."),
      define<ManyToOneRequest, stats::ManyToOne, many_to_one_difference>(
          "many_to_one_difference", kGroup,
          "Compares several treatments with one control: Dunnett, Holm or Bonferroni."),
  };
}

}  // namespace descant::operations
