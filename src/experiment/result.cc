// SPDX-License-Identifier: Apache-2.0
#include "experiment/result.h"

namespace descant::experiment {

void describe(Describer& d, ArmCount& arm) {
  d.field(arm.variant, {.name = "variant", .doc = "name of the arm; the first is control"});
  d.field(arm.expected_share, {.name = "expected_share",
                               .doc = "share of the units the experiment was to give this arm",
                               .omit_when_empty = true});
  d.field(arm.units, {.name = "units", .doc = "exposed units, mature or not", .unit = "units"});
}

void describe(Describer& d, LeftOut& left_out) {
  d.field(left_out.reason, {.name = "reason", .doc = "stable name of why it was left out"});
  d.field(left_out.what, {.name = "what", .doc = "what is counted", .choices = {"rows", "units"}});
  d.field(left_out.count, {.name = "count", .doc = "how many were left out"});
  d.field(left_out.message, {.name = "message", .doc = "the same as a sentence"});
}

void describe(Describer& d, ExperimentSummary& summary) {
  d.field(summary.name, {.name = "name", .doc = "name of the experiment"});
  d.field(summary.hypothesis, {.name = "hypothesis", .doc = "what was expected, as written"});
  d.field(summary.control, {.name = "control", .doc = "the variant others are compared with"});
  d.field(summary.start, {.name = "start", .doc = "first local date of exposure"});
  d.field(summary.end, {.name = "end", .doc = "last planned local date of exposure"});
  d.field(summary.as_of, {.name = "as_of", .doc = "instant up to which data were used"});
  d.field(summary.timezone, {.name = "timezone", .doc = "zone of the dates"});
  d.field(summary.entity, {.name = "entity", .doc = "what was randomised, in the singular"});
  d.field(summary.complete, {.name = "complete", .doc = "the planned end is reached"});
  d.field(summary.arms, {.name = "arms", .doc = "exposed units of each variant"});
  d.field(summary.left_out, {.name = "left_out", .doc = "what was left out, and why"});
}

void describe(Describer& d, Check& check) {
  d.field(check.name, {.name = "name", .doc = "sample_ratio, several_variants, pre_exposure:NAME"});
  d.field(check.treatment, {.name = "treatment",
                            .doc = "the treatment it concerns; absent: the whole experiment",
                            .omit_when_empty = true});
  d.field(
      check.metric,
      {.name = "metric", .doc = "the metric it concerns, if it is one", .omit_when_empty = true});
  d.field(check.statistic, {.name = "statistic", .doc = "test statistic"});
  d.field(check.p_value, {.name = "p_value", .doc = "two-sided p-value"});
  d.field(check.threshold, {.name = "threshold", .doc = "the check fails below this p-value"});
  d.field(check.passed, {.name = "passed", .doc = "false when the test rejects"});
  d.field(check.quality_test,
          {.name = "quality_test",
           .doc = "whether it counts in the decision: a rejection makes it `invalid`"});
  d.field(check.message, {.name = "message", .doc = "what it means, as a sentence"});
}

void describe(Describer& d, SegmentEffect& effect) {
  d.field(effect.dimension, {.name = "dimension", .doc = "dimension of the split"});
  d.field(effect.value, {.name = "value", .doc = "value of the dimension at exposure"});
  d.field(effect.comparison, {.name = "comparison", .doc = "effect among these units"});
  d.field(effect.p_value_adjusted,
          {.name = "p_value_adjusted",
           .doc = "two-sided, of no effect, Benjamini-Hochberg over the metric's segments",
           .omit_when_empty = true});
  d.field(effect.rejected,
          {.name = "rejected", .doc = "an effect among these units is found, after correction"});
  d.field(effect.shrunk, {.name = "shrunk",
                          .doc = "the effect shrunk to its dimension's mean, on the scale of "
                                 "`heterogeneity`",
                          .omit_when_empty = true});
}

void describe(Describer& d, DayEffect& effect) {
  d.field(effect.day, {.name = "day", .doc = "local date at whose end the analysis stands"});
  d.field(effect.planned_end,
          {.name = "planned_end", .doc = "the planned end was reached by that day"});
  d.field(effect.comparison, {.name = "comparison", .doc = "the whole analysis as of that day"});
  d.field(effect.look, {.name = "look",
                        .doc = "what the sequential method says at the end of this day",
                        .omit_when_empty = true});
}

namespace {

void describe_identity(Describer& d, MetricResult& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.role,
          {.name = "role",
           .doc = "what it does in the decision",
           .choices = {"success", "guardrail", "deterioration", "quality", "exploratory"}});
  d.field(metric.treatment, {.name = "treatment", .doc = "the variant compared with control"});
  d.field(metric.type, {.name = "type",
                        .doc = "mean, proportion, ratio, retention, quantile or count_distinct"});
  d.field(metric.quantile, {.name = "quantile",
                            .doc = "which one, 0.5 for the median; quantiles only",
                            .omit_when_empty = true});
  d.field(metric.quantile_of,
          {.name = "quantile_of",
           .doc = "of the units' totals, or of all their events; quantiles only",
           .choices = {"", "units", "events"},
           .omit_when_empty = true});
  d.field(metric.unit, {.name = "unit", .doc = "unit of the values"});
  d.field(metric.description, {.name = "description", .doc = "what it measures"});
  d.field(metric.direction,
          {.name = "direction", .doc = "which way is good", .choices = {"increase", "decrease"}});
  d.field(metric.margin, {.name = "margin",
                          .doc = "largest harm a guardrail tolerates, in margin_scale",
                          .omit_when_empty = true});
  d.field(metric.margin_scale, {.name = "margin_scale",
                                .doc = "relative to control, or absolute",
                                .choices = {"", "relative", "absolute"},
                                .omit_when_empty = true});
}

void describe_inputs(Describer& d, MetricResult& metric) {
  d.field(metric.mature_units, {.name = "mature_units",
                                .doc = "units of the two arms that entered the comparison",
                                .unit = "units"});
  d.field(metric.immature_units,
          {.name = "immature_units",
           .doc = "units of the two arms left out because their window is not complete",
           .unit = "units"});
  d.field(metric.missing_units,
          {.name = "missing_units",
           .doc = "units of the two arms left out because they have no finite value",
           .unit = "units"});
  d.field(metric.cap_numerator, {.name = "cap_numerator",
                                 .doc = "largest unit total counted (numerator of a ratio)",
                                 .omit_when_empty = true});
  d.field(metric.cap_denominator, {.name = "cap_denominator",
                                   .doc = "largest unit denominator counted, ratios only",
                                   .omit_when_empty = true});
  d.field(metric.variance_reduction,
          {.name = "variance_reduction",
           .doc = "share of the effect's variance that the covariate removed",
           .omit_when_empty = true});
}

}  // namespace

void describe(Describer& d, ComplierEffect& effect) {
  d.field(effect.comparison,
          {.name = "comparison", .doc = "effect on those who take up because they are encouraged"});
  d.field(effect.anderson_rubin, {.name = "anderson_rubin",
                                  .doc = "pieces of the confidence region that holds with any "
                                         "strength of encouragement"});
  d.field(effect.take_up_control, {.name = "take_up_control", .doc = "share that took up"});
  d.field(effect.take_up_treatment, {.name = "take_up_treatment", .doc = "share that took up"});
  d.field(effect.first_stage_f,
          {.name = "first_stage_f", .doc = "strength of the encouragement; weak below 10"});
}

void describe(Describer& d, InterleavingPicks& picks) {
  d.field(picks.preference,
          {.name = "preference",
           .doc = "the treatment's share of all picks less one half, bootstrapped over units"});
  d.field(picks.sign_test, {.name = "sign_test", .doc = "units that prefer either variant"});
  d.field(picks.units_without_picks,
          {.name = "units_without_picks", .doc = "left out", .unit = "units"});
}

void describe(Describer& d, MetricResult& metric) {
  describe_identity(d, metric);
  describe_inputs(d, metric);
  d.field(metric.alpha_used, {.name = "alpha_used",
                              .doc = "one-sided level by the decision rule; absent: not decided on",
                              .omit_when_empty = true});
  d.field(metric.p_value_one_sided,
          {.name = "p_value_one_sided",
           .doc = "superiority; non-inferiority for a guardrail; two-sided for a quality metric"});
  d.field(metric.p_value_adjusted,
          {.name = "p_value_adjusted",
           .doc = "the same adjusted for several treatments, which then decides; absent without",
           .omit_when_empty = true});
  d.field(metric.deterioration_p_value,
          {.name = "deterioration_p_value",
           .doc = "one-sided test that it became worse; absent for a quality metric",
           .omit_when_empty = true});
  d.field(metric.verdict, {.name = "verdict",
                           .doc = "what the decision makes of it",
                           .choices = {"passed", "not_passed", "deteriorated", "undecided"}});
  d.field(metric.comparison, {.name = "comparison", .doc = "the comparison that decides"});
  d.field(metric.unadjusted, {.name = "unadjusted", .doc = "the same without the covariate"});
  d.field(metric.complier_effect,
          {.name = "complier_effect",
           .doc = "of an encouragement: the effect of taking up, beside that of encouraging",
           .omit_when_empty = true});
  d.field(metric.picks, {.name = "picks",
                         .doc = "of an interleaving: shares of picks and of units",
                         .omit_when_empty = true});
  d.field(metric.segments, {.name = "segments", .doc = "effect by segment"});
  d.field(metric.heterogeneity, {.name = "heterogeneity",
                                 .doc = "whether the effect differs between segments",
                                 .omit_when_empty = true});
  d.field(metric.days, {.name = "days", .doc = "effect by day"});
  d.field(metric.sequential, {.name = "sequential",
                              .doc = "what the sequential method says at the last look",
                              .omit_when_empty = true});
  d.field(metric.days_since_exposure, {.name = "days_since_exposure",
                                       .doc = "effect by day since each unit's exposure",
                                       .omit_when_empty = true});
  d.field(metric.novelty, {.name = "novelty",
                           .doc = "whether the effect fades or grows since exposure",
                           .omit_when_empty = true});
}

void describe(Describer& d, TreatmentDecision& decision) {
  d.field(decision.treatment, {.name = "treatment", .doc = "the variant decided on"});
  d.field(
      decision.action,
      {.name = "action", .doc = "what to do", .choices = {"ship", "stop", "continue", "invalid"}});
  d.field(decision.explanation, {.name = "explanation", .doc = "why, as a sentence"});
  d.field(decision.reasons,
          {.name = "reasons", .doc = "the metrics and checks it rests on, a sentence each"});
}

void describe(Describer& d, Record& record) {
  d.field(record.descant_version, {.name = "descant_version", .doc = "version that computed this"});
  d.field(record.definition_hash, {.name = "definition_hash", .doc = "hash of the definition"});
  d.field(record.data_fingerprint, {.name = "data_fingerprint", .doc = "fingerprint of the data"});
  d.field(record.alpha, {.name = "alpha", .doc = "one-sided level of the whole decision"});
  d.field(record.power, {.name = "power", .doc = "planned probability to ship a true effect"});
  d.field(record.deterioration_alpha,
          {.name = "deterioration_alpha", .doc = "level of deterioration and quality tests"});
  d.field(record.power_planned,
          {.name = "power_planned",
           .doc = "power at which each success and guardrail test was to be planned",
           .omit_when_empty = true});
  d.field(record.confidence_level,
          {.name = "confidence_level", .doc = "level of the intervals, from 0 to 1"});
}

void describe(Describer& d, ExperimentResult& result) {
  d.field(result.experiment, {.name = "experiment", .doc = "who took part and who was left out"});
  d.field(result.decisions, {.name = "decisions", .doc = "one for each treatment"});
  d.field(result.checks, {.name = "checks", .doc = "whether the experiment can be trusted"});
  d.field(result.metrics, {.name = "metrics", .doc = "one for each metric and treatment"});
  d.field(result.record, {.name = "record", .doc = "what it takes to run this again"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
