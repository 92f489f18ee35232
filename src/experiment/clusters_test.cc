// SPDX-License-Identifier: Apache-2.0
#include "experiment/clusters.h"

#include <gtest/gtest.h>

namespace descant::experiment {
namespace {

TEST(Clusters, AreNumberedAndUnknownOnesStandAlone) {
  const std::vector<std::uint32_t> codes = {5, 0, 2, 5, 0, 2};
  EXPECT_EQ(cluster_numbers(codes), (std::vector<std::uint32_t>{0, 1, 2, 0, 3, 2}));
  EXPECT_TRUE(cluster_numbers({}).empty());
}

TEST(Clusters, InSeveralVariantsAreLeftOutAndCounted) {
  folds::UnitTable units;
  units.unit_count = 6;
  units.variants = {"c", "t"};
  units.days.resize(1);
  units.arm = {0, 1, 1, 1, 0, 0};
  units.cluster = {0, 0, 1, 1, 2, 2};
  folds::ExposureCounts counts;
  leave_out_mixed_clusters(units, counts);
  EXPECT_EQ(counts.mixed_clusters, 1U);
  EXPECT_EQ(counts.in_mixed_clusters, 2U);
  EXPECT_EQ(units.exposed_from, (std::vector<std::uint16_t>{1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(count_clusters(units), (std::vector<std::int64_t>{1, 1}));
}

}  // namespace
}  // namespace descant::experiment
