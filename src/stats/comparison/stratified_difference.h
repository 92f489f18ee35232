// SPDX-License-Identifier: Apache-2.0
#pragma once

// A comparison put together from strata. `post_stratified`: an arm's estimate is the sum of p_k
// times its mean in stratum k, with the same p_k for both arms: the strata's shares of all units,
// or given weights. A ratio is the ratio of the two post-stratified means, linearised there. The
// variance is sum p_k^2 v_k / n_k (Miratrix, Sekhon, Yu 2013, section 3) and, when the shares come
// from the sample, the multinomial term sum p_k m_k m_k' - m m' over all units, so that it is about
// the population that strata were drawn from. Shares have a normal reference, all else t with
// Welch-Satterthwaite degrees of freedom over strata and arms. `mantel_haenszel`, of shares only:
// the risk difference with the variance of Sato (1989; Sato, Greenland, Robins 1989), the odds
// ratio with that of Robins, Breslow, Greenland (1986), the risk ratio with that of Greenland,
// Robins (1985); these hold with many sparse strata too. A stratum without units is left out with
// a warning; one with units in one arm alone leaves `post_stratified` undefined and says nothing
// under `mantel_haenszel`, each with a warning.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/outcome.h"

namespace descant::stats {

struct StratumArms {
  std::string name;
  std::optional<double> weight;
  ArmOutcome control;
  ArmOutcome treatment;
};

struct StratumEffect {
  std::string name;
  double weight = kUndefined;  // as used, adding up to 1
  ArmEstimate control;
  ArmEstimate treatment;
  EffectInterval absolute;
};

struct StratifiedComparison {
  Comparison comparison;
  std::vector<StratumEffect> strata;
  double variance_reduction = kUndefined;    // 1 - var(effect) / var(unadjusted effect)
  Comparison unadjusted;                     // all strata as one
  std::optional<EffectInterval> odds_ratio;  // mantel_haenszel; standard errors are those of
  std::optional<EffectInterval> risk_ratio;  // the logarithms
};

// method: post_stratified | mantel_haenszel.
Result<StratifiedComparison> stratified_difference(std::span<const StratumArms> strata,
                                                   const std::string& method,
                                                   const ComparisonOptions& options);

// Raw samples with a stratum label on every row; the strata of both arms, by name. `as_shares`: of
// values that are all 0 or 1.
Result<std::vector<StratumArms>> strata_of(const Sample& control, const Sample& treatment,
                                           bool as_shares);

void describe(Describer& d, StratumEffect& stratum);
void describe(Describer& d, StratifiedComparison& result);

}  // namespace descant::stats
