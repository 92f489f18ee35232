// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/interaction.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace descant::stats {
namespace {

constexpr const char* kHint = "Give all four cells in the same form.";

// The second experiment's effect within one arm of the first.
struct EffectWithin {
  EstimatePair pair;
  ArmEstimate effect;
  double variance = kUndefined;
};

Result<EffectWithin> effect_within(const ArmOutcome& control, const ArmOutcome& treatment,
                                   std::string_view control_name, std::string_view treatment_name) {
  auto pair = pair_of(control, treatment);
  if (!pair) {
    Error error = std::move(pair.error());
    const bool of_control = error.where.starts_with("control");
    const std::string_view arm = of_control ? "control" : "treatment";
    const std::string rest =
        error.where.starts_with(arm) ? error.where.substr(arm.size()) : std::string();
    error.where = fmt::format("cells.{}{}", of_control ? control_name : treatment_name, rest);
    return error;
  }
  EffectWithin within{std::move(*pair), {}, kUndefined};
  within.variance = within.pair.control_variance + within.pair.treatment_variance;
  within.effect = {within.pair.control.n + within.pair.treatment.n,
                   within.pair.treatment.estimate - within.pair.control.estimate,
                   std::sqrt(within.variance)};
  return within;
}

EffectInterval lift(const EstimatePair& pair) {
  EffectInterval lift;
  const double control = pair.control.estimate;
  if (control == 0 || !std::isfinite(control)) return lift;
  const double ratio = pair.treatment.estimate / control;
  lift.estimate = ratio - 1;
  lift.standard_error = std::sqrt(pair.treatment_variance + ratio * ratio * pair.control_variance) /
                        std::abs(control);
  return lift;
}

void set_relative(Comparison& result, const EffectWithin& control, const EffectWithin& treatment,
                  const ComparisonOptions& options) {
  std::erase_if(result.warnings, [](const Warning& w) { return w.field == "relative"; });
  const EffectInterval c = lift(control.pair);
  const EffectInterval t = lift(treatment.pair);
  result.relative = {};
  if (std::isnan(c.estimate) || std::isnan(t.estimate)) {
    result.warnings.push_back(
        {"zero_control", "relative",
         "A cell without the second treatment has estimate 0 or none: no relative effect."});
    return;
  }
  result.relative.estimate = t.estimate - c.estimate;
  result.relative.standard_error = std::hypot(c.standard_error, t.standard_error);
  for (const auto* within : {&control, &treatment})
    if (within->pair.control.estimate < 2 * std::sqrt(within->pair.control_variance)) {
      result.warnings.push_back({"weak_control", "relative",
                                 "A cell without the second treatment is negative or within two "
                                 "standard errors of 0: look at the absolute interaction."});
      break;
    }
  if (std::isnan(result.p_value)) return;
  const double half =
      interval_quantile(options, result.degrees_of_freedom) * result.relative.standard_error;
  result.relative.lower = result.relative.estimate - half;
  result.relative.upper = result.relative.estimate + half;
  open_unbounded_end(result.relative, options);
}

void warn_of_small_cells(Warnings& warnings, const CellEstimates& cells) {
  for (const auto& [cell, name] : {std::pair(&cells.control_control, "control_control"),
                                   {&cells.control_treatment, "control_treatment"},
                                   {&cells.treatment_control, "treatment_control"},
                                   {&cells.treatment_treatment, "treatment_treatment"}})
    if (cell->n < 2)
      warnings.push_back({"too_few_units", fmt::format("cells.{}", name),
                          "The cell has fewer than two units, so the interaction is undefined."});
}

}  // namespace

Result<Interaction> interaction(const CellOutcomes& cells, const ComparisonOptions& options) {
  if (options.margin_scale == "relative" && options.non_inferiority_margin)
    return invalid_request("an interaction has no relative margin", "margin_scale",
                           "Give the margin in the outcome's unit.");
  const bool ratio = cells.control_control.kind == OutcomeKind::kRatio;
  if ((cells.treatment_control.kind == OutcomeKind::kRatio) != ratio)
    return invalid_request("some cells are ratios, others are not", "cells", kHint);
  DESCANT_ASSIGN(const auto control, effect_within(cells.control_control, cells.control_treatment,
                                                   "control_control", "control_treatment"));
  DESCANT_ASSIGN(const auto treatment,
                 effect_within(cells.treatment_control, cells.treatment_treatment,
                               "treatment_control", "treatment_treatment"));
  EstimatePair pair;
  pair.method = "difference_of_differences";
  pair.control = control.effect;
  pair.treatment = treatment.effect;
  pair.control_variance = control.variance;
  pair.treatment_variance = treatment.variance;
  const bool normal = control.pair.reference.kind == ReferenceDistribution::Kind::kNormal &&
                      treatment.pair.reference.kind == ReferenceDistribution::Kind::kNormal;
  if (!normal)
    pair.reference = {ReferenceDistribution::Kind::kWelch, control.variance, treatment.variance,
                      control.pair.reference.degrees_of_freedom(),
                      treatment.pair.reference.degrees_of_freedom()};
  Interaction result;
  result.cells = {control.pair.control, control.pair.treatment, treatment.pair.control,
                  treatment.pair.treatment};
  warn_of_small_cells(pair.warnings, result.cells);
  DESCANT_ASSIGN(result.comparison, compare(pair, options));
  set_relative(result.comparison, control, treatment, options);
  return result;
}

Result<Interaction> interaction(const InteractionCells& cells, const ComparisonOptions& options) {
  CellOutcomes outcomes;
  DESCANT_ASSIGN(outcomes.control_control,
                 outcome_of(cells.control_control, "cells.control_control"));
  DESCANT_ASSIGN(outcomes.control_treatment,
                 outcome_of(cells.control_treatment, "cells.control_treatment"));
  DESCANT_ASSIGN(outcomes.treatment_control,
                 outcome_of(cells.treatment_control, "cells.treatment_control"));
  DESCANT_ASSIGN(outcomes.treatment_treatment,
                 outcome_of(cells.treatment_treatment, "cells.treatment_treatment"));
  return interaction(outcomes, options);
}

void describe(Describer& d, InteractionCells& cells) {
  d.field(cells.control_control, {.name = "control_control",
                                  .doc = "units in the control arm of both experiments",
                                  .required = true});
  d.field(cells.control_treatment, {.name = "control_treatment",
                                    .doc = "control of the first, treatment of the second",
                                    .required = true});
  d.field(cells.treatment_control, {.name = "treatment_control",
                                    .doc = "treatment of the first, control of the second",
                                    .required = true});
  d.field(cells.treatment_treatment,
          {.name = "treatment_treatment", .doc = "treatment of both", .required = true});
}

void describe(Describer& d, CellEstimates& cells) {
  d.field(cells.control_control, {.name = "control_control", .doc = "control of both"});
  d.field(cells.control_treatment, {.name = "control_treatment", .doc = "second treatment alone"});
  d.field(cells.treatment_control, {.name = "treatment_control", .doc = "first treatment alone"});
  d.field(cells.treatment_treatment, {.name = "treatment_treatment", .doc = "both treatments"});
}

}  // namespace descant::stats
