// SPDX-License-Identifier: Apache-2.0
#include "experiment/portfolio.h"

namespace descant::experiment {

void describe(Describer& d, PortfolioTreatment& treatment) {
  d.field(treatment.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(treatment.treatment, {.name = "treatment", .doc = "variant", .omit_when_empty = true});
  d.field(treatment.action, {.name = "action", .doc = "ship, stop, continue or invalid"});
  d.field(treatment.outcome,
          {.name = "outcome", .doc = "shipped, harm, powered_null, inconclusive or invalid"});
  d.field(treatment.better, {.name = "better", .doc = "some effect is significantly better"});
  d.field(treatment.learned,
          {.name = "learned", .doc = "valid and ready for a decision: the first three outcomes"});
}

void describe(Describer& d, PortfolioEffect& effect) {
  d.field(effect.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(effect.treatment, {.name = "treatment", .doc = "variant", .omit_when_empty = true});
  d.field(effect.measured, {.name = "measured", .doc = "effect relative to control"});
  d.field(effect.shrunk, {.name = "shrunk", .doc = "its posterior, with a credible interval"});
  d.field(effect.probability_better,
          {.name = "probability_better", .doc = "that the true effect is in the good direction"});
  d.field(effect.significant,
          {.name = "significant", .doc = "better, worse or no, by the measured interval"});
  d.field(effect.shipped, {.name = "shipped", .doc = "counts in what was shipped"});
}

void describe(Describer& d, Reconciliation& reconciliation) {
  d.field(reconciliation.holdback, {.name = "holdback", .doc = "the experiment that holds back"});
  d.field(reconciliation.launches, {.name = "launches", .doc = "whose effects are added up"});
  d.field(reconciliation.launched, {.name = "launched", .doc = "their corrected sum"});
  d.field(reconciliation.held_back, {.name = "held_back", .doc = "the holdback's own effect"});
  d.field(reconciliation.difference, {.name = "difference", .doc = "launched minus held_back"});
  d.field(reconciliation.p_value, {.name = "p_value", .doc = "of no difference, two-sided"});
  d.field(reconciliation.message, {.name = "message", .doc = "what it means"});
}

void describe(Describer& d, PortfolioMetric& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.direction, {.name = "direction", .doc = "which way is good"});
  d.field(metric.prior, {.name = "prior", .doc = "what the true effects come from, as fitted"});
  d.field(metric.effects, {.name = "effects", .doc = "one for each valid treatment"});
  d.field(metric.shipped,
          {.name = "shipped", .doc = "cumulative effect of what was shipped, naive and corrected"});
  d.field(metric.reconciliation, {.name = "reconciliation",
                                  .doc = "with the holdback, if one is named",
                                  .omit_when_empty = true});
}

void describe(Describer& d, PortfolioShare& share) {
  d.field(share.count, {.name = "count", .doc = "treatments"});
  d.field(share.estimate, {.name = "estimate", .doc = "share of all treatments"});
  d.field(share.lower, {.name = "lower", .doc = "lower end by Clopper and Pearson"});
  d.field(share.upper, {.name = "upper", .doc = "upper end by Clopper and Pearson"});
}

void describe(Describer& d, PortfolioLeftOut& left_out) {
  d.field(left_out.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(left_out.reason,
          {.name = "reason", .doc = "not_ended, holdback, unreadable, no_effect or no_decision"});
  d.field(left_out.message, {.name = "message", .doc = "for people"});
}

void describe(Describer& d, Portfolio& portfolio) {
  d.field(portfolio.experiments, {.name = "experiments", .doc = "that have ended"});
  d.field(portfolio.confidence_level, {.name = "confidence_level", .doc = "of every interval"});
  d.field(portfolio.win_rate, {.name = "win_rate", .doc = "treatments that shipped"});
  d.field(portfolio.better_rate,
          {.name = "better_rate", .doc = "treatments with an effect significantly better"});
  d.field(portfolio.learning_rate,
          {.name = "learning_rate",
           .doc = "treatments that shipped, were stopped for harm, or were a powered null"});
  d.field(portfolio.metrics, {.name = "metrics", .doc = "effects pooled by metric"});
  d.field(portfolio.treatments, {.name = "treatments", .doc = "and what came of each"});
  d.field(portfolio.left_out, {.name = "left_out", .doc = "what does not count, and why"});
  d.field(portfolio.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
