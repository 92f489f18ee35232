// SPDX-License-Identifier: Apache-2.0
#include "experiment/planned_decision.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>
#include <fmt/format.h>

#include "base/random.h"
#include "experiment/effects.h"
#include "experiment/random_purpose.h"
#include "stats/distributions.h"

namespace descant::experiment {

namespace {

// A matrix whose product with independent normals has the correlation; a matrix that rounding made
// not quite positive semi-definite is taken at its nearest.
Eigen::MatrixXd root_of(const std::vector<double>& correlation, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  const Eigen::Map<const Eigen::MatrixXd> matrix(correlation.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  const Eigen::VectorXd values = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return solver.eigenvectors() * values.asDiagonal();
}

stats::MetricTests test_of(const PlannedTest& planned, double noise) {
  const double good = planned.effect + (planned.increase_is_good ? noise : -noise);
  stats::MetricTests test;
  test.name = planned.name;
  test.role = role_name(planned.role);
  test.deterioration_p_value = stats::normal_cdf(good);
  switch (planned.role) {
    case definitions::Role::kGuardrail:
      test.p_value = stats::normal_upper_tail(good + planned.margin);
      break;
    case definitions::Role::kQuality:
      test.p_value = 2 * stats::normal_upper_tail(std::abs(good));
      test.deterioration_p_value = stats::kUndefined;
      break;
    default:
      test.p_value = stats::normal_upper_tail(good);
  }
  return test;
}

}  // namespace

Result<PlannedDecision> simulate_decision(const std::vector<PlannedTest>& tests,
                                          const std::vector<double>& correlation,
                                          std::size_t checks, const stats::DecisionPlan& rule,
                                          std::size_t replicates, std::uint64_t seed) {
  if (correlation.size() != tests.size() * tests.size())
    return internal_error("the correlation does not fit the tests", "correlation");
  const Eigen::MatrixXd root = root_of(correlation, tests.size());
  Eigen::VectorXd independent(static_cast<Eigen::Index>(tests.size()));
  std::int64_t ship = 0, stop = 0, invalid = 0;
  for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
    Random draw(seed, RandomPurpose::kPlannedDecision, replicate);
    for (auto& value : independent) value = draw.normal();
    const Eigen::VectorXd noise = root * independent;
    std::vector<stats::MetricTests> drawn;
    for (std::size_t i = 0; i < tests.size(); ++i)
      drawn.push_back(test_of(tests[i], noise(static_cast<Eigen::Index>(i))));
    Random check(seed, RandomPurpose::kQualityTest, replicate);
    for (std::size_t i = 0; i < checks; ++i)
      drawn.push_back({fmt::format("check {}", i), "quality", check.uniform(), stats::kUndefined});
    DESCANT_ASSIGN(const auto decision, stats::decide(drawn, rule));
    ship += decision.action == "ship" ? 1 : 0;
    stop += decision.action == "stop" ? 1 : 0;
    invalid += decision.action == "invalid" ? 1 : 0;
  }
  const auto total = static_cast<std::int64_t>(replicates);
  return PlannedDecision{rate_of(ship, total), rate_of(stop, total), rate_of(invalid, total)};
}

Result<std::vector<double>> centred_unit_values(const UnitColumns& columns) {
  DESCANT_ASSIGN(auto values, adjusted_unit_values(columns));
  double mean = 0;
  for (const double value : values) mean += value;
  if (columns.units > 0) mean /= static_cast<double>(columns.units);
  for (std::size_t u = 0; u < values.size(); ++u)
    values[u] = columns.included[u] != 0 ? values[u] - mean : 0.0;
  return values;
}

std::vector<double> correlation_of_totals(const std::vector<std::vector<double>>& centred) {
  const std::size_t size = centred.size();
  std::vector<double> cross(size * size, 0.0);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double total = 0;
      for (std::size_t u = 0; u < centred[i].size(); ++u) total += centred[i][u] * centred[j][u];
      cross[i * size + j] = cross[j * size + i] = total;
    }
  std::vector<double> correlation(size * size, 0.0);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) {
      const double scale = std::sqrt(cross[i * size + i] * cross[j * size + j]);
      correlation[i * size + j] = i == j ? 1.0 : scale > 0 ? cross[i * size + j] / scale : 0.0;
    }
  return correlation;
}

Result<std::vector<double>> estimate_correlation(const std::vector<UnitColumns>& metrics) {
  std::vector<std::vector<double>> centred;
  for (const auto& metric : metrics) {
    DESCANT_ASSIGN(auto values, centred_unit_values(metric));
    centred.push_back(std::move(values));
  }
  return correlation_of_totals(centred);
}

}  // namespace descant::experiment
