// SPDX-License-Identifier: Apache-2.0
#include "definitions/used_metrics.h"

#include <algorithm>

namespace descant::definitions {

std::vector<std::string> used_metrics(const Experiment& experiment) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  };
  for (const auto& compared : experiment.metrics) add(compared.metric);
  for (const auto& covariate : experiment.variance_reduction.covariates) add(covariate);
  add(experiment.design.take_up);
  add(experiment.design.control_wins);
  add(experiment.design.treatment_wins);
  return names;
}

}  // namespace descant::definitions
