// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/bayesian_difference.h"

#include <cmath>

#include "stats/comparison/beta_difference.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr double kLeastPseudoCount = 0.05;
constexpr double kMostPseudoCounts = 1e9;

// A prior may bring its own scale.
std::optional<std::string> scale_of(const BayesianPlan& plan) {
  return plan.prior && plan.prior->scale ? plan.prior->scale : plan.scale;
}

Result<void> check_scale(const std::optional<std::string>& scale, const char* where) {
  if (!scale || *scale == "relative" || *scale == "absolute") return {};
  return invalid_request("unknown scale '" + *scale + "'", where, "Known: relative, absolute.");
}

Result<void> check(const BayesianPlan& plan, const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  DESCANT_CHECK(check_scale(plan.scale, "scale"));
  if (plan.prior) DESCANT_CHECK(check_scale(plan.prior->scale, "prior.scale"));
  if (plan.scale && scale_of(plan) != plan.scale)
    return invalid_request("the prior has another scale than the request", "prior.scale",
                           "Say the scale once.");
  if (plan.prior && !std::isfinite(plan.prior->mean))
    return invalid_request("the prior's mean must be finite", "prior.mean");
  if (plan.prior && plan.prior->proper &&
      !(plan.prior->variance > 0 && std::isfinite(plan.prior->variance)))
    return invalid_request("the prior's variance must be positive", "prior.variance",
                           "For a flat prior say proper: false.");
  for (const auto& [value, name] :
       {std::pair(plan.prior_alpha, "prior_alpha"), {plan.prior_beta, "prior_beta"}})
    if (!(value >= kLeastPseudoCount && value <= kMostPseudoCounts))
      return invalid_request("a beta prior's parameters lie between 0.05 and 1e9", name);
  return {};
}

// E[max(x, 0)] of a normal x, as the tail's probability times its truncated mean.
double expected_positive_part(double mean, double deviation) {
  const double z = mean / deviation;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
  if (z > -8) return mean * normal_cdf(z) + deviation * density;
  // Far out the two terms cancel: the asymptotic series of the truncated mean.
  const double w = 1 / (z * z);
  return deviation * density * w * (1 - w * (3 - w * (15 - w * (105 - w * (945 - w * 10395)))));
}

void swap_when_decrease_is_good(BayesianComparison& result, const ComparisonOptions& options,
                                double probability_smaller) {
  if (options.direction == "increase") return;
  result.probability_better = probability_smaller;
  std::swap(result.risk.control, result.risk.treatment);
}

// The same options without what asks for a test against a margin.
ComparisonOptions without_margin(const ComparisonOptions& options) {
  ComparisonOptions plain = options;
  plain.non_inferiority_margin.reset();
  return plain;
}

}  // namespace

Result<BayesianComparison> bayesian_difference(const EstimatePair& pair, const BayesianPlan& plan,
                                               const ComparisonOptions& options) {
  DESCANT_CHECK(check(plan, options));
  EstimatePair normal = pair;
  normal.method = "normal";
  normal.reference.kind = ReferenceDistribution::Kind::kNormal;
  BayesianComparison result;
  DESCANT_ASSIGN(result.comparison, compare(normal, without_margin(options)));
  result.scale = scale_of(plan).value_or("relative");
  const auto& effect =
      result.scale == "relative" ? result.comparison.relative : result.comparison.absolute;
  if (!std::isfinite(effect.estimate) || !(effect.standard_error > 0) ||
      std::isnan(result.comparison.p_value))
    return result;
  double precision = 1 / (effect.standard_error * effect.standard_error);
  double weighted = effect.estimate * precision;
  if (plan.prior && plan.prior->proper) {
    precision += 1 / plan.prior->variance;
    weighted += plan.prior->mean / plan.prior->variance;
  }
  auto& posterior = result.credible_interval;
  posterior.estimate = weighted / precision;
  posterior.standard_error = 1 / std::sqrt(precision);
  const double half = interval_quantile(options, kUndefined) * posterior.standard_error;
  posterior.lower = posterior.estimate - half;
  posterior.upper = posterior.estimate + half;
  open_unbounded_end(posterior, options);
  const double z = posterior.estimate / posterior.standard_error;
  result.probability_better = normal_cdf(z);
  result.risk = {expected_positive_part(posterior.estimate, posterior.standard_error),
                 expected_positive_part(-posterior.estimate, posterior.standard_error)};
  swap_when_decrease_is_good(result, options, normal_upper_tail(z));
  return result;
}

Result<BayesianComparison> beta_binomial_difference(const SuccessCount& control,
                                                    const SuccessCount& treatment,
                                                    const BayesianPlan& plan,
                                                    const ComparisonOptions& options) {
  DESCANT_CHECK(check(plan, options));
  if (scale_of(plan) == "relative")
    return invalid_request("beta_binomial is about the difference of the shares", "scale",
                           "Leave scale out, or use model: normal for a relative effect.");
  EstimatePair pair;
  pair.method = "beta_binomial";
  const auto fill = [](const SuccessCount& count, ArmEstimate& arm, double& variance) {
    const double n = static_cast<double>(count.n);
    const double p = count.n > 0 ? static_cast<double>(count.successes) / n : kUndefined;
    variance = p * (1 - p) / n;
    arm = {count.n, p, std::sqrt(variance)};
  };
  fill(control, pair.control, pair.control_variance);
  fill(treatment, pair.treatment, pair.treatment_variance);
  BayesianComparison result;
  DESCANT_ASSIGN(result.comparison, compare(pair, without_margin(options)));
  result.scale = "absolute";
  const auto posterior = [&](const SuccessCount& count) {
    return BetaShare{plan.prior_alpha + static_cast<double>(count.successes),
                     plan.prior_beta + static_cast<double>(count.n - count.successes)};
  };
  const BetaShare c = posterior(control), t = posterior(treatment);
  auto& interval = result.credible_interval;
  interval.estimate = t.mean() - c.mean();
  interval.standard_error = std::sqrt(t.variance() + c.variance());
  const double tail = options.alternative == "two_sided" ? (1 - options.confidence_level) / 2
                                                         : 1 - options.confidence_level;
  interval.lower = beta_difference_quantile(c, t, tail);
  interval.upper = beta_difference_quantile(c, t, 1 - tail);
  open_unbounded_end(interval, options);
  result.probability_better = probability_larger(c, t);
  result.risk = {expected_gain(c, t), expected_gain(t, c)};
  swap_when_decrease_is_good(result, options, probability_larger(t, c));
  return result;
}

void describe(Describer& d, EffectPrior& prior) {
  d.field(prior.mean, {.name = "mean", .doc = "of the effect before the data"});
  d.field(prior.variance, {.name = "variance", .doc = "of a proper prior", .minimum = 0});
  d.field(prior.proper, {.name = "proper", .doc = "false: flat, whatever mean and variance"});
  d.field(prior.scale, {.name = "scale",
                        .doc = "the same as scale beside the prior",
                        .choices = {"relative", "absolute"}});
}

void describe(Describer& d, BayesianPlan& plan) {
  d.field(plan.model, {.name = "model",
                       .doc = "normal effect, or beta-distributed shares",
                       .choices = {"normal", "beta_binomial"}});
  d.field(plan.prior, {.name = "prior", .doc = "normal, on the effect; default: flat"});
  d.field(plan.scale, {.name = "scale",
                       .doc = "which effect prior, risk and credible interval are about; default: "
                              "relative, and absolute for beta_binomial",
                       .choices = {"relative", "absolute"}});
  d.field(plan.prior_alpha, {.name = "prior_alpha",
                             .doc = "beta_binomial: successes before the data",
                             .minimum = kLeastPseudoCount,
                             .maximum = kMostPseudoCounts});
  d.field(plan.prior_beta, {.name = "prior_beta",
                            .doc = "beta_binomial: failures before the data",
                            .minimum = kLeastPseudoCount,
                            .maximum = kMostPseudoCounts});
}

void describe(Describer& d, ArmRisk& risk) {
  d.field(risk.control, {.name = "control", .doc = "of keeping the control"});
  d.field(risk.treatment, {.name = "treatment", .doc = "of taking the treatment"});
}

void describe(Describer& d, BayesianComparison& result) {
  describe(d, result.comparison);
  d.field(result.scale, {.name = "scale", .doc = "of the fields below"});
  d.field(result.probability_better,
          {.name = "probability_better", .doc = "that the treatment is better by direction"});
  d.field(result.risk, {.name = "risk", .doc = "expected loss of choosing an arm"});
  d.field(result.credible_interval,
          {.name = "credible_interval", .doc = "equal-tailed, with posterior mean and deviation"});
}

}  // namespace descant::stats
