// SPDX-License-Identifier: Apache-2.0
#include "experiment/aa.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "experiment/effects.h"
#include "experiment/unit_columns.h"
#include "stats/decision.h"
#include "stats/distributions.h"
#include "stats/resampling/rerandomise.h"

namespace descant::experiment {

namespace {

constexpr double kRateLevel = 0.95;
constexpr double kPromiseLevel = 0.999;  // several metrics are judged, each with its own chance

// P(K > x) of Kolmogorov's distribution.
double kolmogorov_upper_tail(double x) {
  if (x < 0.2) return 1.0;
  double total = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    total += (k % 2 == 1 ? 1 : -1) * term;
    if (term < 1e-16) break;
  }
  return std::clamp(2 * total, 0.0, 1.0);
}

void test_uniformity(std::vector<double> p_values, AaMetric& metric) {
  if (p_values.empty()) return;
  std::sort(p_values.begin(), p_values.end());
  const auto n = static_cast<double>(p_values.size());
  double distance = 0;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, (rank + 1) / n - p_values[i], p_values[i] - rank / n});
  }
  metric.uniformity_statistic = distance;
  const double root = std::sqrt(n);
  metric.uniformity_p_value = kolmogorov_upper_tail((root + 0.12 + 0.11 / root) * distance);
}

// The one-sided p-value that the metric's role asks for, had the effect been there.
struct Tested {
  double two_sided = stats::kUndefined;
  double decisive = stats::kUndefined;  // without an effect
  double deterioration = stats::kUndefined;
  double with_effect = stats::kUndefined;
};

double one_sided(double shift, const stats::Comparison& comparison) {
  return stats::t_upper_tail(shift / comparison.absolute.standard_error,
                             comparison.degrees_of_freedom);
}

Tested test_arms(const stats::Comparison& comparison, const MetricPlan& metric, double effect) {
  Tested tested;
  if (!(comparison.absolute.standard_error > 0)) return tested;
  const double sign = metric.direction == definitions::Direction::kIncrease ? 1 : -1;
  const double good = sign * comparison.absolute.estimate;
  const bool guardrail = metric.role == definitions::Role::kGuardrail;
  tested.two_sided = comparison.p_value;
  tested.deterioration = one_sided(-good, comparison);
  tested.with_effect = one_sided(good + effect, comparison);
  tested.decisive = guardrail                                    ? tested.with_effect
                    : metric.role == definitions::Role::kQuality ? tested.two_sided
                                                                 : one_sided(good, comparison);
  return tested;
}

// The effect to be found or the margin to be kept, in the metric's unit; NaN: none is stated.
double stated_effect(const MetricPlan& metric, double mean) {
  const auto& stated = metric.role == definitions::Role::kGuardrail
                           ? metric.non_inferiority_margin
                           : metric.minimum_detectable_effect;
  if (!stated) return stats::kUndefined;
  return std::abs(stated->relative ? stated->value * mean : stated->value);
}

struct MetricRuns {
  UnitColumns columns;
  double effect = stats::kUndefined;
  std::vector<Tested> tested;  // by replicate
};

Result<std::vector<MetricRuns>> prepare(const UnitReadout& readout, std::size_t threads) {
  std::vector<MetricRuns> runs(readout.plan.metrics.size());
  for (std::size_t m = 0; m < runs.size(); ++m) {
    DESCANT_ASSIGN(runs[m].columns, unit_columns(readout.plan, readout.units, m, threads));
    const auto& columns = runs[m].columns;
    double numerator = 0, denominator = 0;
    for (std::size_t u = 0; u < columns.included.size(); ++u) {
      numerator += columns.columns[0][u];
      denominator += columns.adjustment.outcome.denominator
                         ? columns.columns[*columns.adjustment.outcome.denominator][u]
                         : static_cast<double>(columns.included[u]);
    }
    runs[m].effect = stated_effect(readout.plan.metrics[m],
                                   denominator > 0 ? numerator / denominator : stats::kUndefined);
  }
  return runs;
}

Result<void> run_replicates(const UnitReadout& readout, const AaOptions& options, double share,
                            std::vector<MetricRuns>& runs, const Watch& watch) {
  std::vector<stats::MetricColumns> metrics;
  for (auto& run : runs) {
    stats::MetricColumns columns;
    for (const auto& column : run.columns.columns) columns.columns.emplace_back(column);
    columns.included = run.columns.included;
    metrics.push_back(std::move(columns));
    run.tested.resize(options.replicates);
  }
  stats::Rerandomisation assignment;
  assignment.seed = options.seed;
  assignment.replicates = options.replicates;
  assignment.treatment_share = share;
  assignment.threads = options.threads;
  DESCANT_ASSIGN(
      const auto moments,
      stats::rerandomise(metrics, runs.front().columns.included.size(), assignment, watch));
  const std::size_t threads = thread_count(options.threads);
  return for_each_morsel(
      options.replicates, threads, [&](std::size_t replicate, std::size_t) -> Result<void> {
        for (std::size_t m = 0; m < runs.size(); ++m) {
          const auto arms = moments.arms(replicate, m);
          DESCANT_ASSIGN(const auto found,
                         stats::adjusted_difference(arms.control, arms.treatment,
                                                    runs[m].columns.adjustment, {}));
          runs[m].tested[replicate] =
              test_arms(found.comparison, readout.plan.metrics[m], runs[m].effect);
        }
        return {};
      });
}

AaMetric summarise(const MetricPlan& plan, const MetricRuns& run, double alpha, double alpha_used) {
  AaMetric metric;
  metric.name = plan.name;
  metric.role = role_name(plan.role);
  metric.units = run.columns.units;
  metric.effect = run.effect;
  metric.alpha_used = alpha_used;
  std::vector<double> p_values;
  std::int64_t rejected = 0, found = 0;
  for (const auto& tested : run.tested) {
    if (std::isnan(tested.two_sided)) continue;
    p_values.push_back(tested.two_sided);
    rejected += tested.two_sided <= alpha ? 1 : 0;
    found += tested.with_effect <= alpha_used ? 1 : 0;
  }
  const auto total = static_cast<std::int64_t>(p_values.size());
  metric.false_positives = rate_of(rejected, total);
  const Rate wide = rate_of(rejected, total, kPromiseLevel);
  metric.as_promised = !(alpha < wide.lower || alpha > wide.upper);
  if (!std::isnan(run.effect) && !std::isnan(alpha_used)) metric.power = rate_of(found, total);
  test_uniformity(std::move(p_values), metric);
  return metric;
}

stats::DecisionPlan rule_of(const UnitReadout& readout) {
  stats::DecisionPlan rule;
  rule.alpha = readout.plan.alpha;
  rule.power = readout.plan.power;
  rule.deterioration_alpha = readout.plan.deterioration_alpha;
  rule.treatments = static_cast<std::int64_t>(readout.units.variants.size() - 1);
  return rule;
}

Result<stats::Decision> decide_replicate(const UnitReadout& readout,
                                         const std::vector<MetricRuns>& runs,
                                         std::size_t replicate) {
  std::vector<stats::MetricTests> tests;
  for (std::size_t m = 0; m < runs.size(); ++m) {
    const auto& metric = readout.plan.metrics[m];
    const auto& tested = runs[m].tested[replicate];
    tests.push_back(
        {metric.name, role_name(metric.role), tested.decisive,
         metric.role == definitions::Role::kQuality ? stats::kUndefined : tested.deterioration});
  }
  return stats::decide(tests, rule_of(readout));
}

Result<void> decide_replicates(const UnitReadout& readout, const std::vector<MetricRuns>& runs,
                               std::size_t replicates, AaResult& result) {
  std::int64_t ship = 0, stop = 0, other = 0;
  for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
    DESCANT_ASSIGN(const auto decision, decide_replicate(readout, runs, replicate));
    ++(decision.action == "ship" ? ship : decision.action == "stop" ? stop : other);
  }
  const auto total = static_cast<std::int64_t>(replicates);
  result.decisions = {rate_of(ship, total), rate_of(stop, total), rate_of(other, total)};
  return {};
}

void warn(const AaMetric& metric, double alpha, Warnings& warnings) {
  const std::string field = "metrics." + metric.name;
  if (std::isnan(metric.false_positives.estimate))
    warnings.push_back({"undefined_p_value", field,
                        fmt::format("{} has no p-value in any replicate.", metric.name)});
  else if (!metric.as_promised)
    warnings.push_back(
        {"false_positive_rate", field,
         fmt::format("{} rejects in {:.4g}% of A/A runs where {:.4g}% was promised.", metric.name,
                     100 * metric.false_positives.estimate, 100 * alpha)});
}

bool is_quantile(const MetricPlan& metric) { return metric.type == "quantile"; }

// A quantile is not made of moments, and would be selected anew in every replicate.
UnitReadout without_quantiles(UnitReadout readout, Warnings& warnings) {
  auto& planned = readout.plan.metrics;
  auto& values = readout.units.metrics;
  for (std::size_t m = planned.size(); m-- > 0;) {
    if (!is_quantile(planned[m])) continue;
    warnings.push_back({"quantile_left_out", "metrics." + planned[m].name,
                        fmt::format("{} is a quantile and is not run again.", planned[m].name)});
    planned.erase(planned.begin() + static_cast<std::ptrdiff_t>(m));
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(m));
  }
  return readout;
}

}  // namespace

Rate rate_of(std::int64_t count, std::int64_t total) { return rate_of(count, total, kRateLevel); }

Rate rate_of(std::int64_t count, std::int64_t total, double level) {
  Rate rate;
  rate.count = count;
  if (total <= 0) return rate;
  const auto k = static_cast<double>(count), n = static_cast<double>(total);
  const double tail = (1 - level) / 2;
  rate.estimate = k / n;
  rate.lower = count == 0 ? 0.0 : stats::beta_quantile(tail, k, n - k + 1);
  rate.upper = count == total ? 1.0 : stats::beta_quantile(1 - tail, k + 1, n - k);
  return rate;
}

Result<AaResult> run_aa(const UnitReadout& readout, const AaOptions& options, const Watch& watch) {
  const auto& planned = readout.plan.metrics;
  if (readout.plan.design == definitions::DesignType::kInterleaving)
    return invalid_request("an interleaving has no arms to deal anew", "design",
                           "Its units see both variants.");
  if (std::all_of(planned.begin(), planned.end(), is_quantile))
    return invalid_request("every metric is a quantile", "metrics",
                           "Add a mean, a proportion or a ratio: quantiles are not run again.");
  if (std::any_of(planned.begin(), planned.end(), is_quantile)) {
    Warnings left_out;
    const UnitReadout rest = without_quantiles(readout, left_out);
    DESCANT_ASSIGN(auto result, run_aa(rest, options, watch));
    result.warnings.insert(result.warnings.begin(), left_out.begin(), left_out.end());
    return result;
  }
  if (options.replicates < 1 || options.replicates > 1'000'000)
    return invalid_request("replicates must be from 1 to 1,000,000", "replicates");
  if (!(options.alpha > 0 && options.alpha < 1))
    return invalid_request("alpha must be between 0 and 1", "alpha");
  const auto& shares = readout.plan.shares;
  AaResult result;
  result.experiment = readout.plan.name;
  result.as_of = format_instant(readout.as_of);
  result.replicates = static_cast<std::int64_t>(options.replicates);
  result.seed = options.seed;
  result.alpha = options.alpha;
  result.treatment_share = shares.size() < 2 ? 0.5 : shares[1] / (shares[0] + shares[1]);
  DESCANT_ASSIGN(auto runs, prepare(readout, options.threads));
  DESCANT_CHECK(run_replicates(readout, options, result.treatment_share, runs, watch));
  DESCANT_ASSIGN(const auto one, decide_replicate(readout, runs, 0));
  for (std::size_t m = 0; m < runs.size(); ++m) {
    result.metrics.push_back(
        summarise(readout.plan.metrics[m], runs[m], options.alpha, one.metrics[m].alpha_used));
    warn(result.metrics.back(), options.alpha, result.warnings);
  }
  DESCANT_CHECK(decide_replicates(readout, runs, options.replicates, result));
  return result;
}

void describe(Describer& d, Rate& rate) {
  d.field(rate.count, {.name = "count", .doc = "replicates that did"});
  d.field(rate.estimate, {.name = "estimate", .doc = "their share"});
  d.field(rate.lower, {.name = "lower", .doc = "95% Clopper-Pearson interval, lower end"});
  d.field(rate.upper, {.name = "upper", .doc = "its upper end"});
}

void describe(Describer& d, AaMetric& metric) {
  d.field(metric.name, {.name = "name", .doc = "name of the metric"});
  d.field(metric.role, {.name = "role", .doc = "what it does in the decision"});
  d.field(metric.units, {.name = "units", .doc = "units it counts"});
  d.field(metric.false_positives,
          {.name = "false_positives", .doc = "two-sided rejections at alpha"});
  d.field(metric.as_promised, {.name = "as_promised",
                               .doc = "alpha lies in the 99.9% interval of the false positives"});
  d.field(metric.uniformity_statistic,
          {.name = "uniformity_statistic", .doc = "Kolmogorov's distance of the p-values"});
  d.field(metric.uniformity_p_value, {.name = "uniformity_p_value", .doc = "of uniform p-values"});
  d.field(metric.effect, {.name = "effect",
                          .doc = "absolute effect to be found, or margin to be kept",
                          .omit_when_empty = true});
  d.field(metric.alpha_used, {.name = "alpha_used",
                              .doc = "one-sided level by the decision rule",
                              .omit_when_empty = true});
  d.field(metric.power, {.name = "power", .doc = "replicates that find it, had it been there"});
}

void describe(Describer& d, AaDecisions& decisions) {
  d.field(decisions.ship, {.name = "ship", .doc = "replicates that would have shipped"});
  d.field(decisions.stop, {.name = "stop", .doc = "replicates that would have stopped"});
  d.field(decisions.other, {.name = "other", .doc = "replicates found invalid"});
}

void describe(Describer& d, AaResult& result) {
  d.field(result.experiment, {.name = "experiment", .doc = "name of the experiment"});
  d.field(result.as_of, {.name = "as_of", .doc = "instant up to which data were used"});
  d.field(result.replicates, {.name = "replicates", .doc = "assignments at random"});
  d.field(result.seed, {.name = "seed", .doc = "of the assignments"});
  d.field(result.alpha, {.name = "alpha", .doc = "two-sided level of the false positives"});
  d.field(result.treatment_share,
          {.name = "treatment_share", .doc = "chance of a unit to be in the treatment"});
  d.field(result.metrics, {.name = "metrics", .doc = "one for each metric"});
  d.field(result.decisions, {.name = "decisions", .doc = "of the whole rule, without any effect"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::experiment
