// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "stats/comparison/dunnett.h"
#include "stats/distributions.h"
#include "stats/multiplicity.h"

namespace descant::stats {
namespace {

std::string treatment_name(std::size_t i) { return fmt::format("treatments[{}]", i); }

Result<void> check(const ArmOutcome& control, std::span<const ArmOutcome> treatments,
                   const ManyToOnePlan& plan, const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  const auto& method = plan.method;
  if (method != "dunnett" && method != "holm" && method != "bonferroni")
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           "Known: dunnett, holm, bonferroni.");
  if (plan.variances && *plan.variances != "pooled" && *plan.variances != "separate")
    return invalid_request(fmt::format("unknown variances '{}'", *plan.variances), "variances",
                           "Known: pooled, separate.");
  if (method == "dunnett" && treatments.size() > kMostDunnett)
    return invalid_request(fmt::format("dunnett takes at most {} treatments", kMostDunnett),
                           "treatments", "Use holm.");
  if (options.non_inferiority_margin && options.margin_scale == "relative")
    return invalid_request("many treatments are tested against an absolute margin", "margin_scale",
                           "Give the margin in the outcome's unit.");
  for (std::size_t i = 0; i < treatments.size(); ++i)
    if (treatments[i].kind != control.kind)
      return invalid_request("the arm is of another form than the control", treatment_name(i),
                             "Give all arms as means, all as shares, or all as ratios.");
  if (plan.variances == "pooled" && control.kind != OutcomeKind::kMean)
    return invalid_request("shares and ratios have variances of their own", "variances",
                           "Use separate.");
  return {};
}

// The variance within all arms together, in place of each arm's own.
struct PooledVariance {
  double variance = kUndefined;
  double degrees = kUndefined;
};

PooledVariance pool(const ArmOutcome& control, std::span<const ArmOutcome> treatments) {
  double squares = 0, degrees = 0;
  const auto add = [&](const Moments& m) {
    squares += m.cross[0];
    degrees += std::max(static_cast<double>(m.n - 1), 0.0);
  };
  add(control.moments);
  for (const auto& arm : treatments) add(arm.moments);
  if (degrees == 0) return {};
  return {squares / degrees, degrees};
}

void use_pooled(EstimatePair& pair, const PooledVariance& pooled) {
  pair.control_variance = pooled.variance / static_cast<double>(pair.control.n);
  pair.treatment_variance = pooled.variance / static_cast<double>(pair.treatment.n);
  pair.control.standard_error = std::sqrt(pair.control_variance);
  pair.treatment.standard_error = std::sqrt(pair.treatment_variance);
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
  pair.reference.control_degrees = pooled.degrees;
  pair.reference.treatment_degrees = 0;
}

Result<std::vector<EstimatePair>> pairs_of(const ArmOutcome& control,
                                           std::span<const ArmOutcome> treatments,
                                           const ManyToOne& result) {
  std::vector<EstimatePair> pairs;
  const PooledVariance pooled = pool(control, treatments);
  for (std::size_t i = 0; i < treatments.size(); ++i) {
    auto pair = pair_of(control, treatments[i]);
    if (!pair) {
      Error error = std::move(pair.error());
      if (error.where.starts_with("treatment"))
        error.where = treatment_name(i) + error.where.substr(std::string("treatment").size());
      return error;
    }
    pair->method = result.method;
    if (result.variances == "pooled") use_pooled(*pair, pooled);
    pairs.push_back(std::move(*pair));
  }
  return pairs;
}

// What the test of a comparison looks at: the side it rejects on.
struct Side {
  bool two_sided;
  double sign;
};

Side side_of(const ComparisonOptions& options) {
  if (options.non_inferiority_margin) return {false, options.direction == "increase" ? 1.0 : -1.0};
  if (options.alternative == "two_sided") return {true, 1.0};
  return {false, options.alternative == "greater" ? 1.0 : -1.0};
}

// The members of the family: comparisons that have a p-value.
struct Members {
  std::vector<std::size_t> index;
  std::vector<double> lambda;
};

Members members_of(const std::vector<EstimatePair>& pairs,
                   const std::vector<TreatmentEffect>& effects) {
  Members members;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (std::isnan(effects[i].comparison.p_value)) continue;
    members.index.push_back(i);
    const double share =
        pairs[i].control_variance / (pairs[i].control_variance + pairs[i].treatment_variance);
    members.lambda.push_back(std::min(std::sqrt(share), 0.99999));
  }
  return members;
}

Result<void> set_intervals(TreatmentEffect& effect, const EstimatePair& pair,
                           const ComparisonOptions& options, double error_rate) {
  ComparisonOptions simultaneous = options;
  simultaneous.non_inferiority_margin.reset();
  simultaneous.confidence_level = 1 - std::clamp(error_rate, 1e-15, 1 - 1e-15);
  DESCANT_ASSIGN(const Comparison comparison, compare(pair, simultaneous));
  effect.simultaneous = {comparison.absolute, comparison.relative};
  return {};
}

Result<void> adjust_dunnett(ManyToOne& result, const std::vector<EstimatePair>& pairs,
                            const Members& members, const ComparisonOptions& options) {
  const Side side = side_of(options);
  const bool two_sided_interval = options.alternative == "two_sided";
  std::map<double, double> critical;  // by degrees of freedom
  for (const std::size_t i : members.index) {
    auto& effect = result.effects[i];
    const double statistic = effect.comparison.statistic;
    const double degrees = effect.comparison.degrees_of_freedom;
    effect.adjusted_p_value =
        dunnett_upper_tail(side.two_sided ? std::abs(statistic) : side.sign * statistic,
                           members.lambda, degrees, side.two_sided);
    const auto [at, is_new] = critical.try_emplace(std::isnan(degrees) ? 0 : degrees, 0);
    if (is_new)
      at->second = dunnett_critical_value(1 - options.confidence_level, members.lambda, degrees,
                                          two_sided_interval);
    const double tail = t_upper_tail(at->second, degrees);
    DESCANT_CHECK(set_intervals(effect, pairs[i], options, two_sided_interval ? 2 * tail : tail));
  }
  return {};
}

Result<void> adjust_each(ManyToOne& result, const std::vector<EstimatePair>& pairs,
                         const Members& members, const ComparisonOptions& options) {
  AdjustPValuesRequest request;
  request.method = result.method;
  for (const std::size_t i : members.index)
    request.p_values.push_back(result.effects[i].comparison.p_value);
  DESCANT_ASSIGN(const auto adjusted, adjust_p_values(request));
  const double rate = (1 - options.confidence_level) / static_cast<double>(members.index.size());
  for (std::size_t k = 0; k < members.index.size(); ++k) {
    const std::size_t i = members.index[k];
    result.effects[i].adjusted_p_value = adjusted.adjusted[k];
    DESCANT_CHECK(set_intervals(result.effects[i], pairs[i], options, rate));
  }
  return {};
}

}  // namespace

Result<ManyToOne> many_to_one_difference(const ArmOutcome& control,
                                         std::span<const ArmOutcome> treatments,
                                         const ManyToOnePlan& plan,
                                         const ComparisonOptions& options) {
  DESCANT_CHECK(check(control, treatments, plan, options));
  ManyToOne result;
  result.method = plan.method;
  const bool pools = plan.method == "dunnett" && control.kind == OutcomeKind::kMean;
  result.variances = plan.variances.value_or(pools ? "pooled" : "separate");
  DESCANT_ASSIGN(const auto pairs, pairs_of(control, treatments, result));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto& effect = result.effects.emplace_back();
    DESCANT_ASSIGN(effect.comparison, compare(pairs[i], options));
    for (const auto& warning : effect.comparison.warnings)
      result.warnings.push_back(
          {warning.code, fmt::format("effects[{}].{}", i, warning.field), warning.message});
  }
  if (treatments.empty())
    result.warnings.push_back({"no_treatments", "treatments", "There is nothing to compare."});
  const Members members = members_of(pairs, result.effects);
  if (members.index.empty()) return result;
  DESCANT_CHECK(plan.method == "dunnett" ? adjust_dunnett(result, pairs, members, options)
                                         : adjust_each(result, pairs, members, options));
  for (auto& effect : result.effects)
    effect.rejected = effect.adjusted_p_value <= 1 - options.confidence_level;
  return result;
}

void describe(Describer& d, ManyToOnePlan& plan) {
  d.field(plan.method, {.name = "method",
                        .doc = "dunnett uses that all share the control; holm and bonferroni hold "
                               "under any dependence",
                        .choices = {"dunnett", "holm", "bonferroni"}});
  d.field(plan.variances, {.name = "variances",
                           .doc = "pooled over all arms, or each arm's own; default: pooled for "
                                  "means by dunnett, else separate",
                           .choices = {"pooled", "separate"}});
}

void describe(Describer& d, SimultaneousIntervals& intervals) {
  d.field(intervals.absolute, {.name = "absolute", .doc = "treatment minus control"});
  d.field(intervals.relative, {.name = "relative", .doc = "treatment / control - 1"});
}

void describe(Describer& d, TreatmentEffect& effect) {
  describe(d, effect.comparison);
  d.field(effect.adjusted_p_value,
          {.name = "adjusted_p_value", .doc = "of this treatment, for being one of many"});
  d.field(effect.rejected, {.name = "rejected", .doc = "adjusted_p_value <= 1 - confidence_level"});
  d.field(effect.simultaneous,
          {.name = "simultaneous",
           .doc = "intervals that all hold at once with confidence_level; of holm: bonferroni's"});
}

void describe(Describer& d, ManyToOne& result) {
  d.field(result.method, {.name = "method", .doc = "the method that ran"});
  d.field(result.variances, {.name = "variances", .doc = "pooled or separate"});
  d.field(result.effects, {.name = "effects", .doc = "one a treatment, in the order given"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
