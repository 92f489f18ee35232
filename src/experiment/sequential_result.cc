// SPDX-License-Identifier: Apache-2.0
#include "experiment/sequential_result.h"

namespace descant::experiment {

void describe(Describer& d, SequentialLook& look) {
  d.field(look.information,
          {.name = "information", .doc = "share of the plan reached", .omit_when_empty = true});
  d.field(look.statistic, {.name = "statistic",
                           .doc = "one-sided, in the direction that the role tests",
                           .omit_when_empty = true});
  d.field(look.bound, {.name = "bound", .doc = "of the statistic", .omit_when_empty = true});
  d.field(look.crossed, {.name = "crossed", .doc = "at this look or before"});
  d.field(look.p_value, {.name = "p_value",
                         .doc = "sequential: the smallest so far that holds at all looks",
                         .omit_when_empty = true});
  d.field(look.lower, {.name = "lower",
                       .doc = "repeated interval of the absolute effect, lower end",
                       .omit_when_empty = true});
  d.field(look.upper, {.name = "upper", .doc = "its upper end", .omit_when_empty = true});
}

void describe(Describer& d, SequentialOutcome& outcome) {
  d.field(outcome.method, {.name = "method", .doc = "the sequential method"});
  d.field(outcome.last_look, {.name = "last_look",
                              .doc = "local date of the last complete look",
                              .omit_when_empty = true});
  d.field(outcome.crossed, {.name = "crossed", .doc = "the bound was crossed"});
  d.field(outcome.crossed_on,
          {.name = "crossed_on", .doc = "local date of the crossing", .omit_when_empty = true});
  d.field(outcome.p_value, {.name = "p_value", .doc = "at the last look", .omit_when_empty = true});
  d.field(outcome.independent_bound,
          {.name = "independent_bound",
           .doc = "bound of the last look had increments been independent",
           .omit_when_empty = true});
  d.field(outcome.message, {.name = "message", .doc = "what it says, as a sentence"});
}

}  // namespace descant::experiment
