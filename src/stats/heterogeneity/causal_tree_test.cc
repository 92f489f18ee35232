// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/causal_tree.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"

namespace descant::stats {
namespace {

enum class Purpose { kUnits = 1 };

// Units with `dimensions` columns of four values; the effect is `effect` where column 1 is 2.
struct Planted {
  std::vector<std::vector<std::uint16_t>> codes;
  std::vector<std::uint8_t> arms;
  std::vector<double> outcome;
  std::vector<TreeDimension> dimensions;

  Planted(std::size_t n, std::size_t columns, double effect, std::uint64_t seed) : codes(columns) {
    Random random(seed, Purpose::kUnits);
    for (std::size_t i = 0; i < n; ++i) {
      for (auto& column : codes) column.push_back(static_cast<std::uint16_t>(random.next() >> 62));
      arms.push_back(random.chance(0.5) ? 1 : 0);
      const bool affected = columns > 1 && codes[1][i] == 2 && arms[i] == 1;
      outcome.push_back(1000 + random.normal() + (affected ? effect : 0.0));
    }
    for (std::size_t d = 0; d < columns; ++d)
      dimensions.push_back({"d" + std::to_string(d), codes[d], {"a", "b", "c", "d"}});
  }
};

TEST(CausalTreeTest, FindsThePlantedSegment) {
  const Planted data(20'000, 3, 0.5, 1);
  const auto tree = *causal_tree(data.dimensions, data.arms, data.outcome, {});
  ASSERT_EQ(tree.nodes.size(), 3U);
  const auto& affected = tree.nodes[2];
  ASSERT_EQ(affected.conditions.size(), 1U);
  EXPECT_EQ(affected.conditions[0].dimension, "d1");
  EXPECT_EQ(affected.conditions[0].values, std::vector<std::string>{"c"});
  EXPECT_LT(affected.effect.lower, 0.5);
  EXPECT_GT(affected.effect.upper, 0.5);
  EXPECT_LT(tree.leaves.p_value, 1e-6);
  EXPECT_EQ(tree.nodes[1].n_control + affected.n_control, tree.nodes[0].n_control);
}

TEST(CausalTreeTest, IsASingleNodeWithoutHeterogeneityAndItsLeavesCover) {
  int cut = 0, covered = 0, leaves = 0;
  constexpr int kTrials = 200;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const Planted data(2'000, 4, 0.0, 100 + trial);
    const auto tree = *causal_tree(data.dimensions, data.arms, data.outcome, {.minimum_leaf = 50});
    cut += tree.nodes.size() > 1 ? 1 : 0;
    for (const auto& node : tree.nodes) {
      if (!node.leaf) continue;
      ++leaves;
      covered += node.effect.lower < 0 && node.effect.upper > 0 ? 1 : 0;
    }
  }
  EXPECT_LE(cut, 20);  // 5 % and three standard errors
  EXPECT_GE(covered, static_cast<int>(leaves * 0.90));
}

TEST(CausalTreeTest, ThreadsDoNotMatterAndSeedsDo) {
  const Planted data(20'000, 4, 0.3, 3);
  const auto one = *causal_tree(data.dimensions, data.arms, data.outcome, {}, 1);
  const auto two = *causal_tree(data.dimensions, data.arms, data.outcome, {}, 2);
  ASSERT_EQ(one.nodes.size(), two.nodes.size());
  for (std::size_t i = 0; i < one.nodes.size(); ++i)
    EXPECT_EQ(one.nodes[i].effect.estimate, two.nodes[i].effect.estimate);
  const auto other = *causal_tree(data.dimensions, data.arms, data.outcome, {.seed = 1});
  EXPECT_NE(other.nodes[0].effect.estimate, one.nodes[0].effect.estimate);
}

TEST(CausalTreeTest, KeepsItsDepthAndItsLeavesSize) {
  const Planted data(5'000, 2, 2.0, 4);
  EXPECT_EQ(
      causal_tree(data.dimensions, data.arms, data.outcome, {.maximum_depth = 0})->nodes.size(),
      1U);
  const auto tree = *causal_tree(data.dimensions, data.arms, data.outcome, {.minimum_leaf = 400});
  for (const auto& node : tree.nodes) EXPECT_GE(node.n_control, 400);
}

TEST(CausalTreeTest, OneArmOrNoUnitsAreASingleNode) {
  const Planted data(100, 2, 0.0, 5);
  const std::vector<std::uint8_t> control(100, 0);
  const auto tree = *causal_tree(data.dimensions, control, data.outcome, {});
  EXPECT_EQ(tree.nodes.size(), 1U);
  EXPECT_TRUE(std::isnan(tree.nodes[0].effect.estimate));
  EXPECT_EQ(causal_tree({}, {}, {}, {})->nodes.size(), 1U);
  EXPECT_FALSE(causal_tree(data.dimensions, data.arms, {}, {}));
}

}  // namespace
}  // namespace descant::stats
