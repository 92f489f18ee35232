// SPDX-License-Identifier: Apache-2.0
#include "experiment/several_treatments.h"

#include <cmath>

#include "stats/comparison/dunnett.h"
#include "stats/distributions.h"
#include "stats/multiplicity.h"

namespace descant::experiment {
namespace {

using definitions::SeveralTreatments;

// Correlation of a treatment's difference with the control's mean.
double share_of_control(const stats::Comparison& comparison) {
  const double control = comparison.control.standard_error * comparison.control.standard_error;
  const double treatment =
      comparison.treatment.standard_error * comparison.treatment.standard_error;
  return std::sqrt(control / (control + treatment));
}

std::vector<double> dunnett(const std::vector<MetricEffect*>& tests) {
  std::vector<double> lambda;
  for (const auto* test : tests) lambda.push_back(share_of_control(test->result.comparison));
  stats::Dunnett family(lambda, false);
  std::vector<double> adjusted;
  for (const auto* test : tests) {
    const double p = test->tests.p_value;
    const bool certain = p <= 0 || p >= 1;  // the statistic is infinite
    adjusted.push_back(certain ? p
                               : family.upper_tail(-stats::normal_quantile(p), stats::kUndefined));
  }
  return adjusted;
}

Result<std::vector<double>> adjust(SeveralTreatments method,
                                   const std::vector<MetricEffect*>& tests) {
  if (method == SeveralTreatments::kDunnett) return dunnett(tests);
  stats::AdjustPValuesRequest request;
  for (const auto* test : tests) request.p_values.push_back(test->tests.p_value);
  request.method = "holm";
  DESCANT_ASSIGN(auto result, stats::adjust_p_values(request));
  return std::move(result.adjusted);
}

bool is_shared(const MetricEffect& effect) {
  const std::string& role = effect.result.role;
  return (role == "success" || role == "guardrail") && !std::isnan(effect.tests.p_value);
}

}  // namespace

Result<std::size_t> share_alpha(SeveralTreatments method,
                                std::vector<std::vector<MetricEffect>>& effects) {
  if (effects.size() < 2) return std::size_t{1};
  if (method == SeveralTreatments::kBonferroni) return effects.size();
  if (method == SeveralTreatments::kDunnett && effects.size() > stats::kMostDunnett)
    return invalid_request("there are more treatments than Dunnett's method takes",
                           "several_treatments", "Use holm.");
  for (std::size_t metric = 0; metric < effects.front().size(); ++metric) {
    std::vector<MetricEffect*> shared;
    for (auto& treatment : effects)
      if (is_shared(treatment[metric])) shared.push_back(&treatment[metric]);
    if (shared.empty()) continue;
    DESCANT_ASSIGN(const auto adjusted, adjust(method, shared));
    for (std::size_t i = 0; i < shared.size(); ++i) {
      shared[i]->tests.p_value = adjusted[i];
      if (!std::isnan(shared[i]->result.p_value_one_sided))
        shared[i]->result.p_value_adjusted = adjusted[i];
    }
  }
  return std::size_t{1};
}

}  // namespace descant::experiment
