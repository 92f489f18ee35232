// SPDX-License-Identifier: Apache-2.0
#include "experiment/portfolio.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/distributions.h"
#include "stats/resampling/calibration.h"

namespace descant::experiment {
namespace {

double half_width(double standard_error, double confidence_level) {
  return -stats::normal_quantile((1 - confidence_level) / 2) * standard_error;
}

stats::EffectInterval interval_of(double estimate, double standard_error, double confidence_level) {
  const double half = half_width(standard_error, confidence_level);
  return {estimate, standard_error, estimate - half, estimate + half};
}

PortfolioShare share_of(std::int64_t count, std::size_t treatments, double confidence_level) {
  PortfolioShare share;
  share.count = count;
  if (treatments == 0) return share;
  const auto rate =
      stats::clopper_pearson(count, static_cast<std::int64_t>(treatments), confidence_level);
  share.estimate = rate.estimate;
  share.lower = rate.lower;
  share.upper = rate.upper;
  return share;
}

stats::ShrinkEffectsRequest request_of(const PortfolioOptions& options,
                                       const PortfolioMetric& metric) {
  stats::ShrinkEffectsRequest request;
  request.prior = options.prior;
  request.confidence_level = options.confidence_level;
  for (const auto& effect : metric.effects) {
    request.estimates.push_back(effect.measured.estimate);
    request.standard_errors.push_back(effect.measured.standard_error);
  }
  return request;
}

// A normal prior's mean is estimated as well. Under a flat hyperprior on it the posterior variance
// of a sum of effects is larger by (sum of their shrinkage)^2 times the mean's variance (Morris
// 1983, "Parametric empirical Bayes inference", JASA 78, section 3). Without it, effects that vary
// no more than their errors would be known exactly. The other priors are taken as known.
class PriorMean {
 public:
  explicit PriorMean(const stats::ShrinkEffectsResult& found) : result_(found) {
    if (found.method != "normal" || found.effects.empty()) return;
    double precision = 0;
    for (const auto& effect : found.effects) precision += 1 / total_variance(effect);
    variance_ = 1 / precision;
  }
  double shrinkage(const stats::ShrunkEffect& effect) const {
    if (variance_ == 0) return 0;
    return effect.standard_error * effect.standard_error / total_variance(effect);
  }
  double widened(double standard_error, double shrinkage) const {
    return std::hypot(standard_error, shrinkage * std::sqrt(variance_));
  }

 private:
  double total_variance(const stats::ShrunkEffect& effect) const {
    const double spread = result_.prior.standard_deviation;
    return effect.standard_error * effect.standard_error + spread * spread;
  }
  const stats::ShrinkEffectsResult& result_;
  double variance_ = 0;
};

Result<stats::ShrinkEffectsResult> shrink(const stats::ShrinkEffectsRequest& request) {
  DESCANT_ASSIGN(auto found, stats::shrink_effects(request));
  if (found.method != "normal") return found;
  const PriorMean mean(found);
  double all = 0;
  for (auto& effect : found.effects) {
    const double own = mean.shrinkage(effect);
    if (effect.selected) all += own;
    const double error = mean.widened(effect.posterior_standard_deviation, own);
    const auto interval = interval_of(effect.posterior_mean, error, request.confidence_level);
    effect.posterior_standard_deviation = error;
    effect.lower = interval.lower;
    effect.upper = interval.upper;
    effect.probability_positive = stats::normal_cdf(effect.posterior_mean / error);
  }
  auto& sum = found.cumulative_effect;
  const auto interval =
      interval_of(sum.estimate, mean.widened(sum.standard_error, all), request.confidence_level);
  sum.standard_error = interval.standard_error;
  sum.lower = interval.lower;
  sum.upper = interval.upper;
  return found;
}

Result<void> shrink_metric(const PortfolioOptions& options, bool by_significance,
                           PortfolioMetric& metric, Warnings& warnings) {
  auto request = request_of(options, metric);
  const bool increase = metric.direction != "decrease";
  // A threshold, which only an upward selection has, also gives the correction without a prior.
  if (by_significance && increase)
    request.selection_threshold = half_width(1, options.confidence_level);
  else
    for (auto& selected = request.selected.emplace(); const auto& effect : metric.effects)
      selected.push_back(effect.shipped);
  DESCANT_ASSIGN(const auto shrunk, shrink(request));
  metric.prior = shrunk.prior;
  metric.shipped = shrunk.cumulative_effect;
  for (std::size_t i = 0; i < shrunk.effects.size(); ++i) {
    const auto& posterior = shrunk.effects[i];
    metric.effects[i].shrunk = {posterior.posterior_mean, posterior.posterior_standard_deviation,
                                posterior.lower, posterior.upper};
    metric.effects[i].probability_better =
        increase ? posterior.probability_positive
                 : 1 - posterior.probability_positive -
                       (std::isnan(posterior.probability_null) ? 0 : posterior.probability_null);
  }
  for (auto warning : shrunk.warnings) {
    warning.field = "metrics." + metric.name;
    warning.message = metric.name + ": " + warning.message;
    warnings.push_back(std::move(warning));
  }
  return {};
}

// Effects of what the holdback holds back. A launch counts by the treatment that shipped; one that
// the rule would not have shipped but that has a single treatment was launched all the same.
std::vector<bool> launched_of(const PortfolioMetric& metric,
                              const std::vector<std::string>& launches) {
  std::vector<bool> launched;
  for (const auto& effect : metric.effects) {
    if (launches.empty()) {
      launched.push_back(effect.shipped);
      continue;
    }
    const auto treatments =
        std::count_if(metric.effects.begin(), metric.effects.end(),
                      [&](const auto& other) { return other.experiment == effect.experiment; });
    const bool named =
        std::find(launches.begin(), launches.end(), effect.experiment) != launches.end();
    launched.push_back(named && (effect.shipped || treatments == 1));
  }
  return launched;
}

void warn_of_missing(const std::vector<std::string>& launches, const PortfolioMetric& metric,
                     const Reconciliation& found, Warnings& warnings) {
  std::vector<std::string> missing;
  for (const auto& launch : launches)
    if (std::find(found.launches.begin(), found.launches.end(), launch) == found.launches.end())
      missing.push_back(launch);
  if (missing.empty()) return;
  warnings.push_back(
      {"launches_without_effect", "metrics." + metric.name,
       fmt::format("{} launches {} but no effect of it on {} is known here, so it adds nothing to "
                   "the sum.",
                   found.holdback, join(missing, ", "), metric.name)});
}

std::string with_interval(const stats::EffectInterval& effect) {
  return fmt::format("{} ({} to {})", format_signed_percent(effect.estimate),
                     format_signed_percent(effect.lower), format_signed_percent(effect.upper));
}

std::string message_of(const Reconciliation& found, const std::string& metric) {
  const auto launches = counted(static_cast<std::int64_t>(found.launches.size()), "experiment");
  const auto sums = fmt::format(
      "On {}, what was launched from {} adds up to {}; the holdback {} measures {}.", metric,
      launches, with_interval(found.launched), found.holdback, with_interval(found.held_back));
  const auto difference = with_interval(found.difference);
  if (std::isnan(found.difference.lower)) return sums + " They cannot be compared.";
  if (found.difference.lower > 0)
    return fmt::format(
        "{} The sum is higher by {}: launches may overlap, fade, or reach only some.", sums,
        difference);
  if (found.difference.upper < 0)
    return fmt::format(
        "{} The sum is lower by {}: something else that is held back works too, or launches help "
        "each other.",
        sums, difference);
  return fmt::format("{} They agree within their error: the difference is {}.", sums, difference);
}

}  // namespace

Result<void> check_options(const PortfolioOptions& options) {
  // The rest is checked before any experiment is read, and by the one who knows it.
  stats::ShrinkEffectsRequest request;
  request.prior = options.prior;
  request.confidence_level = options.confidence_level;
  DESCANT_CHECK(stats::shrink_effects(request));
  if (!(options.power > 0 && options.power < 1))
    return invalid_request("power must be between 0 and 1", "power");
  if (options.minimum_effect &&
      !(std::isfinite(*options.minimum_effect) && *options.minimum_effect > 0))
    return invalid_request("the minimum effect must be positive", "minimum_effect",
                           "Give the smallest relative effect worth finding, such as 1%.");
  return {};
}

void measure(const std::string& direction, double confidence_level, PortfolioEffect& effect) {
  effect.measured =
      interval_of(effect.measured.estimate, effect.measured.standard_error, confidence_level);
  const bool increase = direction != "decrease";
  effect.significant = "no";
  if (effect.measured.lower > 0) effect.significant = increase ? "better" : "worse";
  if (effect.measured.upper < 0) effect.significant = increase ? "worse" : "better";
}

bool has_power(double standard_error, double effect, double alpha_one_sided, double power) {
  return (stats::normal_quantile(1 - alpha_one_sided) + stats::normal_quantile(power)) *
             standard_error <=
         effect;
}

Result<void> complete_portfolio(const PortfolioOptions& options, bool by_significance,
                                Portfolio& result) {
  result.confidence_level = options.confidence_level;
  std::set<std::string> experiments;
  std::int64_t shipped = 0, better = 0, learned = 0;
  for (auto& treatment : result.treatments) {
    experiments.insert(treatment.experiment);
    treatment.learned = treatment.outcome == "shipped" || treatment.outcome == "harm" ||
                        treatment.outcome == "powered_null";
    shipped += treatment.outcome == "shipped" ? 1 : 0;
    better += treatment.better ? 1 : 0;
    learned += treatment.learned ? 1 : 0;
  }
  const std::size_t all = result.treatments.size();
  result.experiments = static_cast<std::int64_t>(experiments.size());
  result.win_rate = share_of(shipped, all, options.confidence_level);
  result.better_rate = share_of(better, all, options.confidence_level);
  result.learning_rate = share_of(learned, all, options.confidence_level);
  for (auto& metric : result.metrics)
    DESCANT_CHECK(shrink_metric(options, by_significance, metric, result.warnings));
  if (all == 0)
    result.warnings.push_back(
        {"no_experiments", "treatments", "No experiment has ended, so there is nothing to say."});
  return {};
}

Result<void> reconcile(const PortfolioOptions& options, const std::string& holdback,
                       const std::vector<std::string>& launches,
                       const stats::EffectInterval& held_back, PortfolioMetric& metric,
                       Warnings& warnings) {
  auto request = request_of(options, metric);
  request.selected = launched_of(metric, launches);
  DESCANT_ASSIGN(const auto shrunk, shrink(request));
  const auto& sum = shrunk.cumulative_effect;
  Reconciliation found;
  found.holdback = holdback;
  for (std::size_t i = 0; i < metric.effects.size(); ++i)
    if ((*request.selected)[i]) found.launches.push_back(metric.effects[i].experiment);
  found.launches.erase(std::unique(found.launches.begin(), found.launches.end()),
                       found.launches.end());
  found.launched = {sum.estimate, sum.standard_error, sum.lower, sum.upper};
  found.held_back =
      interval_of(held_back.estimate, held_back.standard_error, options.confidence_level);
  found.difference = interval_of(sum.estimate - held_back.estimate,
                                 std::hypot(sum.standard_error, held_back.standard_error),
                                 options.confidence_level);
  found.p_value =
      2 * stats::normal_cdf(-std::abs(found.difference.estimate / found.difference.standard_error));
  found.message = message_of(found, metric.name);
  warn_of_missing(launches, metric, found, warnings);
  metric.reconciliation = std::move(found);
  return {};
}

}  // namespace descant::experiment
