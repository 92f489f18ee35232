// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/proportion_difference.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "stats/comparison/compare.h"
#include "stats/comparison/exact_proportion.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr std::array<std::string_view, 10> kMethods = {
    "z_unpooled", "z_pooled", "newcombe", "agresti_caffo", "miettinen_nurminen",
    "fisher",     "barnard",  "boschloo", "chi_squared",   "g_test"};

// With 5 expected in the smaller of two unequal arms, 8 % instead of 5 % are false positives
// (docs/calibration.md).
constexpr int kFewForNormal = 10;

struct Counts {
  double nc, xc, nt, xt;
  double control() const { return xc / nc; }
  double treatment() const { return xt / nt; }
  double difference() const { return treatment() - control(); }
};

bool is_one_of(const std::string& method, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), method) != names.end();
}

Result<void> check(const SuccessCount& control, const SuccessCount& treatment,
                   const std::string& method, const ComparisonOptions& options) {
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           did_you_mean(method, kMethods));
  for (const auto& [arm, name] : {std::pair(&control, "control"), {&treatment, "treatment"}})
    if (arm->n < 0 || arm->successes < 0 || arm->successes > arm->n)
      return invalid_request("successes must lie between 0 and n",
                             fmt::format("{}.successes", name));
  const bool shifts =
      is_one_of(method, {"z_unpooled", "newcombe", "agresti_caffo", "miettinen_nurminen"});
  if (options.non_inferiority_margin && !shifts)
    return invalid_request(fmt::format("{} has no test against a margin", method), "method",
                           "Use miettinen_nurminen, newcombe or z_unpooled.");
  if (options.non_inferiority_margin && method == "miettinen_nurminen" &&
      options.margin_scale == "relative")
    return invalid_request("miettinen_nurminen tests an absolute margin", "margin_scale",
                           "Use z_unpooled for a relative margin.");
  if (options.null_value != 0 && !shifts && method != "z_pooled")
    return invalid_request(fmt::format("{} tests equality only", method), "null_value",
                           "Use miettinen_nurminen or z_unpooled.");
  if (std::abs(options.null_value) >= 1)
    return invalid_request("a difference of shares lies between -1 and 1", "null_value");
  if (options.non_inferiority_margin && options.margin_scale == "absolute" &&
      *options.non_inferiority_margin >= 1)
    return invalid_request("an absolute margin of a share must be below 1",
                           "non_inferiority_margin", "One percentage point is 0.01.");
  if (options.alternative != "two_sided" && is_one_of(method, {"chi_squared", "g_test"}))
    return invalid_request(fmt::format("{} has no direction", method), "alternative",
                           "Use z_pooled, whose square is the chi-squared statistic.");
  return {};
}

EstimatePair wald_pair(const Counts& x) {
  EstimatePair pair;
  const auto fill = [](double n, double successes, ArmEstimate& arm, double& variance) {
    const double p = n > 0 ? successes / n : kUndefined;
    variance = p * (1 - p) / n;
    arm = {static_cast<std::int64_t>(n), p, std::sqrt(variance)};
  };
  fill(x.nc, x.xc, pair.control, pair.control_variance);
  fill(x.nt, x.xt, pair.treatment, pair.treatment_variance);
  return pair;
}

void set_test(Comparison& result, double statistic, const std::string& alternative) {
  result.statistic = statistic;
  result.degrees_of_freedom = kUndefined;
  result.p_value = p_value_of(statistic, kUndefined, alternative);
}

void set_ends(Comparison& result, double lower, double upper, const ComparisonOptions& options) {
  result.absolute.lower = lower;
  result.absolute.upper = upper;
  open_unbounded_end(result.absolute, options);
}

void pooled_test(Comparison& result, const Counts& x, const ComparisonOptions& options) {
  const double p = (x.xc + x.xt) / (x.nc + x.nt);
  const double se = std::sqrt(p * (1 - p) * (1 / x.nc + 1 / x.nt));
  if (se > 0) set_test(result, (x.difference() - options.null_value) / se, options.alternative);
}

struct Ends {
  double lower, upper;
};

Ends wilson(double successes, double n, double q) {
  const double p = successes / n;
  const double centre = p + q * q / (2 * n);
  const double half = q * std::sqrt(p * (1 - p) / n + q * q / (4 * n * n));
  return {(centre - half) / (1 + q * q / n), (centre + half) / (1 + q * q / n)};
}

void newcombe_interval(Comparison& result, const Counts& x, const ComparisonOptions& options) {
  const double q = interval_quantile(options, kUndefined);
  const Ends c = wilson(x.xc, x.nc, q);
  const Ends t = wilson(x.xt, x.nt, q);
  set_ends(result, x.difference() - std::hypot(x.treatment() - t.lower, c.upper - x.control()),
           x.difference() + std::hypot(t.upper - x.treatment(), x.control() - c.lower), options);
}

void agresti_caffo_interval(Comparison& result, const Counts& x, const ComparisonOptions& options) {
  const double q = interval_quantile(options, kUndefined);
  const Counts padded{x.nc + 2, x.xc + 1, x.nt + 2, x.xt + 1};
  const EstimatePair pair = wald_pair(padded);
  const double half = q * std::sqrt(pair.control_variance + pair.treatment_variance);
  set_ends(result, padded.difference() - half, padded.difference() + half, options);
}

// The score statistic at a given difference, with the constrained maximum-likelihood shares from
// the closed root of Miettinen and Nurminen 1985, appendix I, and the factor N / (N - 1).
double score_statistic(const Counts& x, double delta) {
  const double n = x.nc + x.nt;
  const double successes = x.xc + x.xt;
  double control = successes / n;
  if (delta != 0) {
    const double l2 = (x.nt + 2 * x.nc) * delta - n - successes;
    const double l1 = (x.nc * delta - n - 2 * x.xc) * delta + successes;
    const double l0 = x.xc * delta * (1 - delta);
    const double third = l2 / (3 * n);
    const double q = third * third * third - l1 * l2 / (6 * n * n) + l0 / (2 * n);
    const double p = std::copysign(std::sqrt(std::max(0.0, third * third - l1 / (3 * n))), q);
    const double cosine = p == 0 ? 0.0 : std::clamp(q / (p * p * p), -1.0, 1.0);
    control = 2 * p * std::cos((M_PI + std::acos(cosine)) / 3) - third;
  }
  control = std::clamp(control, std::max(0.0, -delta), std::min(1.0, 1 - delta));
  const double treatment = std::clamp(control + delta, 0.0, 1.0);
  const double variance =
      (control * (1 - control) / x.nc + treatment * (1 - treatment) / x.nt) * n / (n - 1);
  const double distance = x.difference() - delta;
  if (variance > 0) return distance / std::sqrt(variance);
  return distance == 0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), distance);
}

// Where the score statistic, which falls as the difference grows, crosses `target`.
double score_crossing(const Counts& x, double target, double low, double high) {
  for (int i = 0; i < 200 && high - low > 1e-16; ++i) {
    const double middle = (low + high) / 2;
    (score_statistic(x, middle) > target ? low : high) = middle;
  }
  return (low + high) / 2;
}

void score_comparison(Comparison& result, const Counts& x, const ComparisonOptions& options) {
  const double q = interval_quantile(options, kUndefined);
  set_ends(result, score_crossing(x, q, -1, x.difference()),
           score_crossing(x, -q, x.difference(), 1), options);
  if (const auto& margin = options.non_inferiority_margin) {
    const bool increase = options.direction == "increase";
    set_test(result, score_statistic(x, increase ? -*margin : *margin),
             increase ? "greater" : "less");
    return;
  }
  const double z = score_statistic(x, options.null_value);
  const double successes = x.xc + x.xt;
  if (successes > 0 && successes < x.nc + x.nt) set_test(result, z, options.alternative);
}

void contingency_test(Comparison& result, const Counts& x, bool likelihood_ratio) {
  const double n = x.nc + x.nt;
  const double successes = x.xc + x.xt;
  if (successes == 0 || successes == n) return;
  double statistic = 0;
  for (const auto& [units, observed] : {std::pair(x.nc, x.xc), {x.nt, x.xt}})
    for (const auto& [cell, column] :
         {std::pair(observed, successes), {units - observed, n - successes}}) {
      const double expected = units * column / n;
      if (likelihood_ratio)
        statistic += cell > 0 ? 2 * cell * std::log(cell / expected) : 0.0;
      else
        statistic += (cell - expected) * (cell - expected) / expected;
    }
  result.statistic = std::max(statistic, 0.0);
  result.degrees_of_freedom = 1;
  result.p_value = chi_squared_upper_tail(result.statistic, 1);
}

EffectInterval log_scale_interval(double ratio, double variance, const ComparisonOptions& options) {
  EffectInterval interval;
  if (std::isfinite(ratio)) interval.estimate = ratio;
  if (!std::isfinite(variance) || !(ratio > 0)) return interval;
  const double q = interval_quantile(options, kUndefined);
  interval.standard_error = std::sqrt(variance);
  interval.lower = ratio * std::exp(-q * interval.standard_error);
  interval.upper = ratio * std::exp(q * interval.standard_error);
  open_unbounded_end(interval, options);
  return interval;
}

void add_ratios(ProportionComparison& result, const Counts& x, const ComparisonOptions& options) {
  const double fc = x.nc - x.xc;
  const double ft = x.nt - x.xt;
  result.risk_ratio = log_scale_interval(x.treatment() / x.control(),
                                         1 / x.xt - 1 / x.nt + 1 / x.xc - 1 / x.nc, options);
  result.odds_ratio =
      log_scale_interval(x.xt * fc / (ft * x.xc), 1 / x.xt + 1 / ft + 1 / x.xc + 1 / fc, options);
  auto& warnings = result.comparison.warnings;
  if (std::min({x.xc, x.xt, fc, ft}) == 0)
    warnings.push_back({"empty_cell", "odds_ratio",
                        "An arm has no successes or no failures, so the ratios have no interval."});
}

void warn_of_small_counts(Comparison& result, const Counts& x) {
  if (result.method == "miettinen_nurminen") return;
  if (std::min({x.xc, x.xt, x.nc - x.xc, x.nt - x.xt}) >= kFewForNormal) return;
  std::string_view poor = "the normal approximation is poor, use boschloo or miettinen_nurminen.";
  if (is_one_of(result.method, {"fisher", "barnard", "boschloo"}))
    poor = "the test is exact, but its interval is the normal one; miettinen_nurminen's is better.";
  if (is_one_of(result.method, {"newcombe", "agresti_caffo"}))
    poor = "the interval is good, but its p-value is the normal test's; boschloo's is better.";
  result.warnings.push_back(
      {"small_counts", "method",
       fmt::format("An arm has fewer than {} successes or failures: {}", kFewForNormal, poor)});
}

Result<void> apply_method(Comparison& result, const SuccessCount& control,
                          const SuccessCount& treatment, const ComparisonOptions& options) {
  const Counts x{static_cast<double>(control.n), static_cast<double>(control.successes),
                 static_cast<double>(treatment.n), static_cast<double>(treatment.successes)};
  const std::string& method = result.method;
  if (method == "z_pooled") pooled_test(result, x, options);
  if (method == "newcombe") newcombe_interval(result, x, options);
  if (method == "agresti_caffo") agresti_caffo_interval(result, x, options);
  if (method == "miettinen_nurminen") score_comparison(result, x, options);
  if (method == "chi_squared" || method == "g_test")
    contingency_test(result, x, method == "g_test");
  if (!is_one_of(method, {"fisher", "barnard", "boschloo"})) return {};
  const auto test = method == "fisher"    ? fisher_p_value
                    : method == "barnard" ? barnard_p_value
                                          : boschloo_p_value;
  DESCANT_ASSIGN(result.p_value, test(control, treatment, options.alternative));
  result.statistic = kUndefined;
  return {};
}

}  // namespace

Result<ProportionComparison> proportion_difference(const SuccessCount& control,
                                                   const SuccessCount& treatment,
                                                   const std::string& method,
                                                   const ComparisonOptions& options) {
  DESCANT_CHECK(check(control, treatment, method, options));
  const Counts x{static_cast<double>(control.n), static_cast<double>(control.successes),
                 static_cast<double>(treatment.n), static_cast<double>(treatment.successes)};
  EstimatePair pair = wald_pair(x);
  pair.control.n = control.n;
  pair.treatment.n = treatment.n;
  pair.method = method;
  ProportionComparison result;
  DESCANT_ASSIGN(result.comparison, compare(pair, options));
  if (control.n == 0 || treatment.n == 0) return result;
  DESCANT_CHECK(apply_method(result.comparison, control, treatment, options));
  add_ratios(result, x, options);
  warn_of_small_counts(result.comparison, x);
  return result;
}

}  // namespace descant::stats
