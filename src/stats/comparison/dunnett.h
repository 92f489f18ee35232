// SPDX-License-Identifier: Apache-2.0
#pragma once

// Many treatments against one control, so that the chance of any false claim among them is bounded.
// `dunnett` (1955) uses that all differences share the control: the largest of the statistics has
// correlations lambda_i lambda_j, which makes its distribution a double integral over the control's
// deviation and the variance's (his equation 3, here with unequal sizes); p-values keep their
// relative precision far out. `holm` and `bonferroni` adjust the single comparisons and hold under
// any dependence. Variances are pooled over all arms (t with N - arms degrees of freedom), or
// separate: each arm's own, with the Welch-Satterthwaite degrees of freedom of each comparison and
// the correlations of the estimated variances (Hasler, Hothorn 2008); shares are normal. An arm
// with too few units, or without variance, gives NaN, a warning, and is left out of the family.

#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/outcome.h"

namespace descant::stats {

inline constexpr std::size_t kMostDunnett = 100;

// P(largest statistic > critical) under no effect, and its inverse in `critical`. lambda_i is the
// correlation of difference i with the control's mean, in [0, 1). NaN degrees of freedom: normal.
double dunnett_upper_tail(double critical, std::span<const double> lambda,
                          double degrees_of_freedom, bool two_sided);
double dunnett_critical_value(double tail, std::span<const double> lambda,
                              double degrees_of_freedom, bool two_sided);

struct ManyToOnePlan {
  std::string method = "dunnett";        // dunnett | holm | bonferroni
  std::optional<std::string> variances;  // pooled | separate
};

struct SimultaneousIntervals {
  EffectInterval absolute;
  EffectInterval relative;
};

struct TreatmentEffect {
  Comparison comparison;
  double adjusted_p_value = kUndefined;
  bool rejected = false;  // adjusted_p_value <= 1 - confidence_level
  SimultaneousIntervals simultaneous;
};

struct ManyToOne {
  std::string method;
  std::string variances;
  std::vector<TreatmentEffect> effects;
  Warnings warnings;
};

Result<ManyToOne> many_to_one_difference(const ArmOutcome& control,
                                         std::span<const ArmOutcome> treatments,
                                         const ManyToOnePlan& plan,
                                         const ComparisonOptions& options);

void describe(Describer& d, ManyToOnePlan& plan);
void describe(Describer& d, SimultaneousIntervals& intervals);
void describe(Describer& d, TreatmentEffect& effect);
void describe(Describer& d, ManyToOne& result);

}  // namespace descant::stats
