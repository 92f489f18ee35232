// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/correlated_looks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/multivariate_normal.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kSameCorrelation = 1e-12;
constexpr double kTolerance = 1e-5;
constexpr int kMostIterations = 6;

Eigen::MatrixXd independent_correlation(const std::vector<double>& information) {
  const auto size = static_cast<Eigen::Index>(information.size());
  Eigen::MatrixXd correlation(size, size);
  for (Eigen::Index i = 0; i < size; ++i)
    for (Eigen::Index j = 0; j < size; ++j) {
      const double ratio = information[static_cast<std::size_t>(std::min(i, j))] /
                           information[static_cast<std::size_t>(std::max(i, j))];
      correlation(i, j) = std::sqrt(ratio);
    }
  return correlation;
}

Result<void> check(const CorrelatedLooks& looks) {
  const std::size_t size = looks.information.size();
  if (!(looks.alpha > 0 && looks.alpha < 1))
    return invalid_request("alpha must be between 0 and 1", "alpha");
  if (looks.sides != 1 && looks.sides != 2) return invalid_request("sides must be 1 or 2", "sides");
  DESCANT_CHECK(check_spending(looks.spending, "spending"));
  if (is_classical(looks.spending))
    return invalid_request("correlated looks need a spending function", "spending.function");
  if (size > kMostCorrelatedLooks)
    return invalid_request(fmt::format("more than {} correlated looks", kMostCorrelatedLooks),
                           "information");
  DESCANT_CHECK(check_information(looks.information, "information"));
  if (looks.covariance.size() == size * size) return {};
  return invalid_request(fmt::format("{} covariances of {} looks", looks.covariance.size(), size),
                         "covariance", "Give the square matrix row by row.");
}

// The leading looks, latest first: the look that is to cross is taken before those that go on.
Eigen::MatrixXd latest_first(const Eigen::MatrixXd& matrix, Eigen::Index count) {
  return matrix.topLeftCorner(count, count).reverse();
}

// The probability to have gone on, given that the last of `root`'s looks (its first component)
// crosses `upper` above.
double share_gone_on(const Eigen::MatrixXd& root, std::span<const double> earlier_upper,
                     double upper, bool two_sided) {
  std::vector<double> low{upper};
  std::vector<double> high{kInfinite};
  for (auto bound = earlier_upper.rbegin(); bound != earlier_upper.rend(); ++bound) {
    low.push_back(two_sided ? -*bound : -kInfinite);
    high.push_back(*bound);
  }
  return rectangle_probability(root, low, high) / normal_upper_tail(upper);
}

// The bound with P(gone on, then above it) = spent, by the secant method on logarithms from the
// bound under independent increments, where the lattice's error is known and taken out.
struct LookProblem {
  const Eigen::MatrixXd& root;
  const Eigen::MatrixXd& independent_root;
  std::span<const double> earlier;
  std::span<const double> independent_earlier;
  double independent_bound;
  double spent;
  bool two_sided;
};

double solve_look(const LookProblem& problem) {
  if (!(problem.spent > 0)) return kInfinite;
  double log_correction = 0;
  double u = kGreatestBound;
  if (std::isfinite(problem.independent_bound)) {
    u = problem.independent_bound;
    log_correction = std::log(
        problem.spent / normal_upper_tail(u) /
        share_gone_on(problem.independent_root, problem.independent_earlier, u, problem.two_sided));
  }
  const auto excess = [&](double bound) {
    const double share = share_gone_on(problem.root, problem.earlier, bound, problem.two_sided);
    return std::log(share * normal_upper_tail(bound) / problem.spent) + log_correction;
  };
  double before = u;
  double value_before = excess(u);
  // As if the share did not change with the bound.
  u = -normal_quantile(std::min(normal_upper_tail(u) * std::exp(-value_before), 0.999));
  for (int iteration = 0; iteration < kMostIterations && std::abs(u - before) > kTolerance;
       ++iteration) {
    const double value = excess(u);
    const double slope = (value - value_before) / (u - before);
    if (!std::isfinite(slope) || slope == 0) break;
    value_before = value;
    before = std::exchange(u, std::clamp(u - value / slope, u - 1, u + 1));
  }
  return u > kGreatestBound ? kInfinite : u;
}

}  // namespace

Result<CorrelatedBounds> correlated_bounds(const CorrelatedLooks& looks) {
  DESCANT_CHECK(check(looks));
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = static_cast<Eigen::Index>(looks.information.size());
  const Eigen::MatrixXd covariance =
      Eigen::Map<const RowMajor>(looks.covariance.data(), size, size);
  DESCANT_ASSIGN(const Eigen::MatrixXd root, correlation_root(covariance, "covariance"));
  const Eigen::MatrixXd independent = independent_correlation(looks.information);
  const Eigen::MatrixXd correlation = root * root.transpose();

  const double alpha = looks.alpha / looks.sides;
  const bool two_sided = looks.sides == 2;
  const LookBounds exact = spending_bounds(looks.information, looks.spending, alpha, two_sided);
  CorrelatedBounds result;
  result.independent_upper = exact.upper;
  double before = 0;
  for (Eigen::Index k = 0; k < size; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const double difference = (correlation - independent).row(k).head(k + 1).cwiseAbs().maxCoeff();
    result.largest_correlation_difference =
        std::max(result.largest_correlation_difference, difference);
    const double spent = exact.alpha_spent[i] - std::exchange(before, exact.alpha_spent[i]);
    if (result.largest_correlation_difference < kSameCorrelation) {
      result.upper.push_back(exact.upper[i]);
      continue;
    }
    DESCANT_ASSIGN(const Eigen::MatrixXd look_root,
                   correlation_root(latest_first(correlation, k + 1), "covariance"));
    DESCANT_ASSIGN(const Eigen::MatrixXd independent_look_root,
                   correlation_root(latest_first(independent, k + 1), "information"));
    const double upper =
        solve_look({look_root, independent_look_root, result.upper, std::span(exact.upper).first(i),
                    exact.upper[i], spent, two_sided});
    result.upper.push_back(upper);
  }
  return result;
}

}  // namespace descant::stats
