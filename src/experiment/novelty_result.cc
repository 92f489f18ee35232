// SPDX-License-Identifier: Apache-2.0
#include "experiment/novelty_result.h"

namespace descant::experiment {

void describe(Describer& d, TenureEffect& effect) {
  d.field(effect.day, {.name = "day", .doc = "days since the unit's exposure; 0 is the first day"});
  d.field(effect.comparison,
          {.name = "comparison", .doc = "effect on that day, of the units that completed it"});
}

void describe(Describer& d, Novelty& novelty) {
  d.field(novelty.first_day, {.name = "first_day", .doc = "first day since exposure of the trend"});
  d.field(novelty.last_day, {.name = "last_day", .doc = "last day since exposure of the trend"});
  d.field(novelty.units,
          {.name = "units", .doc = "units that completed all of these days", .unit = "units"});
  d.field(novelty.daily_effect,
          {.name = "daily_effect", .doc = "effect on a day, on average over these days"});
  d.field(novelty.slope,
          {.name = "slope", .doc = "change of the effect from one day since exposure to the next"});
  d.field(novelty.statistic, {.name = "statistic", .doc = "slope over its standard error"});
  d.field(novelty.degrees_of_freedom,
          {.name = "degrees_of_freedom", .doc = "of the slope's t distribution"});
  d.field(novelty.p_value, {.name = "p_value", .doc = "two-sided, of an effect without trend"});
  d.field(novelty.p_value_adjusted,
          {.name = "p_value_adjusted", .doc = "the same after Holm over the treatment's metrics"});
  d.field(novelty.kind, {.name = "kind",
                         .doc = "fading: novelty; growing: learning",
                         .choices = {"fading", "growing", "steady", "undecided"}});
  d.field(novelty.message, {.name = "message", .doc = "what it means, as a sentence"});
}

}  // namespace descant::experiment
