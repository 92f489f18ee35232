// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/correlated_looks.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "stats/sequential/multivariate_normal.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

CorrelatedLooks looks_with(std::size_t count, double (*correlation)(double, double)) {
  CorrelatedLooks looks;
  for (std::size_t k = 1; k <= count; ++k)
    looks.information.push_back(static_cast<double>(k) / static_cast<double>(count));
  for (const double s : looks.information)
    for (const double t : looks.information)
      looks.covariance.push_back(correlation(std::min(s, t), std::max(s, t)));
  return looks;
}

double brownian(double s, double t) { return std::sqrt(s / t); }
// Open-ended metrics: looks resemble each other more.
double sticky(double s, double t) { return std::pow(s / t, 0.2); }

TEST(MultivariateNormal, OrthantsHaveTheirClosedForm) {
  Eigen::MatrixXd covariance(3, 3);
  covariance << 4, 1, 0.6, 1, 1, 0.2, 0.6, 0.2, 9;
  const double r12 = 0.5;
  const double r13 = 0.1;
  const double r23 = 0.2 / 3;
  const double exact =
      0.125 + (std::asin(r12) + std::asin(r13) + std::asin(r23)) / (4 * std::numbers::pi);
  const std::vector<double> zero(3, 0.0);
  const std::vector<double> infinite(3, kInfinite);
  const Eigen::MatrixXd root = *correlation_root(covariance, "covariance");
  EXPECT_NEAR(rectangle_probability(root, zero, infinite), exact, 2e-4);
}

TEST(CorrelatedLooks, WithIndependentIncrementsAreTheOrdinaryBounds) {
  const auto bounds = *correlated_bounds(looks_with(20, brownian));
  EXPECT_LT(bounds.largest_correlation_difference, 1e-12);
  EXPECT_EQ(bounds.upper, bounds.independent_upper);
}

Eigen::MatrixXd latest_first(const std::vector<double>& covariance, Eigen::Index size,
                             Eigen::Index count) {
  Eigen::MatrixXd matrix(count, count);
  for (Eigen::Index i = 0; i < count; ++i)
    for (Eigen::Index j = 0; j < count; ++j)
      matrix(count - 1 - i, count - 1 - j) = covariance[static_cast<std::size_t>(size * i + j)];
  return matrix;
}

// The lattice alone against the recursion: what each look spends.
TEST(CorrelatedLooks, LatticeAgreesWithTheRecursion) {
  const auto looks = looks_with(10, brownian);
  const auto exact = correlated_bounds(looks)->independent_upper;
  double before = 0;
  for (Eigen::Index k = 0; k < 10; ++k) {
    const auto count = static_cast<std::size_t>(k);
    const double spent = error_spent({}, looks.information[count], 0.025);
    const Eigen::MatrixXd root =
        *correlation_root(latest_first(looks.covariance, 10, k + 1), "covariance");
    std::vector<double> lower{exact[count]};
    std::vector<double> upper{kInfinite};
    for (std::size_t j = count; j-- > 0;) {
      lower.push_back(-exact[j]);
      upper.push_back(exact[j]);
    }
    EXPECT_NEAR(rectangle_probability(root, lower, upper) / (spent - before), 1, 0.004) << k;
    before = spent;
  }
}

TEST(CorrelatedLooks, ThatResembleEachOtherNeedLowerBounds) {
  auto looks = looks_with(10, sticky);
  looks.spending = {"lan_demets_pocock", {}};
  const auto bounds = *correlated_bounds(looks);
  EXPECT_GT(bounds.largest_correlation_difference, 0.1);
  EXPECT_EQ(bounds.upper.front(), bounds.independent_upper.front());
  for (std::size_t k = 1; k < 10; ++k) EXPECT_LT(bounds.upper[k], bounds.independent_upper[k]);
  // They spend what they say: by the probability of the whole rectangle.
  std::vector<double> upper(bounds.upper.rbegin(), bounds.upper.rend());
  std::vector<double> lower;
  for (const double u : upper) lower.push_back(-u);
  const Eigen::MatrixXd root =
      *correlation_root(latest_first(looks.covariance, 10, 10), "covariance");
  EXPECT_NEAR(1 - rectangle_probability(root, lower, upper), 0.05, 1e-3);
}

TEST(CorrelatedLooks, DependOnlyOnTheLooksSoFar) {
  const auto all = looks_with(8, sticky);
  const auto bounds = *correlated_bounds(all);
  CorrelatedLooks early = all;
  early.information.resize(5);
  early.covariance.clear();
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j) early.covariance.push_back(all.covariance[8 * i + j]);
  const auto early_bounds = *correlated_bounds(early);
  for (std::size_t k = 0; k < 5; ++k) EXPECT_EQ(early_bounds.upper[k], bounds.upper[k]);
}

TEST(CorrelatedLooks, RefuseWhatIsNoCovariance) {
  auto looks = looks_with(3, brownian);
  looks.covariance[1] = 5;
  EXPECT_EQ(correlated_bounds(looks).error().where, "covariance");
  looks.covariance[3] = 5;
  EXPECT_EQ(correlated_bounds(looks).error().where, "covariance");
  looks.covariance.pop_back();
  EXPECT_EQ(correlated_bounds(looks).error().where, "covariance");
}

}  // namespace
}  // namespace descant::stats
