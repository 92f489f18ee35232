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

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison/outcome.h"

namespace descant::stats {

inline constexpr std::size_t kMostDunnett = 100;

// The largest of statistics that share a control, under no effect. lambda_i, in [0, 1), is the
// correlation of difference i with the control's mean. NaN degrees of freedom: normal. What is
// computed is kept, so that many probabilities of one family cost little more than one.
class Dunnett {
 public:
  Dunnett(std::span<const double> lambda, bool two_sided);

  // P(largest statistic > critical), and its inverse in `critical`.
  double upper_tail(double critical, double degrees_of_freedom);
  double critical_value(double tail, double degrees_of_freedom);

 private:
  static constexpr int kPoints = 16;
  struct Group {
    double lambda, width, count;
  };

  double normal_tail(double critical);
  double exact_normal_tail(double critical) const;
  double any_beyond(double control_deviation, double critical) const;

  std::vector<Group> groups_;  // treatments of the same lambda, rising
  bool two_sided_;
  std::map<int, std::array<double, kPoints>> pieces_;  // of the logarithm of normal_tail
};

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
