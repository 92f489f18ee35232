// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/segment_effects.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "stats/distributions.h"
#include "stats/multiplicity.h"

namespace descant::stats {
namespace {

struct NormalPrior {
  double mean = kUndefined;
  double mean_variance = kUndefined;
  double tau_squared = kUndefined;
};

struct Weighted {
  double weight = 0;
  double mean = 0;
};

using Members = std::vector<const SegmentEffect*>;

bool takes_part(const SegmentEffect& effect) {
  return std::isfinite(effect.estimate) && std::isfinite(effect.standard_error) &&
         effect.standard_error > 0;
}

Weighted weighted_mean(const Members& members, double tau_squared) {
  Weighted out;
  double sum = 0;
  for (const auto* effect : members) {
    const double weight = 1 / (effect->standard_error * effect->standard_error + tau_squared);
    out.weight += weight;
    sum += weight * effect->estimate;
  }
  out.mean = sum / out.weight;
  return out;
}

// Cochran 1954, Biometrics 10; DerSimonian and Laird 1986, Controlled Clinical Trials 7.
NormalPrior examine(const Members& members, DimensionFinding& finding) {
  finding.segments = static_cast<std::int64_t>(members.size());
  if (members.empty()) return {};
  const Weighted fixed = weighted_mean(members, 0);
  double q = 0, squares = 0;
  for (const auto* effect : members) {
    const double weight = 1 / (effect->standard_error * effect->standard_error);
    q += weight * (effect->estimate - fixed.mean) * (effect->estimate - fixed.mean);
    squares += weight * weight;
  }
  const double degrees = static_cast<double>(members.size() - 1);
  if (degrees > 0) {
    finding.q = q;
    finding.degrees_of_freedom = degrees;
    finding.p_value = chi_squared_upper_tail(q, degrees);
    finding.i_squared = q > degrees ? 1 - degrees / q : 0.0;
    finding.tau_squared = std::max(0.0, (q - degrees) / (fixed.weight - squares / fixed.weight));
  }
  const double tau_squared = degrees > 0 ? finding.tau_squared : 0.0;
  const Weighted mean = weighted_mean(members, tau_squared);
  finding.mean_effect = mean.mean;
  return {mean.mean, 1 / mean.weight, tau_squared};
}

EffectInterval shrink(const SegmentEffect& effect, const NormalPrior& prior, double q) {
  const double variance = effect.standard_error * effect.standard_error;
  const double to_mean = variance / (variance + prior.tau_squared);
  EffectInterval out;
  out.estimate = to_mean * prior.mean + (1 - to_mean) * effect.estimate;
  out.standard_error =
      std::sqrt(to_mean * prior.tau_squared + to_mean * to_mean * prior.mean_variance);
  out.lower = out.estimate - q * out.standard_error;
  out.upper = out.estimate + q * out.standard_error;
  return out;
}

// Adjusts the p-values that are defined; a Finding has adjusted_p_value and rejected.
template <class Finding, class PValue>
Result<void> adjust(std::vector<Finding>& found, double alpha, PValue p_value) {
  AdjustPValuesRequest request;
  request.method = "benjamini_hochberg";
  request.alpha = alpha;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(p_value(i))) continue;
    places.push_back(i);
    request.p_values.push_back(p_value(i));
  }
  DESCANT_ASSIGN(const auto adjusted, adjust_p_values(request));
  for (std::size_t i = 0; i < places.size(); ++i) {
    found[places[i]].adjusted_p_value = adjusted.adjusted[i];
    found[places[i]].rejected = adjusted.rejected[i];
  }
  return {};
}

}  // namespace

Result<SegmentFindings> segment_findings(const std::vector<SegmentEffect>& effects,
                                         const SegmentFindingOptions& options) {
  SegmentFindings out;
  out.segments.resize(effects.size());
  const double q = -normal_quantile((1 - options.confidence_level) / 2);
  std::unordered_map<std::string, std::size_t> known;
  std::vector<std::vector<std::size_t>> places;  // by dimension
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const auto [entry, added] = known.try_emplace(effects[i].dimension, places.size());
    if (added) {
      places.emplace_back();
      out.dimensions.emplace_back().dimension = effects[i].dimension;
    }
    places[entry->second].push_back(i);
  }
  for (std::size_t d = 0; d < places.size(); ++d) {
    Members members;
    for (const std::size_t i : places[d])
      if (takes_part(effects[i])) members.push_back(&effects[i]);
    const NormalPrior prior = examine(members, out.dimensions[d]);
    for (const std::size_t i : places[d])
      if (takes_part(effects[i])) out.segments[i].shrunk = shrink(effects[i], prior, q);
  }
  DESCANT_CHECK(
      adjust(out.segments, options.alpha, [&](std::size_t i) { return effects[i].p_value; }));
  DESCANT_CHECK(adjust(out.dimensions, options.alpha,
                       [&](std::size_t i) { return out.dimensions[i].p_value; }));
  return out;
}

void describe(Describer& d, DimensionFinding& finding) {
  d.field(finding.dimension, {.name = "dimension", .doc = "of the segments"});
  d.field(finding.segments, {.name = "segments", .doc = "with an effect that took part"});
  d.field(finding.q, {.name = "q", .doc = "Cochran's Q: do the effects differ?"});
  d.field(finding.degrees_of_freedom, {.name = "degrees_of_freedom", .doc = "of Q"});
  d.field(finding.p_value, {.name = "p_value", .doc = "of Q"});
  d.field(finding.adjusted_p_value,
          {.name = "adjusted_p_value", .doc = "Benjamini-Hochberg over the dimensions"});
  d.field(finding.rejected, {.name = "rejected", .doc = "the effects differ, at alpha"});
  d.field(finding.i_squared, {.name = "i_squared", .doc = "share of the variation beyond chance"});
  d.field(finding.tau_squared, {.name = "tau_squared", .doc = "variance of the true effects"});
  d.field(finding.mean_effect, {.name = "mean_effect", .doc = "which the effects are shrunk to"});
}

}  // namespace descant::stats
