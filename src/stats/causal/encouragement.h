// SPDX-License-Identifier: Apache-2.0
#pragma once

// An encouragement experiment from two arms' moments: the arm is the instrument, `outcome` the
// metric and `take_up` what the encouragement encourages. The local average treatment effect is
// Wald's ratio (outcome difference) / (take-up difference), its standard error by the delta method,
// and its confidence region Anderson and Rubin's (1949), which for one instrument is Fieller's set
// and holds with any strength of encouragement: one interval, everything but an interval, or the
// whole line, shown as pieces. Fewer than two units in an arm or no take-up variance: NaN and a
// warning. Imbens and Angrist 1994, Econometrica 62; Angrist, Imbens and Rubin 1996, JASA 91.

#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/comparison/linearise.h"
#include "stats/moments.h"

namespace descant::stats {

// A piece of a confidence region; a NaN end is unbounded.
struct RegionPiece {
  double lower = kUndefined;
  double upper = kUndefined;
};

// {x : a x^2 - 2 b x + c <= 0}, in ascending pieces. Empty when nothing satisfies it.
std::vector<RegionPiece> quadratic_region(double a, double b, double c);

struct Encouragement {
  Comparison effect;  // the local average treatment effect; its arms are the arms' mean outcomes
  std::vector<RegionPiece> anderson_rubin;
  Comparison intention_to_treat;
  Comparison take_up;
  double first_stage_f = kUndefined;  // square of the take-up difference over its standard error
};

inline constexpr double kWeakInstrumentF = 10;

// Outcome and take-up are columns, or ratios of columns, of both arms' moments.
Result<Encouragement> encouragement(const Moments& control, const Moments& treatment,
                                    const RatioColumns& outcome, const RatioColumns& take_up,
                                    const ComparisonOptions& options);

void describe(Describer& d, RegionPiece& piece);

}  // namespace descant::stats
