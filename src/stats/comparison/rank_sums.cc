// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/rank_sums.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include <fmt/format.h>

#include "stats/comparison/compare.h"
#include "stats/distributions.h"
#include "stats/order_statistics.h"

namespace descant::stats {
namespace {

constexpr double kMostExactPairs = 10'000;

// ---- U and its null distribution ----

struct RankSum {
  double u = 0;         // pairs in which the treatment is larger, ties by half
  double pairs = 0;     // of one row from each arm
  double tie_term = 0;  // sum of t^3 - t over groups of equal values
  double total = 0;     // rows of both arms
  bool has_ties = false;

  double mean() const { return pairs / 2; }
  double variance() const { return pairs / 12 * (total + 1 - tie_term / (total * (total - 1))); }
};

// From sorted arms; `shift` is taken off the treatment.
RankSum rank_sum_of(std::span<const double> control, std::span<const double> treatment,
                    double shift) {
  RankSum out;
  const std::size_t n = control.size(), m = treatment.size();
  out.pairs = static_cast<double>(n) * static_cast<double>(m);
  out.total = static_cast<double>(n + m);
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    const double next = i == n   ? treatment[j] - shift
                        : j == m ? control[i]
                                 : std::min(control[i], treatment[j] - shift);
    const std::size_t first_i = i, first_j = j;
    while (i < n && control[i] == next) ++i;
    while (j < m && treatment[j] - shift == next) ++j;
    const auto of_control = static_cast<double>(i - first_i);
    const auto of_treatment = static_cast<double>(j - first_j);
    out.u += of_treatment * (static_cast<double>(first_i) + of_control / 2);
    const double tied = of_control + of_treatment;
    out.tie_term += tied * tied * tied - tied;
    out.has_ties = out.has_ties || tied > 1;
  }
  return out;
}

// P(U = u) for u = 0 .. n m without ties, by the recursion over which arm has the largest row.
std::vector<double> exact_distribution(std::size_t n, std::size_t m) {
  // by_size[j]: of i rows of one arm and j of the other.
  std::vector<std::vector<double>> by_size(m + 1, {1.0});
  for (std::size_t i = 1; i <= n; ++i) {
    std::vector<double> left = {1.0};  // i rows and none
    for (std::size_t j = 1; j <= m; ++j) {
      const auto& above = by_size[j];
      const double share = static_cast<double>(i) / static_cast<double>(i + j);
      std::vector<double> here(i * j + 1, 0.0);
      for (std::size_t u = 0; u < above.size(); ++u) here[u + j] += share * above[u];
      for (std::size_t u = 0; u < left.size(); ++u) here[u] += (1 - share) * left[u];
      by_size[j - 1] = std::move(left);
      left = std::move(here);
    }
    by_size[m] = std::move(left);
  }
  return by_size[m];
}

// The test and what the interval needs of its null distribution.
class NullDistribution {
 public:
  NullDistribution(const RankSum& ranks, std::size_t n, std::size_t m,
                   const RankSumOptions& options)
      : ranks_(ranks), correction_(options.continuity_correction ? 0.5 : 0.0) {
    if (options.method == "exact") exact_ = exact_distribution(n, m);
  }

  double z() const {
    if (!exact_.empty()) return kUndefined;
    const double distance = ranks_.u - ranks_.mean();
    return std::copysign(std::max(0.0, std::abs(distance) - correction_), distance) /
           std::sqrt(ranks_.variance());
  }

  // P(U at least as large, or as small, as seen).
  double upper_tail() const { return tail(ranks_.u); }
  double lower_tail() const { return tail(ranks_.pairs - ranks_.u); }

  // Rank from 1 of the ordered difference that leaves at most `tail` below it; 0: there is none.
  double interval_rank(double tail) const {
    if (exact_.empty())
      return std::max(
          0.0, std::floor(ranks_.mean() + normal_quantile(tail) * std::sqrt(ranks_.variance())));
    double below = 0;
    std::size_t u = 0;
    while (u < exact_.size() && below + exact_[u] <= tail) below += exact_[u++];
    return static_cast<double>(u);
  }

 private:
  double tail(double u) const {
    if (exact_.empty())
      return normal_upper_tail((u - ranks_.mean() - correction_) / std::sqrt(ranks_.variance()));
    double sum = 0;
    for (std::size_t i = exact_.size(); i-- > static_cast<std::size_t>(u);) sum += exact_[i];
    return std::min(1.0, sum);
  }

  RankSum ranks_;
  double correction_;
  std::vector<double> exact_;
};

double p_value(const NullDistribution& null, const std::string& alternative) {
  if (alternative == "greater") return null.upper_tail();
  if (alternative == "less") return null.lower_tail();
  return std::min(1.0, 2 * std::min(null.upper_tail(), null.lower_tail()));
}

// ---- ordered differences ----

// Doubles as integers of the same order.
std::int64_t to_ordered(double x) {
  const auto bits = std::bit_cast<std::int64_t>(x + 0.0);
  return bits >= 0 ? bits : std::int64_t{INT64_MIN} - bits;
}

double from_ordered(std::int64_t key) {
  return std::bit_cast<double>(key >= 0 ? key : std::int64_t{INT64_MIN} - key);
}

// Pairs of sorted arms whose difference treatment - control is at most `limit`.
double count_at_most(std::span<const double> control, std::span<const double> treatment,
                     double limit) {
  double count = 0;
  std::size_t first = 0;  // of the control rows that are large enough
  for (const double t : treatment) {
    while (first < control.size() && t - control[first] > limit) ++first;
    count += static_cast<double>(control.size() - first);
  }
  return count;
}

// The ordered difference of a rank from 1: the least value with as many pairs at or below it.
double difference_of_rank(std::span<const double> control, std::span<const double> treatment,
                          double rank) {
  std::int64_t low = to_ordered(treatment.front() - control.back());
  std::int64_t high = to_ordered(treatment.back() - control.front());
  while (low < high) {
    const auto middle = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(low) +
        (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)) / 2);
    if (count_at_most(control, treatment, from_ordered(middle)) >= rank)
      high = middle;
    else
      low = middle + 1;
  }
  return from_ordered(low);
}

double median_difference(std::span<const double> control, std::span<const double> treatment) {
  const double pairs = static_cast<double>(control.size()) * static_cast<double>(treatment.size());
  const auto at = [&](double rank) { return difference_of_rank(control, treatment, rank); };
  const double middle = std::floor((pairs + 1) / 2);
  const double below = at(middle);
  return middle * 2 == pairs ? below + (at(middle + 1) - below) / 2 : below;
}

EffectInterval shift_of(std::span<const double> control, std::span<const double> treatment,
                        const NullDistribution& null, double pairs,
                        const ComparisonOptions& options, Warnings& warnings) {
  const auto at = [&](double rank) { return difference_of_rank(control, treatment, rank); };
  EffectInterval shift;
  shift.estimate = median_difference(control, treatment);
  const bool two_sided = options.alternative == "two_sided";
  const double rank = null.interval_rank((1 - options.confidence_level) / (two_sided ? 2 : 1));
  if (rank < 1) {
    warnings.push_back({"too_few_units", "absolute",
                        "The arms are too small for an interval at this confidence level: its ends "
                        "are unbounded."});
    return shift;
  }
  if (options.alternative != "less") shift.lower = at(rank);
  if (options.alternative != "greater") shift.upper = at(pairs + 1 - rank);
  return shift;
}

// ---- the comparison ----

// The shift under the null hypothesis, and the side that is tested.
struct Hypothesis {
  double shift = 0;
  std::string alternative;
};

Hypothesis hypothesis_of(const ComparisonOptions& options) {
  if (!options.non_inferiority_margin) return {options.null_value, options.alternative};
  const bool increase = options.direction == "increase";
  const double margin = *options.non_inferiority_margin;
  return {increase ? -margin : margin, increase ? "greater" : "less"};
}

Result<void> check(const RankSumOptions& rank_sum, const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  if (rank_sum.method != "normal" && rank_sum.method != "exact")
    return invalid_request(fmt::format("unknown method '{}'", rank_sum.method), "method",
                           "Known: normal, exact.");
  if (options.non_inferiority_margin && options.margin_scale == "relative")
    return invalid_request("a rank test has no relative margin", "margin_scale",
                           "Give the margin in the outcome's unit.");
  return {};
}

Result<void> check_exact(const RankSum& ranks) {
  if (ranks.has_ties)
    return invalid_request("the exact distribution is for rows without ties", "method",
                           "Use the method normal, which corrects for ties.");
  if (ranks.pairs > kMostExactPairs)
    return invalid_request(
        fmt::format("the exact distribution is for up to {} pairs of rows, here are {}",
                    kMostExactPairs, ranks.pairs),
        "method", "Use the method normal: at this size the two agree.");
  return {};
}

void warn_of_small_arm(Comparison& result, const ArmEstimate& arm, std::string_view name) {
  if (arm.n >= 2) return;
  result.warnings.push_back(
      {"too_few_units", std::string(name),
       fmt::format("The {} arm has {} unit{}: a comparison needs two or more.", name, arm.n,
                   arm.n == 1 ? "" : "s")});
}

ArmEstimate median_of(std::span<const double> sorted) {
  return {static_cast<std::int64_t>(sorted.size()), quantile_of_sorted(sorted, 0.5), kUndefined};
}

}  // namespace

Result<RankSumComparison> rank_sum_test(std::vector<double> control, std::vector<double> treatment,
                                        const RankSumOptions& rank_sum,
                                        const ComparisonOptions& options) {
  DESCANT_CHECK(check(rank_sum, options));
  std::sort(control.begin(), control.end());
  std::sort(treatment.begin(), treatment.end());
  RankSumComparison result;
  Comparison& comparison = result.comparison;
  comparison.method = rank_sum.method;
  comparison.control = median_of(control);
  comparison.treatment = median_of(treatment);
  warn_of_small_arm(comparison, comparison.control, "control");
  warn_of_small_arm(comparison, comparison.treatment, "treatment");
  if (control.empty() || treatment.empty()) return result;

  const Hypothesis hypothesis = hypothesis_of(options);
  const RankSum seen = rank_sum_of(control, treatment, 0);
  const RankSum ranks = rank_sum_of(control, treatment, hypothesis.shift);
  result.probability_of_superiority = seen.u / seen.pairs;
  comparison.statistic = ranks.u;
  comparison.absolute.estimate = result.hodges_lehmann = median_difference(control, treatment);
  if (!comparison.warnings.empty()) return result;
  if (!(ranks.variance() > 0)) {
    comparison.warnings.push_back(
        {"no_variance", "", "All rows are equal, so ranks say nothing about a difference."});
    return result;
  }
  if (rank_sum.method == "exact") DESCANT_CHECK(check_exact(ranks));
  const NullDistribution null(ranks, control.size(), treatment.size(), rank_sum);
  result.z = null.z();
  comparison.p_value = p_value(null, hypothesis.alternative);
  comparison.absolute =
      shift_of(control, treatment, null, ranks.pairs, options, comparison.warnings);
  return result;
}

double rank_sum_p_value(std::vector<double> control, std::vector<double> treatment,
                        const std::string& alternative) {
  if (control.size() < 2 || treatment.size() < 2) return kUndefined;
  std::sort(control.begin(), control.end());
  std::sort(treatment.begin(), treatment.end());
  const RankSum ranks = rank_sum_of(control, treatment, 0);
  if (!(ranks.variance() > 0)) return kUndefined;
  return p_value(NullDistribution(ranks, control.size(), treatment.size(), {}), alternative);
}

void describe(Describer& d, RankSumOptions& options) {
  d.field(options.method,
          {.name = "method",
           .doc = "normal approximation with tie correction, or the exact distribution",
           .choices = {"normal", "exact"}});
  d.field(options.continuity_correction,
          {.name = "continuity_correction", .doc = "of 1/2, for the normal approximation"});
}

void describe(Describer& d, RankSumComparison& result) {
  describe(d, result.comparison);
  d.field(result.z, {.name = "z", .doc = "standardised U; null for the exact method"});
  d.field(result.probability_of_superiority,
          {.name = "probability_of_superiority",
           .doc = "share of pairs in which the treatment is larger, ties by half"});
  d.field(result.hodges_lehmann,
          {.name = "hodges_lehmann",
           .doc = "the shift from control to treatment, whose interval is in absolute"});
}

}  // namespace descant::stats
