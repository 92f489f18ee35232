// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <gtest/gtest.h>

namespace descant {
namespace {

// Runs morsels that set `stop` in the first, and counts those that ran.
std::size_t morsels_until_stopped(std::atomic<bool>& stop, std::size_t threads) {
  std::atomic<std::size_t> ran{0};
  const auto done = for_each_morsel(1000, threads, [&](std::size_t, std::size_t) -> Result<void> {
    ++ran;
    stop.store(true);
    return {};
  });
  EXPECT_EQ(done.ok(), ran == 1000);
  if (!done) {
    EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  }
  return ran;
}

TEST(StopScopeTest, WorkStopsOnEveryThreadWhileTheScopeLives) {
  for (const std::size_t threads : {1, 3}) {
    std::atomic<bool> stop{false};
    {
      const StopScope scope(&stop);
      EXPECT_LE(morsels_until_stopped(stop, threads), threads);
    }
    EXPECT_EQ(morsels_until_stopped(stop, threads), 1000U);
  }
}

TEST(StopScopeTest, AnInnerScopeGivesWayToTheOuterOne) {
  std::atomic<bool> outer{false}, inner{true};
  const StopScope whole(&outer);
  {
    const StopScope part(&inner);
    EXPECT_FALSE(
        for_each_morsel(1, 1, [](std::size_t, std::size_t) { return Result<void>(); }).ok());
  }
  EXPECT_TRUE(for_each_morsel(1, 1, [](std::size_t, std::size_t) { return Result<void>(); }).ok());
}

}  // namespace
}  // namespace descant
