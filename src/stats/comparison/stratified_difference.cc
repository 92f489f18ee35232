// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/stratified_difference.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "stats/comparison/mantel_haenszel.h"

namespace descant::stats {
namespace {

std::string place(std::size_t i) { return fmt::format("strata[{}]", i); }

Result<void> check(std::span<const StratumArms> strata, const std::string& method) {
  if (method != "post_stratified" && method != "mantel_haenszel")
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           "Known: post_stratified, mantel_haenszel.");
  for (std::size_t i = 0; i < strata.size(); ++i) {
    const auto& stratum = strata[i];
    const bool ratio = strata[0].control.kind == OutcomeKind::kRatio;
    for (const auto& [arm, name] :
         {std::pair(&stratum.control, "control"), {&stratum.treatment, "treatment"}}) {
      if ((arm->kind == OutcomeKind::kRatio) != ratio)
        return invalid_request("some strata are ratios, others are not", place(i) + "." + name,
                               "Give all strata in the same form.");
      if (method == "mantel_haenszel" && arm->kind != OutcomeKind::kShare)
        return invalid_request("mantel_haenszel needs shares", place(i) + "." + name,
                               "Give n and successes, or values of 0 and 1.");
    }
    if (stratum.weight.has_value() != strata[0].weight.has_value())
      return invalid_request("some strata have a weight, others do not", place(i) + ".weight",
                             "Give every stratum a weight, or none.");
    if (stratum.weight && !(*stratum.weight >= 0 && std::isfinite(*stratum.weight)))
      return invalid_request("a weight must be 0 or a positive number", place(i) + ".weight");
    if (stratum.weight && method == "mantel_haenszel")
      return invalid_request("mantel_haenszel has weights of its own", place(i) + ".weight",
                             "Leave the weights out, or use post_stratified.");
  }
  return {};
}

double units(const StratumArms& stratum) {
  return static_cast<double>(stratum.control.moments.n + stratum.treatment.moments.n);
}

// By stratum, adding up to 1; empty when they add up to nothing.
Result<std::vector<double>> weights_of(std::span<const StratumArms> strata) {
  std::vector<double> weights;
  double sum = 0;
  for (const auto& stratum : strata) {
    weights.push_back(stratum.weight ? *stratum.weight : units(stratum));
    sum += weights.back();
  }
  if (!std::isfinite(sum)) return invalid_request("the weights add up to infinity", "strata");
  if (sum == 0 && !strata.empty() && strata[0].weight)
    return invalid_request("the weights add up to 0", "strata", "Give one a positive weight.");
  for (double& weight : weights) weight /= sum;
  return weights;
}

// One arm through all strata: its weighted estimate, and in each stratum the mean and variance of
// the outcome, or of its linearisation at that estimate.
struct StratifiedArm {
  std::int64_t n = 0;
  double estimate = kUndefined;
  std::vector<double> means;
  double within = 0;  // sum p_k^2 v_k / n_k
  double degrees = kUndefined;
};

StratifiedArm stratified_arm(std::span<const StratumArms> strata, ArmOutcome StratumArms::*arm,
                             const std::vector<double>& weights) {
  StratifiedArm out;
  const bool ratio = !strata.empty() && (strata[0].*arm).kind == OutcomeKind::kRatio;
  double numerator = 0, denominator = ratio ? 0 : 1;
  for (std::size_t k = 0; k < strata.size(); ++k) {
    const Moments& m = (strata[k].*arm).moments;
    out.n += m.n;
    if (weights[k] == 0) continue;
    numerator += weights[k] * (m.n > 0 ? m.mean[0] : kUndefined);
    if (ratio) denominator += weights[k] * (m.n > 0 ? m.mean[1] : kUndefined);
  }
  out.estimate = denominator == 0 ? kUndefined : numerator / denominator;
  double squares = 0;
  for (std::size_t k = 0; k < strata.size(); ++k) {
    const Moments& m = (strata[k].*arm).moments;
    out.means.push_back(0);
    if (weights[k] == 0) continue;
    const double n = static_cast<double>(m.n);
    double variance = m.variance(0);
    if (ratio) {
      const double r = out.estimate;
      out.means.back() = r + (m.mean[0] - r * m.mean[1]) / denominator;
      variance = (m.variance(0) - 2 * r * m.covariance(0, 1) + r * r * m.variance(1)) /
                 (denominator * denominator);
    } else {
      out.means.back() = m.mean[0];
    }
    const double part = weights[k] * weights[k] * std::max(variance, 0.0) / n;
    out.within += std::isnan(variance) ? kUndefined : part;
    squares += part * part / (n - 1);
  }
  if (squares > 0) out.degrees = out.within * out.within / squares;
  return out;
}

// Covariance of two weighted means when the weights are the shares of `n` units.
double multinomial_term(const std::vector<double>& weights, const std::vector<double>& a,
                        const std::vector<double>& b, double n) {
  double product = 0, mean_a = 0, mean_b = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    mean_a += weights[k] * a[k];
    mean_b += weights[k] * b[k];
  }
  for (std::size_t k = 0; k < weights.size(); ++k)
    product += weights[k] * (a[k] - mean_a) * (b[k] - mean_b);
  return product / n;
}

bool all_are_shares(std::span<const StratumArms> strata) {
  return std::all_of(strata.begin(), strata.end(), [](const StratumArms& s) {
    return s.control.kind == OutcomeKind::kShare && s.treatment.kind == OutcomeKind::kShare;
  });
}

EstimatePair post_stratified_pair(std::span<const StratumArms> strata,
                                  const std::vector<double>& weights) {
  const auto control = stratified_arm(strata, &StratumArms::control, weights);
  const auto treatment = stratified_arm(strata, &StratumArms::treatment, weights);
  EstimatePair pair;
  pair.control_variance = control.within;
  pair.treatment_variance = treatment.within;
  if (!strata.empty() && !strata[0].weight) {
    const double n = static_cast<double>(control.n + treatment.n);
    pair.control_variance += multinomial_term(weights, control.means, control.means, n);
    pair.treatment_variance += multinomial_term(weights, treatment.means, treatment.means, n);
    pair.covariance = multinomial_term(weights, control.means, treatment.means, n);
  }
  pair.control = {control.n, control.estimate, std::sqrt(pair.control_variance)};
  pair.treatment = {treatment.n, treatment.estimate, std::sqrt(pair.treatment_variance)};
  if (!all_are_shares(strata))
    pair.reference = {ReferenceDistribution::Kind::kWelch, control.within, treatment.within,
                      control.degrees, treatment.degrees};
  return pair;
}

std::vector<ShareCounts> counts_of(std::span<const StratumArms> strata) {
  std::vector<ShareCounts> counts;
  const auto successes = [](const Moments& m) {
    return m.n > 0 ? std::round(m.mean[0] * static_cast<double>(m.n)) : 0.0;
  };
  for (const auto& s : strata)
    counts.push_back({static_cast<double>(s.control.moments.n), successes(s.control.moments),
                      static_cast<double>(s.treatment.moments.n), successes(s.treatment.moments)});
  return counts;
}

EstimatePair mantel_haenszel_pair(std::span<const StratumArms> strata, const MantelHaenszel& mh) {
  EstimatePair pair;
  for (const auto& stratum : strata) {
    pair.control.n += stratum.control.moments.n;
    pair.treatment.n += stratum.treatment.moments.n;
  }
  pair.control_variance = mh.control_variance;
  pair.treatment_variance = mh.treatment_variance;
  // So that the difference has the variance of Sato, which is not the sum of the two.
  pair.covariance = (mh.control_variance + mh.treatment_variance - mh.risk_difference_variance) / 2;
  pair.control.estimate = mh.control;
  pair.treatment.estimate = mh.treatment;
  pair.control.standard_error = std::sqrt(mh.control_variance);
  pair.treatment.standard_error = std::sqrt(mh.treatment_variance);
  return pair;
}

EffectInterval log_scale_interval(double ratio, double variance, const ComparisonOptions& options) {
  EffectInterval interval;
  if (!std::isfinite(ratio)) return interval;
  interval.estimate = ratio;
  if (!(ratio > 0) || !std::isfinite(variance)) return interval;
  interval.standard_error = std::sqrt(variance);
  const double half = interval_quantile(options, kUndefined) * interval.standard_error;
  interval.lower = ratio * std::exp(-half);
  interval.upper = ratio * std::exp(half);
  open_unbounded_end(interval, options);
  return interval;
}

void warn_of_empty_strata(Warnings& warnings, std::span<const StratumArms> strata) {
  for (std::size_t k = 0; k < strata.size(); ++k) {
    const bool no_control = strata[k].control.moments.n == 0;
    const bool no_treatment = strata[k].treatment.moments.n == 0;
    if (no_control && no_treatment)
      warnings.push_back({"empty_stratum", place(k), "The stratum has no units."});
    else if (no_control || no_treatment)
      warnings.push_back({"empty_stratum", place(k),
                          fmt::format("The stratum has no units in the {} arm: merge it with "
                                      "another.",
                                      no_control ? "control" : "treatment")});
  }
}

Result<void> add_strata(StratifiedComparison& result, std::span<const StratumArms> strata,
                        const std::vector<double>& weights, const ComparisonOptions& options) {
  ComparisonOptions plain = options;
  plain.non_inferiority_margin.reset();
  for (std::size_t k = 0; k < strata.size(); ++k) {
    auto pair = pair_of(strata[k].control, strata[k].treatment);
    if (!pair) {
      pair.error().where = place(k) + "." + pair.error().where;
      return std::move(pair.error());
    }
    DESCANT_ASSIGN(const Comparison alone, compare(*pair, plain));
    result.strata.push_back(
        {strata[k].name, weights[k], alone.control, alone.treatment, alone.absolute});
  }
  return {};
}

// All strata as one, as if nobody had looked at them.
Result<Comparison> unadjusted_comparison(std::span<const StratumArms> strata,
                                         const ComparisonOptions& options) {
  ArmOutcome control = strata[0].control, treatment = strata[0].treatment;
  const auto merge = [&](ArmOutcome& into, ArmOutcome StratumArms::*arm) {
    const std::size_t columns = into.moments.columns();
    into.moments = Moments(columns);
    for (const auto& stratum : strata) into.moments.merge((stratum.*arm).moments);
  };
  merge(control, &StratumArms::control);
  merge(treatment, &StratumArms::treatment);
  if (all_are_shares(strata))
    for (auto* arm : {&control, &treatment}) {
      const double n = static_cast<double>(arm->moments.n);
      const double p = arm->moments.mean[0];
      arm->moments.cross[0] = p * (1 - p) * std::max(n - 1, 0.0);
    }
  DESCANT_ASSIGN(EstimatePair pair, pair_of(control, treatment));
  pair.method = "unadjusted";
  return compare(pair, options);
}

}  // namespace

Result<StratifiedComparison> stratified_difference(std::span<const StratumArms> strata,
                                                   const std::string& method,
                                                   const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  DESCANT_CHECK(check(strata, method));
  if (strata.empty()) return invalid_request("there are no strata", "strata", "Give at least one.");
  DESCANT_ASSIGN(auto weights, weights_of(strata));
  StratifiedComparison result;
  EstimatePair pair;
  if (method == "post_stratified") {
    pair = post_stratified_pair(strata, weights);
  } else {
    const auto mh = mantel_haenszel(counts_of(strata));
    pair = mantel_haenszel_pair(strata, mh);
    result.odds_ratio = log_scale_interval(mh.odds_ratio, mh.log_odds_ratio_variance, options);
    result.risk_ratio =
        log_scale_interval(mh.treatment / mh.control, mh.log_risk_ratio_variance, options);
    double sum = 0;
    for (std::size_t k = 0; k < strata.size(); ++k) {
      const double n = units(strata[k]);
      weights[k] = n > 0 ? static_cast<double>(strata[k].control.moments.n) *
                               static_cast<double>(strata[k].treatment.moments.n) / n
                         : 0;
      sum += weights[k];
    }
    for (double& weight : weights) weight /= sum;
  }
  pair.method = method;
  warn_of_empty_strata(pair.warnings, strata);
  DESCANT_CHECK(add_strata(result, strata, weights, options));
  DESCANT_ASSIGN(result.comparison, compare(pair, options));
  DESCANT_ASSIGN(result.unadjusted, unadjusted_comparison(strata, options));
  const double ratio =
      result.comparison.absolute.standard_error / result.unadjusted.absolute.standard_error;
  if (std::isfinite(ratio)) result.variance_reduction = 1 - ratio * ratio;
  return result;
}

void describe(Describer& d, StratumEffect& stratum) {
  d.field(stratum.name, {.name = "name", .doc = "the stratum's label or position"});
  d.field(stratum.weight, {.name = "weight", .doc = "as used, all adding up to 1"});
  d.field(stratum.control, {.name = "control", .doc = "the control arm in it"});
  d.field(stratum.treatment, {.name = "treatment", .doc = "the treatment arm in it"});
  d.field(stratum.absolute, {.name = "absolute", .doc = "the difference in it, alone"});
}

void describe(Describer& d, StratifiedComparison& result) {
  describe(d, result.comparison);
  d.field(result.variance_reduction, {.name = "variance_reduction",
                                      .doc = "share of the unadjusted effect's variance removed"});
  d.field(result.strata, {.name = "strata", .doc = "each by itself, with the weight it had"});
  d.field(result.unadjusted, {.name = "unadjusted", .doc = "the comparison without strata"});
  d.field(result.odds_ratio, {.name = "odds_ratio",
                              .doc = "mantel_haenszel; standard_error is that of its logarithm",
                              .omit_when_empty = true});
  d.field(result.risk_ratio, {.name = "risk_ratio",
                              .doc = "mantel_haenszel; standard_error is that of its logarithm",
                              .omit_when_empty = true});
}

}  // namespace descant::stats
