// SPDX-License-Identifier: Apache-2.0
#pragma once

// Post-stratification (Miratrix, Sekhon, Yu, "Adjusting treatment effect estimates by
// post-stratification in randomized experiments", JRSS B 2013): each arm's moments as if its units
// stood in the strata as all units do. The mean is sum_k p_k mean_k with p_k the share of stratum k
// in both arms together, its covariance sum_k p_k^2 S_k / n_k, plus half of the multinomial term
// sum_k p_k d_k d_k' / n in each arm, where d_k is the stratum's difference between the arms less
// the whole difference. A ratio becomes a column of its own, linearised at the ratio of the arm's
// post-stratified means, so that covariates and margins work on the result as on any means. Strata
// in which an arm has fewer than two units are merged into one; where that one is too small as
// well, into the largest. The parts are what each stratum adds to the covariance of an arm's means,
// with its degrees of freedom, from which those of any combination follow (Satterthwaite 1946).

#include <span>
#include <vector>

#include "base/result.h"
#include "stats/comparison/adjusted_difference.h"
#include "stats/moments.h"

namespace descant::stats {

struct PostStratified {
  Moments control;  // one column for each metric
  Moments treatment;
  StratifiedParts parts;
  std::size_t merged_strata = 0;  // that were too small
};

// Whether there are strata to compare within: two or more in which both arms have enough units.
bool can_post_stratify(std::span<const Moments> control, std::span<const Moments> treatment);

// The two spans hold the same strata in the same order; other lengths are an error, as is no
// stratum at all. Without strata to compare within the moments are not finite: ask before.
Result<PostStratified> post_stratify(std::span<const Moments> control,
                                     std::span<const Moments> treatment,
                                     std::span<const RatioColumns> metrics);

}  // namespace descant::stats
