// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/rerandomise.h"

#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose : std::uint64_t { kTest = 1 };

std::vector<double> column(std::size_t units, std::uint64_t seed, double shift) {
  Random random(seed, Purpose::kTest);
  std::vector<double> out(units);
  for (double& x : out) x = shift + random.exponential(3);
  return out;
}

// The moments of a replicate, unit by unit.
ArmMoments expected(const MetricColumns& metric, const std::vector<std::uint8_t>& treated) {
  const std::size_t k = metric.columns.size();
  ArmMoments arms{Moments(k), Moments(k)};
  std::vector<double> row(k);
  for (std::size_t u = 0; u < treated.size(); ++u) {
    if (!metric.included.empty() && metric.included[u] == 0) continue;
    for (std::size_t i = 0; i < k; ++i) row[i] = metric.columns[i][u];
    (treated[u] != 0 ? arms.treatment : arms.control).add(row);
  }
  return arms;
}

void expect_same(const Moments& found, const Moments& wanted) {
  ASSERT_EQ(found.n, wanted.n);
  for (std::size_t i = 0; i < wanted.columns(); ++i) {
    EXPECT_NEAR(found.mean[i], wanted.mean[i], 1e-10 * std::abs(wanted.mean[i]));
    for (std::size_t j = 0; j < wanted.columns(); ++j) {
      const double size = std::sqrt(wanted.variance(i) * wanted.variance(j));
      EXPECT_NEAR(found.covariance(i, j), wanted.covariance(i, j), 1e-10 * size);
    }
  }
}

class Rerandomise : public testing::TestWithParam<std::size_t> {};

TEST_P(Rerandomise, GivesTheMomentsOfEachAssignment) {
  const std::size_t units = GetParam();
  const auto y = column(units, 1, 1e6), d = column(units, 2, 1), x = column(units, 3, -5);
  std::vector<std::uint8_t> included(units);
  for (std::size_t u = 0; u < units; ++u) included[u] = u % 3 == 0 ? 0 : 1;
  std::vector<std::uint32_t> cluster(units);
  for (std::size_t u = 0; u < units; ++u) cluster[u] = static_cast<std::uint32_t>(u / 4);
  const std::vector<MetricColumns> metrics = {{{y}}, {{y, d, x}}, {{x, y, d, x, y}, included}};
  for (const double share : {0.5, 0.3})
    for (const auto& clusters :
         {std::span<const std::uint32_t>(), std::span<const std::uint32_t>(cluster)}) {
      const Rerandomisation options{7, 300, share, clusters, 2};
      const auto moments = rerandomise(metrics, units, options);
      ASSERT_TRUE(moments.ok());
      for (const std::size_t r : {std::size_t{0}, std::size_t{255}, std::size_t{299}}) {
        const auto treated = assignment(units, options, r);
        for (std::size_t m = 0; m < metrics.size(); ++m) {
          const auto arms = moments->arms(r, m);
          const auto wanted = expected(metrics[m], treated);
          expect_same(arms.control, wanted.control);
          expect_same(arms.treatment, wanted.treatment);
        }
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Rerandomise, testing::Values(20, 63, 64, 65, 1000, 150'000));

TEST(RerandomiseTest, SharesAreAsAsked) {
  constexpr std::size_t kUnits = 100'000;
  for (const double share : {0.5, 0.1, 1.0 / 3, 0.999}) {
    double treated = 0;
    for (std::size_t r = 0; r < 10; ++r) {
      const auto arms = assignment(kUnits, {3, 10, share}, r);
      treated += std::accumulate(arms.begin(), arms.end(), 0.0);
    }
    EXPECT_NEAR(treated / (10 * kUnits), share, 5 * std::sqrt(share * (1 - share) / (10 * kUnits)));
  }
}

TEST(RerandomiseTest, NeighboursAndReplicatesAreIndependent) {
  constexpr std::size_t kUnits = 100'000;
  const auto first = assignment(kUnits, {3}, 0), second = assignment(kUnits, {3}, 1);
  const auto other_seed = assignment(kUnits, {4}, 0);
  int neighbours = 0, replicates = 0, seeds = 0;
  for (std::size_t u = 0; u + 1 < kUnits; ++u) {
    neighbours += first[u] == first[u + 1] ? 1 : 0;
    replicates += first[u] == second[u] ? 1 : 0;
    seeds += first[u] == other_seed[u] ? 1 : 0;
  }
  for (const int equal : {neighbours, replicates, seeds}) EXPECT_NEAR(equal, kUnits / 2.0, 800);
}

TEST(RerandomiseTest, ThreadsDoNotChangeABit) {
  const auto y = column(200'000, 5, 0);
  const std::vector<MetricColumns> metrics = {{{y}}};
  const auto one = rerandomise(metrics, y.size(), {1, 600, 0.5, {}, 1});
  const auto three = rerandomise(metrics, y.size(), {1, 600, 0.5, {}, 3});
  for (std::size_t r = 0; r < 600; ++r) {
    EXPECT_EQ(one->arms(r, 0).treatment.mean, three->arms(r, 0).treatment.mean);
    EXPECT_EQ(one->arms(r, 0).control.cross, three->arms(r, 0).control.cross);
  }
}

TEST(RerandomiseTest, FewerReplicatesAreTheFirstOfMore) {
  const auto y = column(1000, 5, 0);
  const std::vector<MetricColumns> metrics = {{{y}}};
  const auto few = rerandomise(metrics, y.size(), {1, 10});
  const auto many = rerandomise(metrics, y.size(), {1, 1000});
  for (std::size_t r = 0; r < 10; ++r)
    EXPECT_EQ(few->arms(r, 0).treatment.mean, many->arms(r, 0).treatment.mean);
}

TEST(RerandomiseTest, NoUnitsGiveEmptyArms) {
  const std::vector<double> none;
  const std::vector<MetricColumns> metrics = {{{none}}};
  const auto moments = rerandomise(metrics, 0, {1, 3});
  ASSERT_TRUE(moments.ok());
  EXPECT_EQ(moments->replicates(), 3U);
  EXPECT_EQ(moments->arms(2, 0).control.n, 0);
}

TEST(RerandomiseTest, WrongInputIsAnError) {
  const std::vector<double> y = {1, 2, 3};
  const std::vector<double> nan = {1, 2, std::numeric_limits<double>::quiet_NaN()};
  const std::vector<std::uint8_t> short_mask = {1, 1}, without_last = {1, 1, 0};
  const std::vector<std::uint32_t> far = {0, 1, 3};
  const auto fails = [](const MetricColumns& metric, Rerandomisation options = {1, 2}) {
    return !rerandomise(std::span(&metric, 1), 3, options).ok();
  };
  EXPECT_TRUE(fails({{std::span(y).first(2)}}));
  EXPECT_TRUE(fails({{nan}}));
  EXPECT_FALSE(fails({{nan}, without_last}));
  EXPECT_TRUE(fails({{y}, short_mask}));
  EXPECT_TRUE(fails({{y}}, {1, 2, 0.0}));
  EXPECT_TRUE(fails({{y}}, {1, 2, 0.5, far}));
  EXPECT_FALSE(fails({{y}}));
}

TEST(RerandomiseTest, StopsWhenAsked) {
  const std::atomic<bool> stop = true;
  const std::vector<double> y(100, 1.0);
  const std::vector<MetricColumns> metrics = {{{y}}};
  const auto moments = rerandomise(metrics, y.size(), {1, 10}, {{}, &stop});
  ASSERT_FALSE(moments.ok());
  EXPECT_EQ(moments.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace descant::stats
