// SPDX-License-Identifier: Apache-2.0
#include "experiment/explain.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::experiment {

namespace {

// An adjustment: whether a metric has it, and how a plan does without it.
struct Adjustment {
  const char* name;
  bool (*applies)(const AnalysisPlan&, const MetricPlan&, const folds::MetricValues&);
  void (*turn_off)(AnalysisPlan&);
};

bool has_cap(const AnalysisPlan&, const MetricPlan& metric, const folds::MetricValues&) {
  return metric.cap.value || metric.cap.percentile || metric.cap.lower_value ||
         metric.cap.lower_percentile;
}

bool is_change(const AnalysisPlan& plan) {
  return plan.design == definitions::DesignType::kDifferenceInDifferences;
}

bool has_covariates(const AnalysisPlan& plan, const MetricPlan& metric,
                    const folds::MetricValues& values) {
  return metric.type != "quantile" &&
         ((plan.cuped && (!values.covariate_numerator.empty() || plan.shared_covariates)) ||
          is_change(plan));
}

bool has_strata(const AnalysisPlan& plan, const MetricPlan& metric, const folds::MetricValues&) {
  return plan.stratified && metric.type != "quantile";
}

// In the order in which they are applied.
constexpr Adjustment kAdjustments[] = {
    {"cap", has_cap,
     [](AnalysisPlan& plan) {
       for (auto& metric : plan.metrics) metric.cap = {};
     }},
    {"strata", has_strata, [](AnalysisPlan& plan) { plan.stratified = false; }},
    {"covariates", has_covariates,
     [](AnalysisPlan& plan) {
       plan.cuped = false;
       if (is_change(plan)) plan.design = definitions::DesignType::kRandomised;
     }},
};

std::string width_words(double change) {
  if (!std::isfinite(change)) return "left the interval undefined";
  if (std::abs(change) < 0.0005) return "left the interval as wide as it was";
  return fmt::format("made the interval {} {}", format_percent(std::abs(change), 1),
                     change < 0 ? "narrower" : "wider");
}

std::string amount(const MetricResult& metric, double value) {
  if (metric.type == "proportion" || metric.type == "retention")
    return fmt::format("{}{} pp", value > 0 ? "+" : "", format_number(100 * value));
  return fmt::format("{}{}{}{}", value > 0 ? "+" : "", format_number(value),
                     metric.unit.empty() ? "" : " ", metric.unit);
}

std::string cap_words(const MetricResult& metric) {
  if (!std::isfinite(metric.cap_numerator)) return "Capping";
  std::string values = format_number(metric.cap_numerator);
  if (std::isfinite(metric.cap_denominator))
    values += " and " + format_number(metric.cap_denominator);
  return fmt::format("Capping at {}{}{}", values, metric.unit.empty() ? "" : " ", metric.unit);
}

std::string sentence(const std::string& name, const MetricResult& metric,
                     const ExplainedStep& before, const ExplainedStep& step) {
  const std::string who = name == "cap"      ? cap_words(metric)
                          : name == "strata" ? "Comparing within strata"
                          : metric.comparison.method == "difference_in_differences"
                              ? "The change since before exposure"
                          : std::isfinite(metric.variance_reduction)
                              ? fmt::format("CUPED, which removed {} of the variance,",
                                            format_percent(metric.variance_reduction, 1))
                              : "CUPED";
  const double moved = step.absolute.estimate - before.absolute.estimate;
  const std::string effect = !std::isfinite(moved) ? "left the effect undefined"
                             : moved == 0
                                 ? "left the effect where it was"
                                 : fmt::format("moved the effect by {}", amount(metric, moved));
  return fmt::format("{} {} and {}.", who, effect, width_words(step.width_change));
}

// The margin test of a guardrail keeps the interval but not the statistic: its p-value is left out.
ExplainedStep step_of(const char* name, const MetricResult& metric) {
  const auto& comparison = metric.comparison;
  ExplainedStep step;
  step.name = name;
  step.method = comparison.method;
  step.absolute = comparison.absolute;
  step.relative = comparison.relative;
  if (metric.role != "guardrail") step.p_value = comparison.p_value;
  return step;
}

using Analyses = std::vector<ExperimentResult>;  // [number of adjustments that are on]

ExplainedMetric explain_metric(const AnalysisPlan& plan, const MetricPlan& metric,
                               const folds::MetricValues& values, const Analyses& analyses,
                               std::size_t index) {
  const MetricResult& plain = analyses.front().metrics[index];
  ExplainedMetric out{plain.name, plain.treatment, plain.role, plain.unit, plain.type, {}};
  out.steps.push_back(step_of("difference", plain));
  out.steps.front().message =
      fmt::format("The plain difference of {} and {}: no cap, no strata, no covariate.",
                  plain.treatment, analyses.front().experiment.control);
  for (std::size_t i = 0; i < std::size(kAdjustments); ++i) {
    if (!kAdjustments[i].applies(plan, metric, values)) continue;
    const MetricResult& result = analyses[i + 1].metrics[index];
    ExplainedStep step = step_of(kAdjustments[i].name, result);
    const ExplainedStep& before = out.steps.back();
    step.width_change = (step.absolute.upper - step.absolute.lower) /
                            (before.absolute.upper - before.absolute.lower) -
                        1;
    step.message = sentence(kAdjustments[i].name, result, before, step);
    out.steps.push_back(std::move(step));
  }
  return out;
}

// The plan and table of one metric, or of all.
Result<void> keep_metric(const std::string& name, AnalysisPlan& plan, folds::UnitTable& units) {
  if (name.empty()) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.metrics.size(); ++i) {
    names.push_back(plan.metrics[i].name);
    if (names.back() != name) continue;
    plan.metrics = {plan.metrics[i]};
    units.metrics = {units.metrics[i]};
    return {};
  }
  return not_found(fmt::format("the experiment has no metric '{}'", name), "metric",
                   did_you_mean(name, names));
}

}  // namespace

Result<Explanation> explain(const UnitReadout& readout, const std::string& metric,
                            std::size_t threads) {
  AnalysisPlan plan = readout.plan;
  if (plan.design == definitions::DesignType::kInterleaving)
    return invalid_request("an interleaving has nothing to explain", "design",
                           "Its one comparison has no cap, no strata and no covariates.");
  plan.stratified = !readout.units.strata.empty();
  plan.shared_covariates = !readout.units.covariates.empty();
  folds::UnitTable units = readout.units;
  units.segments.clear();
  DESCANT_CHECK(keep_metric(metric, plan, units));
  Analyses analyses;
  for (std::size_t on = 0; on <= std::size(kAdjustments); ++on) {
    AnalysisPlan partly = plan;
    for (std::size_t i = on; i < std::size(kAdjustments); ++i) kAdjustments[i].turn_off(partly);
    DESCANT_ASSIGN(auto result, analyze(partly, units, readout.exposures.counts, threads));
    analyses.push_back(std::move(result));
  }
  Explanation explanation;
  explanation.experiment = plan.name;
  explanation.as_of = format_instant(readout.as_of);
  explanation.confidence_level = plan.confidence_level;
  explanation.warnings = analyses.back().warnings;
  const std::size_t treatments = units.variants.size() - 1;
  for (std::size_t i = 0; i < plan.metrics.size(); ++i)
    for (std::size_t t = 0; t < treatments; ++t)
      explanation.metrics.push_back(
          explain_metric(plan, plan.metrics[i], units.metrics[i], analyses, i * treatments + t));
  return explanation;
}

void describe(Describer& d, ExplainedStep& step) {
  d.field(step.name, {.name = "name",
                      .doc = "the adjustment that this step adds",
                      .choices = {"difference", "cap", "strata", "covariates"}});
  d.field(step.message, {.name = "message", .doc = "what it did, as a sentence"});
  d.field(step.method, {.name = "method", .doc = "of the comparison"});
  d.field(step.absolute, {.name = "absolute", .doc = "effect in the metric's unit"});
  d.field(step.relative, {.name = "relative", .doc = "effect relative to control"});
  d.field(step.p_value,
          {.name = "p_value",
           .doc = "two-sided, of no difference; absent for a guardrail and before the planned end",
           .omit_when_empty = true});
  d.field(step.width_change,
          {.name = "width_change",
           .doc = "of the absolute interval against the step before; -0.2 is a fifth narrower",
           .omit_when_empty = true});
}

void describe(Describer& d, ExplainedMetric& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.treatment, {.name = "treatment", .doc = "the variant compared with control"});
  d.field(metric.role, {.name = "role", .doc = "what it does in the decision"});
  d.field(metric.unit, {.name = "unit", .doc = "of its values"});
  d.field(metric.type, {.name = "type", .doc = "of the metric"});
  d.field(metric.steps, {.name = "steps", .doc = "from the plain difference to what decides"});
}

void describe(Describer& d, Explanation& explanation) {
  d.field(explanation.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(explanation.as_of, {.name = "as_of", .doc = "instant up to which data were used"});
  d.field(explanation.confidence_level,
          {.name = "confidence_level", .doc = "level of the intervals"});
  d.field(explanation.metrics, {.name = "metrics", .doc = "one for each metric and treatment"});
  d.field(explanation.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
