// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison.h"

namespace descant::stats {

void describe(Describer& d, ArmEstimate& arm) {
  d.field(arm.n, {.name = "n", .doc = "units in the arm"});
  d.field(arm.estimate, {.name = "estimate", .doc = "the arm's mean, share or ratio"});
  d.field(arm.standard_error, {.name = "standard_error", .doc = "of the estimate"});
}

void describe(Describer& d, EffectInterval& interval) {
  d.field(interval.estimate, {.name = "estimate", .doc = "the effect"});
  d.field(interval.standard_error, {.name = "standard_error", .doc = "of the effect"});
  d.field(interval.lower, {.name = "lower", .doc = "lower end; null is unbounded or undefined"});
  d.field(interval.upper, {.name = "upper", .doc = "upper end; null is unbounded or undefined"});
}

void describe(Describer& d, Comparison& comparison) {
  d.field(comparison.method, {.name = "method", .doc = "the method that ran"});
  d.field(comparison.control, {.name = "control", .doc = "the control arm"});
  d.field(comparison.treatment, {.name = "treatment", .doc = "the treatment arm"});
  d.field(comparison.absolute, {.name = "absolute", .doc = "treatment minus control"});
  d.field(comparison.relative, {.name = "relative", .doc = "treatment / control - 1"});
  d.field(
      comparison.statistic,
      {.name = "statistic", .doc = "of the absolute test, or of the margin test if one is given"});
  d.field(comparison.degrees_of_freedom,
          {.name = "degrees_of_freedom", .doc = "null for a normal reference distribution"});
  d.field(comparison.p_value, {.name = "p_value", .doc = "by the alternative or the direction"});
  d.field(comparison.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

void describe(Describer& d, ComparisonOptions& options) {
  d.field(options.confidence_level, {.name = "confidence_level",
                                     .doc = "of the intervals and bounds",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
  d.field(options.alternative, {.name = "alternative",
                                .doc = "greater: the treatment is larger",
                                .choices = {"two_sided", "greater", "less"}});
  d.field(options.null_value,
          {.name = "null_value", .doc = "absolute effect under the null hypothesis"});
  d.field(options.non_inferiority_margin,
          {.name = "non_inferiority_margin",
           .doc = "how much worse is still acceptable; tested one-sided by direction",
           .minimum = 0,
           .open_interval = true});
  d.field(options.margin_scale,
          {.name = "margin_scale",
           .doc = "whether the margin is in the outcome's unit or a share of the control",
           .choices = {"absolute", "relative"}});
  d.field(options.margin_treatment,
          {.name = "margin_treatment",
           .doc = "exact carries the control's uncertainty through a relative margin, fixed takes "
                  "the margin times the control estimate as a known number",
           .choices = {"exact", "fixed"}});
  d.field(options.direction, {.name = "direction",
                              .doc = "which way is good; used with a margin",
                              .choices = {"increase", "decrease"}});
  d.field(options.relative_method, {.name = "relative_method",
                                    .doc = "interval of the relative effect",
                                    .choices = {"delta", "fieller", "log"}});
}

}  // namespace descant::stats
