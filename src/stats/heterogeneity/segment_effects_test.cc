// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/segment_effects.h"

#include <cmath>

#include <gtest/gtest.h>

namespace descant::stats {
namespace {

// Log relative risks of the 13 BCG vaccine trials (Colditz et al. 1994, JAMA 271), whose
// DerSimonian-Laird analysis is published widely.
std::vector<SegmentEffect> vaccine_trials() {
  const double effects[] = {-0.8893113339202054,  -1.5853886572014306,  -1.3480731482996933,
                            -1.4415511900213054,  -0.21754732221129558, -0.786115585818864,
                            -1.6208982235983918,  0.011952333523840508, -0.4694176487381494,
                            -1.3713448034727844,  -0.3393588283383906,  0.44591340057137874,
                            -0.017313948216879815};
  const double errors[] = {0.5706003548929507,  0.44111350171825825, 0.644490469571091,
                           0.14145681992130169, 0.2262966463950159,  0.08310005087789513,
                           0.4722470196542432,  0.06294107798423641, 0.2375588568402554,
                           0.27023100046632126, 0.11141011610962319, 0.7297299810204818,
                           0.26721650339001574};
  std::vector<SegmentEffect> trials;
  for (int i = 0; i < 13; ++i)
    trials.push_back({"trial", std::to_string(i), effects[i], errors[i], 0.5});
  return trials;
}

TEST(SegmentEffectsTest, HeterogeneityOfThePublishedTrials) {
  const auto findings = *segment_findings(vaccine_trials(), {});
  const auto& trial = findings.dimensions.at(0);
  EXPECT_NEAR(trial.q, 152.2330, 5e-4);
  EXPECT_NEAR(trial.tau_squared, 0.3088, 5e-5);
  EXPECT_NEAR(trial.mean_effect, -0.7141, 5e-5);
  EXPECT_NEAR(trial.i_squared, 0.9212, 5e-5);
  for (std::size_t i = 0; i < 13; ++i) {
    const auto effect = vaccine_trials()[i];
    const auto& shrunk = findings.segments[i].shrunk;
    EXPECT_LT(std::abs(shrunk.estimate - trial.mean_effect),
              std::abs(effect.estimate - trial.mean_effect));
    EXPECT_LT(shrunk.standard_error, effect.standard_error);
  }
}

TEST(SegmentEffectsTest, EqualEffectsShrinkToTheirMean) {
  const auto findings =
      *segment_findings({{"d", "a", 1.0, 0.5, 0.04}, {"d", "b", 1.2, 0.5, 0.01}}, {});
  EXPECT_DOUBLE_EQ(findings.segments[0].shrunk.estimate, 1.1);
  EXPECT_NEAR(findings.segments[0].shrunk.standard_error, 0.5 / std::sqrt(2), 1e-12);
  EXPECT_NEAR(findings.segments[1].adjusted_p_value, 0.02, 1e-12);
  EXPECT_TRUE(findings.segments[0].rejected);
}

TEST(SegmentEffectsTest, UndefinedEffectsTakeNoPart) {
  const auto findings =
      *segment_findings({{"d", "a", 1.0, 0.5, 0.04}, {"d", "b", 2.0, kUndefined, kUndefined}}, {});
  EXPECT_EQ(findings.dimensions[0].segments, 1);
  EXPECT_TRUE(std::isnan(findings.dimensions[0].q));
  EXPECT_TRUE(std::isnan(findings.segments[1].shrunk.estimate));
  EXPECT_TRUE(std::isnan(findings.segments[1].adjusted_p_value));
  EXPECT_TRUE(segment_findings({}, {})->dimensions.empty());
}

}  // namespace
}  // namespace descant::stats
