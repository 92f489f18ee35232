// SPDX-License-Identifier: Apache-2.0
#include "experiment/cell_moments.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace descant::experiment {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

struct Drawn {
  std::vector<double> x, y;
  std::vector<std::uint8_t> arm;
  std::vector<std::uint16_t> first_day, group, day;
};

Drawn draw(std::size_t units, double offset) {
  std::mt19937_64 generator(3);
  std::normal_distribution<double> normal;
  Drawn drawn;
  for (std::size_t unit = 0; unit < units; ++unit) {
    const double z = normal(generator);
    drawn.x.push_back(offset + z);
    drawn.y.push_back(2 * z + normal(generator));
    drawn.arm.push_back(static_cast<std::uint8_t>(generator() % 2));
    drawn.first_day.push_back(static_cast<std::uint16_t>(generator() % 5));
    drawn.group.push_back(static_cast<std::uint16_t>(generator() % 3));
  }
  return drawn;
}

UnitBlock block_of(const Drawn& drawn) {
  return {{drawn.x, drawn.y}, {kNone, kNone}, {-kNone, -kNone}, drawn.arm, drawn.first_day, 3, {}};
}

TEST(CellMoments, AreTheMomentsOfEveryCell) {
  const Drawn drawn = draw(100'000, 0.0);
  const auto found = cell_moments(block_of(drawn), std::vector<Grouping>{{drawn.group, 3}}, 2, 1);
  ASSERT_TRUE(found.ok());
  std::vector<std::vector<stats::Moments>> wanted(
      3, std::vector<stats::Moments>(2, stats::Moments(2)));
  for (std::size_t unit = 0; unit < drawn.x.size(); ++unit)
    if (drawn.first_day[unit] <= 3)
      wanted[drawn.group[unit]][drawn.arm[unit]].add(
          std::vector<double>{drawn.x[unit], drawn.y[unit]});
  for (std::size_t group = 0; group < 3; ++group)
    for (std::size_t arm = 0; arm < 2; ++arm) {
      const auto& cell = (*found)[0][group][arm];
      EXPECT_EQ(cell.n, wanted[group][arm].n);
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_NEAR(cell.mean[i], wanted[group][arm].mean[i], 1e-12);
        for (std::size_t j = 0; j < 2; ++j)
          EXPECT_NEAR(cell.covariance(i, j) / wanted[group][arm].covariance(i, j), 1.0, 1e-12);
      }
    }
}

TEST(CellMoments, LargeMeansLoseNothing) {
  const Drawn small = draw(100'000, 0.0);
  const Drawn large = draw(100'000, 1e8);
  const auto all = [](const Drawn& drawn) {
    return (*cell_moments(block_of(drawn), std::vector<Grouping>{{drawn.group, 3}}, 2, 2))[0][1][1];
  };
  // The values themselves are rounded to 1e-8 by the offset; the variance must not lose more.
  EXPECT_NEAR(all(large).variance(0) / all(small).variance(0), 1.0, 1e-8);
}

TEST(CellMoments, SameBitsForAnyNumberOfThreads) {
  const Drawn drawn = draw(200'000, 5.0);
  const std::vector<Grouping> groupings = {{drawn.first_day, 4}, {drawn.group, 3}};
  const auto one = cell_moments(block_of(drawn), groupings, 2, 1);
  const auto four = cell_moments(block_of(drawn), groupings, 2, 4);
  for (std::size_t g = 0; g < 2; ++g)
    for (std::size_t group = 0; group < groupings[g].values; ++group)
      for (std::size_t arm = 0; arm < 2; ++arm) {
        EXPECT_EQ((*one)[g][group][arm].mean, (*four)[g][group][arm].mean);
        EXPECT_EQ((*one)[g][group][arm].cross, (*four)[g][group][arm].cross);
      }
}

TEST(CellMoments, LimitsCutAndEmptyTablesHaveEmptyCells) {
  const std::vector<double> x = {1, 5, 9};
  const std::vector<std::uint8_t> arm = {0, 0, 0};
  const std::vector<std::uint16_t> zero = {0, 0, 0};
  const auto found =
      cell_moments({{x}, {5.0}, {2.0}, arm, zero, 0, {}}, std::vector<Grouping>{{zero, 1}}, 2, 1);
  EXPECT_DOUBLE_EQ((*found)[0][0][0].mean[0], 12.0 / 3.0);  // 2, 5, 5
  EXPECT_EQ((*found)[0][0][1].n, 0);
  const std::vector<double> none;
  const auto empty = cell_moments({{none}, {kNone}, {-kNone}, {}, {}, 0, {}},
                                  std::vector<Grouping>{{{}, 1}}, 2, 4);
  EXPECT_EQ((*empty)[0][0][0].n, 0);
  EXPECT_FALSE(cell_moments({{}, {}, {}, {}, {}, 0, {}}, {}, 2, 1).ok());
}

TEST(CellMoments, OfManyColumnsAreThoseOfFew) {
  const Drawn drawn = draw(5'000, 3.0);
  const std::vector<Grouping> groups = {{drawn.group, 3}};
  const auto two = cell_moments(block_of(drawn), groups, 2, 1);
  for (const std::size_t columns : {7U, 10U, 20U}) {
    UnitBlock block = block_of(drawn);
    for (std::size_t i = 2; i < columns; ++i) {
      block.columns.emplace_back(drawn.x);
      block.caps.push_back(kNone);
      block.floors.push_back(-kNone);
    }
    const auto many = cell_moments(block, groups, 2, 2);
    ASSERT_TRUE(many.ok());
    const auto& found = (*many)[0][1][0];
    const auto& wanted = (*two)[0][1][0];
    ASSERT_EQ(found.columns(), columns);
    EXPECT_EQ(found.n, wanted.n);
    EXPECT_DOUBLE_EQ(found.covariance(0, columns - 1), wanted.variance(0));
    EXPECT_DOUBLE_EQ(found.covariance(1, columns - 1), wanted.covariance(0, 1));
  }
}

TEST(CellMoments, OfClustersAreOfTheirTotals) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 100};
  const std::vector<std::uint8_t> arm = {0, 1, 0, 0, 1, 0};
  const std::vector<std::uint16_t> day = {0, 0, 0, 0, 0, 9};  // the last does not count
  const std::vector<std::uint16_t> group = {0, 0, 1, 0, 0, 0};
  const std::vector<std::uint32_t> cluster = {0, 2, 0, 1, 2, 0};
  const auto found = cell_moments({{x}, {4.0}, {-kNone}, arm, day, 0, cluster},
                                  std::vector<Grouping>{{group, 2}}, 2, 2);
  ASSERT_TRUE(found.ok());
  const auto& cells = (*found)[0];
  EXPECT_EQ(cells[0][0].n, 2);  // clusters 0 and 1, with 1 and 4
  EXPECT_DOUBLE_EQ(cells[0][0].mean[0], 2.5);
  EXPECT_EQ(cells[0][1].n, 1);  // cluster 2: 2 + 4, capped
  EXPECT_DOUBLE_EQ(cells[0][1].mean[0], 6.0);
  EXPECT_EQ(cells[1][0].n, 1);
  EXPECT_DOUBLE_EQ(cells[1][0].mean[0], 3.0);
}

}  // namespace
}  // namespace descant::experiment
