// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/false_positive_rate.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "stats/comparison/adjusted_difference.h"
#include "stats/comparison/compare.h"
#include "stats/comparison/mean_difference.h"
#include "stats/comparison/quantile_difference.h"
#include "stats/comparison/rank_sums.h"
#include "stats/resampling/rerandomise.h"

namespace descant::stats {
namespace {

constexpr double kMostReplicates = 100'000;
constexpr double kMostRowsInAll = 2e9;
constexpr std::size_t kBins = 20;
constexpr std::size_t kReplicatesPerMorsel = 16;

const std::vector<std::string_view> kMethods = {
    "welch", "student",      "z",        "delta",           "cuped", "cuped_per_arm",
    "lin",   "mann_whitney", "quantile", "quantile_cluster"};

// The rows and what every replicate needs of the request.
struct Run {
  const FalsePositiveRateRequest& request;
  Rows rows;
  bool is_ratio = false;
  ComparisonOptions options;

  EffectScale scale() const {
    return request.effect_scale == "absolute" ? EffectScale::kAbsolute : EffectScale::kRelative;
  }
  std::size_t outcomes() const { return is_ratio ? 2 : 1; }
  bool takes_rows() const {
    return request.method == "mann_whitney" || request.method == "quantile" ||
           request.method == "quantile_cluster";
  }
  bool is_adjusted() const {
    return request.method == "cuped" || request.method == "cuped_per_arm" ||
           request.method == "lin";
  }
  Rerandomisation rerandomisation() const {
    Rerandomisation out;
    out.seed = request.seed;
    out.replicates = static_cast<std::size_t>(request.replicates);
    out.treatment_share = request.treatment_share;
    if (rows.cluster) out.cluster = rows.cluster->index;
    return out;
  }
  // Of the null hypothesis first, then of each effect.
  std::size_t p_values_per_replicate() const { return 1 + request.effects.size(); }
  double effect(std::size_t i) const { return i == 0 ? 0.0 : request.effects[i - 1]; }
};

// [effect][replicate], the null hypothesis first.
using PValues = std::vector<std::vector<double>>;

// ---- from moments ----

Result<double> p_value_of(const Run& run, const Moments& control, const Moments& treatment) {
  const std::string& method = run.request.method;
  if (run.is_adjusted()) {
    AdjustmentPlan plan;
    if (run.is_ratio) plan.outcome.denominator = 1;
    for (std::size_t c = run.outcomes(); c < run.rows.columns.size(); ++c)
      plan.covariates.push_back({c, {}});
    plan.method = method;
    DESCANT_ASSIGN(const auto adjusted, adjusted_difference(control, treatment, plan, run.options));
    return adjusted.comparison.p_value;
  }
  if (method == "delta") {
    DESCANT_ASSIGN(const auto ratio,
                   ratio_difference(control, treatment, {0, 1}, method, run.options));
    return ratio.p_value;
  }
  DESCANT_ASSIGN(const auto mean, mean_difference(control, treatment, method, run.options));
  return mean.p_value;
}

Result<void> from_moments(const Run& run, const Watch& watch, PValues& out) {
  std::vector<std::vector<double>> columns;
  MetricColumns metric;
  for (const auto& column : run.rows.columns) {
    auto& values = columns.emplace_back();
    for (const auto& value : column) values.push_back(*value);
  }
  for (const auto& column : columns) metric.columns.emplace_back(column);
  DESCANT_ASSIGN(const auto moments,
                 rerandomise(std::span(&metric, 1), run.rows.size(), run.rerandomisation(), watch));
  for (std::size_t r = 0; r < moments.replicates(); ++r) {
    const auto arms = moments.arms(r, 0);
    for (std::size_t e = 0; e < out.size(); ++e) {
      Moments treatment = arms.treatment;
      plant_effect(treatment, run.is_ratio, run.scale(), run.effect(e));
      DESCANT_ASSIGN(out[e][r], p_value_of(run, arms.control, treatment));
    }
  }
  return {};
}

// ---- from rows ----

QuantileRows arm_of(const Run& run, const std::vector<std::uint8_t>& treated, std::uint8_t arm) {
  QuantileRows rows;
  std::vector<std::uint32_t> renumbered(run.rows.cluster ? run.rows.cluster->names.size() : 0,
                                        ~std::uint32_t{0});
  std::uint32_t clusters = 0;
  for (std::size_t i = 0; i < treated.size(); ++i) {
    if (treated[i] != arm) continue;
    rows.values.push_back(*run.rows.columns[0][i]);
    if (!run.rows.cluster) continue;
    std::uint32_t& number = renumbered[run.rows.cluster->index[i]];
    if (number == ~std::uint32_t{0}) number = clusters++;
    rows.cluster.push_back(number);
  }
  return rows;
}

Result<double> p_value_of(const Run& run, QuantileRows control, QuantileRows treatment) {
  if (run.request.method == "mann_whitney")
    return rank_sum_p_value(std::move(control.values), std::move(treatment.values),
                            run.request.alternative);
  QuantileOptions quantile;
  quantile.quantile = run.request.quantile;
  if (run.request.method == "quantile_cluster") quantile.method = "cluster";
  DESCANT_ASSIGN(
      const auto comparison,
      quantile_difference(std::move(control), std::move(treatment), quantile, run.options));
  return comparison.p_value;
}

Result<void> from_rows(const Run& run, const Watch& watch, PValues& out) {
  const auto options = run.rerandomisation();
  const std::size_t morsels =
      (options.replicates + kReplicatesPerMorsel - 1) / kReplicatesPerMorsel;
  const bool relative = run.scale() == EffectScale::kRelative;
  return for_each_morsel(morsels, thread_count(), [&](std::size_t m, std::size_t) -> Result<void> {
    const std::size_t end = std::min(options.replicates, (m + 1) * kReplicatesPerMorsel);
    for (std::size_t r = m * kReplicatesPerMorsel; r < end; ++r) {
      if (watch.stopped()) return cancelled();
      const auto treated = assignment(run.rows.size(), options, r);
      const auto control = arm_of(run, treated, 0), treatment = arm_of(run, treated, 1);
      for (std::size_t e = 0; e < out.size(); ++e) {
        auto changed = treatment;
        for (double& x : changed.values) x = relative ? x * (1 + run.effect(e)) : x + run.effect(e);
        DESCANT_ASSIGN(out[e][r], p_value_of(run, control, std::move(changed)));
      }
    }
    return {};
  });
}

// ---- the request ----

Result<void> check_options(const FalsePositiveRateRequest& request) {
  const auto in_open_unit = [](double x) { return x > 0 && x < 1; };
  for (const auto& [value, field] : {std::pair(request.alpha, "alpha"),
                                     {request.treatment_share, "treatment_share"},
                                     {request.quantile, "quantile"},
                                     {request.confidence_level, "confidence_level"}})
    if (!in_open_unit(value))
      return invalid_request(fmt::format("{} must be between 0 and 1", field), field);
  if (request.replicates < 1 || static_cast<double>(request.replicates) > kMostReplicates)
    return invalid_request("replicates must be between 1 and 100000", "replicates");
  for (std::size_t i = 0; i < request.effects.size(); ++i)
    if (!std::isfinite(request.effects[i]))
      return invalid_request("an effect must be finite", fmt::format("effects[{}]", i));
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end())
    return invalid_request(fmt::format("unknown method '{}'", request.method), "method",
                           fmt::format("Known: {}.", fmt::join(kMethods, ", ")));
  return {};
}

// Whether the method fits the rows.
Result<void> check_rows(const Run& run) {
  const std::string& method = run.request.method;
  const auto wrong = [&](std::string message, std::string hint) {
    return invalid_request(std::move(message), "method", std::move(hint));
  };
  if (run.is_ratio && !run.is_adjusted() && method != "delta")
    return wrong(fmt::format("{} does not compare ratios", method), "Use delta, cuped or lin.");
  if (!run.is_ratio && method == "delta")
    return wrong("delta is for ratios", "Give numerator and denominator, or use welch.");
  if (run.is_adjusted() && run.rows.columns.size() == run.outcomes())
    return invalid_request(fmt::format("{} needs covariates", method), "units.covariates",
                           "Give covariates, or use welch or delta.");
  if (method == "quantile_cluster" && !run.rows.cluster)
    return invalid_request("the method quantile_cluster needs a cluster for every row",
                           "units.cluster", "Give cluster, or use the method quantile.");
  const double in_all = static_cast<double>(run.rows.size()) *
                        static_cast<double>(run.request.replicates) *
                        static_cast<double>(run.p_values_per_replicate());
  if (run.takes_rows() && in_all > kMostRowsInAll)
    return invalid_request(
        fmt::format("{} would go through {:.3g} rows in all replicates", method, in_all),
        "replicates", "Take fewer replicates or effects, or a sample of rows.");
  return {};
}

// Missing covariates are filled once, as all rows have them.
void fill_missing_covariates(Rows& rows, Warnings& warnings) {
  Rows none;
  none.names = rows.names;
  none.columns.resize(rows.columns.size());
  for (const auto& [name, count] : fill_missing(rows, none))
    warnings.push_back({"missing_covariate", "units.covariates." + name,
                        fmt::format("{} has {} missing value{}, replaced by the mean of those "
                                    "present.",
                                    name, count, count == 1 ? "" : "s")});
}

void summarise(const FalsePositiveRateRequest& request, const PValues& p_values,
               FalsePositiveRateResult& result) {
  const auto& null = p_values.front();
  result.replicates = std::count_if(null.begin(), null.end(), [](double p) { return p == p; });
  result.rate = rejection_rate(null, request.alpha, request.confidence_level);
  result.uniformity = uniformity_of(null);
  result.histogram = histogram_of(null, kBins);
  for (std::size_t e = 0; e < request.effects.size(); ++e)
    result.effects.push_back({request.effects[e], rejection_rate(p_values[e + 1], request.alpha,
                                                                 request.confidence_level)});
  result.calibrated = result.rate.lower <= request.alpha && request.alpha <= result.rate.upper;
  if (result.replicates < request.replicates)
    result.warnings.push_back(
        {"undefined_replicates", "replicates",
         fmt::format("{} of {} replicates gave no p-value and were left out.",
                     request.replicates - result.replicates, request.replicates)});
  if (result.replicates > 0 && !result.calibrated)
    result.warnings.push_back(
        {"not_calibrated", "rate",
         fmt::format("Without any effect the method rejects {:.4g} of the time, not {:.4g}.",
                     result.rate.estimate, request.alpha)});
}

}  // namespace

Result<FalsePositiveRateResult> false_positive_rate(const FalsePositiveRateRequest& request,
                                                    const Watch& watch) {
  DESCANT_CHECK(check_options(request));
  FalsePositiveRateResult result;
  result.method = request.method;
  result.alpha = request.alpha;
  Run run{request, {}, !request.units.values, {}};
  DESCANT_ASSIGN(run.rows, rows_of(request.units, "units"));
  run.options.alternative = request.alternative;
  run.options.confidence_level = 1 - request.alpha;
  DESCANT_CHECK(stats::check_options(run.options));
  DESCANT_CHECK(check_rows(run));
  if (!run.is_adjusted()) {
    run.rows.columns.resize(run.outcomes());
    run.rows.names.resize(run.outcomes());
  }
  fill_missing_covariates(run.rows, result.warnings);
  PValues p_values(run.p_values_per_replicate(),
                   std::vector<double>(static_cast<std::size_t>(request.replicates), kUndefined));
  DESCANT_CHECK(run.takes_rows() ? from_rows(run, watch, p_values)
                                 : from_moments(run, watch, p_values));
  summarise(request, p_values, result);
  return result;
}

Result<FalsePositiveRateResult> false_positive_rate(const FalsePositiveRateRequest& request) {
  return false_positive_rate(request, {});
}

void describe(Describer& d, FalsePositiveRateRequest& request) {
  d.field(request.units,
          {.name = "units",
           .doc = "raw rows of all units; where they have a cluster, clusters are re-randomised",
           .required = true});
  d.field(request.method, {.name = "method",
                           .doc = "the comparison under test; cuped and lin use all covariates, "
                                  "quantile is order statistics",
                           .choices = kMethods});
  d.field(request.quantile, {.name = "quantile",
                             .doc = "for the quantile methods: which one",
                             .minimum = 0,
                             .maximum = 1,
                             .open_interval = true});
  d.field(request.replicates, {.name = "replicates",
                               .doc = "re-randomised A/A runs",
                               .minimum = 1,
                               .maximum = kMostReplicates});
  d.field(request.seed, {.name = "seed", .doc = "the same seed gives the same result"});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "a run rejects when p is at most this",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.alternative, {.name = "alternative",
                                .doc = "greater: the treatment is larger",
                                .choices = {"two_sided", "greater", "less"}});
  d.field(request.treatment_share, {.name = "treatment_share",
                                    .doc = "probability of a unit to be in the treatment",
                                    .minimum = 0,
                                    .maximum = 1,
                                    .open_interval = true});
  d.field(request.effects, {.name = "effects", .doc = "planted in the treatment, for power"});
  d.field(request.effect_scale,
          {.name = "effect_scale",
           .doc = "times 1 + effect, or plus the effect in the outcome's unit",
           .choices = {"relative", "absolute"}});
  d.field(request.confidence_level, {.name = "confidence_level",
                                     .doc = "of the rates' intervals",
                                     .minimum = 0,
                                     .maximum = 1,
                                     .open_interval = true});
}

namespace {

void describe_rate(Describer& d, RejectionRate& rate, std::string_view name, std::string_view doc) {
  d.field(rate.estimate, {.name = name, .doc = doc});
  d.field(rate.lower, {.name = "lower", .doc = "of its exact binomial interval"});
  d.field(rate.upper, {.name = "upper", .doc = "of its exact binomial interval"});
}

}  // namespace

void describe(Describer& d, PowerAtEffect& power) {
  d.field(power.effect, {.name = "effect", .doc = "as asked"});
  describe_rate(d, power.power, "power", "share of runs that reject");
}

void describe(Describer& d, FalsePositiveRateResult& result) {
  d.field(result.method, {.name = "method", .doc = "the comparison under test"});
  d.field(result.replicates, {.name = "replicates", .doc = "runs with a defined p-value"});
  d.field(result.alpha, {.name = "alpha", .doc = "the rate a calibrated method has"});
  describe_rate(d, result.rate, "rate", "share of A/A runs that reject");
  d.field(result.calibrated, {.name = "calibrated", .doc = "whether the interval holds alpha"});
  d.field(result.uniformity, {.name = "uniformity",
                              .doc = "of the p-values, which a calibrated method spreads evenly"});
  d.field(result.histogram,
          {.name = "histogram", .doc = "p-values in twenty equal intervals from 0 to 1"});
  d.field(result.effects, {.name = "effects", .doc = "power at each effect asked for"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
