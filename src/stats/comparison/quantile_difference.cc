// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/quantile_difference.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/random.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"
#include "stats/moments.h"
#include "stats/order_statistics.h"
#include "stats/random_purpose.h"
#include "stats/resampling/binomial_draws.h"
#include "stats/resampling/bootstrap_contrast.h"

namespace descant::stats {
namespace {

constexpr double kMostReplicates = 1e6;

Moments cluster_totals(const QuantileRows& rows, double at) {
  const std::size_t clusters =
      rows.cluster.empty() ? 0 : *std::max_element(rows.cluster.begin(), rows.cluster.end()) + 1U;
  std::vector<double> below(clusters), size(clusters);
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    below[rows.cluster[i]] += rows.values[i] <= at ? 1 : 0;
    size[rows.cluster[i]] += 1;
  }
  Moments moments(2);
  for (std::size_t c = 0; c < clusters; ++c) {
    const double row[] = {below[c], size[c]};
    moments.add(row);
  }
  return moments;
}

ArmQuantile clustered(const QuantileRows& rows, const QuantileTarget& target) {
  auto values = rows.values;
  ArmQuantile found = quantile_of_rows(values, target);
  if (found.arm.n == 0) return found;
  widen_for_clusters(found, target.quantile, cluster_totals(rows, found.arm.estimate));
  return found;
}

void warn_of_arm(Warnings& warnings, const ArmQuantile& found, std::string_view name) {
  const auto warn = [&](std::string_view code, std::string message) {
    warnings.push_back({std::string(code), std::string(name), std::move(message)});
  };
  if (found.off_the_end)
    warn("few_values_beyond_quantile",
         fmt::format("The {} arm has too few values beyond the quantile to show how far it could "
                     "lie: its standard error is too small.",
                     name));
  if (found.tied)
    warn("tied_quantile",
         fmt::format("The {} arm's values around the quantile are all equal, so that its "
                     "uncertainty cannot be estimated.",
                     name));
  if (found.one_cluster)
    warn(
        "too_few_clusters",
        fmt::format("The {} arm needs two or more clusters that differ in size or outcome.", name));
}

Result<Comparison> by_order_statistics(QuantileRows& control, QuantileRows& treatment,
                                       const QuantileOptions& quantile,
                                       const ComparisonOptions& options) {
  const auto target = quantile_target(quantile.quantile, options.confidence_level);
  ArmQuantile found[2];
  QuantileRows* const arms[] = {&control, &treatment};
  DESCANT_CHECK(for_each_morsel(2, thread_count(), [&](std::size_t i, std::size_t) -> Result<void> {
    found[i] = quantile.method == "cluster" ? clustered(*arms[i], target)
                                            : quantile_of_rows(arms[i]->values, target);
    return {};
  }));
  return compare_quantiles(quantile.method, found[0], found[1], options);
}

// An arm's replicates: order statistics at binomial ranks. Only those between the least and the
// greatest rank drawn are sorted.
BootstrapArm drawn_quantiles(std::vector<double>& values, const QuantileOptions& options,
                             RandomPurpose purpose) {
  const std::size_t n = values.size();
  BootstrapArm out;
  out.arm.n = static_cast<std::int64_t>(n);
  const auto replicates = static_cast<std::size_t>(options.replicates);
  out.estimates.assign(replicates, kUndefined);
  if (n == 0) return out;
  const BinomialDraws binomial(out.arm.n + 1, options.quantile);
  Random random(options.seed, purpose);
  std::vector<std::size_t> ranks(replicates);
  for (auto& rank : ranks)
    rank =
        static_cast<std::size_t>(std::clamp<std::int64_t>(binomial.draw(random), 1, out.arm.n)) - 1;
  const auto middle = quantile_ranks(n, options.quantile);
  const auto [least, most] = std::minmax_element(ranks.begin(), ranks.end());
  const std::size_t ends[] = {std::min(*least, middle.lower), std::max(*most, middle.upper)};
  select(values, ends);
  std::sort(values.begin() + static_cast<std::ptrdiff_t>(ends[0]),
            values.begin() + static_cast<std::ptrdiff_t>(ends[1]) + 1);
  out.arm.estimate = middle.of(values[middle.lower], values[middle.upper]);
  for (std::size_t b = 0; b < replicates; ++b) out.estimates[b] = values[ranks[b]];
  return out;
}

Result<Comparison> by_bootstrap(QuantileRows& control, QuantileRows& treatment,
                                const QuantileOptions& quantile, const ComparisonOptions& options) {
  BootstrapPair pair;
  pair.method = quantile.method;
  BootstrapArm* const arms[] = {&pair.control, &pair.treatment};
  QuantileRows* const rows[] = {&control, &treatment};
  const RandomPurpose purposes[] = {RandomPurpose::kQuantileControl,
                                    RandomPurpose::kQuantileTreatment};
  DESCANT_CHECK(for_each_morsel(2, thread_count(), [&](std::size_t i, std::size_t) -> Result<void> {
    *arms[i] = drawn_quantiles(rows[i]->values, quantile, purposes[i]);
    return {};
  }));
  return compare_replicates(std::move(pair), options);
}

Result<void> check(const QuantileRows& rows, const std::string& method, std::string_view arm) {
  if (method != "cluster") return {};
  if (rows.cluster.size() == rows.values.size()) return {};
  return invalid_request("the method cluster needs a cluster for every row",
                         fmt::format("{}.cluster", arm),
                         "Give cluster, or use the method order_statistic.");
}

}  // namespace

QuantileTarget quantile_target(double quantile, double confidence_level) {
  return {quantile, normal_quantile(0.5 + confidence_level / 2)};
}

std::array<std::size_t, 4> ranks_at(std::size_t n, const QuantileTarget& target) {
  const auto middle = quantile_ranks(n, target.quantile);
  const auto outer = outer_ranks(n, target.quantile, target.z);
  return {outer.lower, middle.lower, middle.upper, outer.upper};
}

ArmQuantile quantile_at(std::size_t n, const QuantileTarget& target,
                        const std::array<double, 4>& values) {
  ArmQuantile found;
  found.arm.n = static_cast<std::int64_t>(n);
  if (n == 0) return found;
  found.arm.estimate = quantile_ranks(n, target.quantile).of(values[1], values[2]);
  if (n < 2) return found;
  found.arm.standard_error = (values[3] - values[0]) / (2 * target.z);
  found.off_the_end = outer_ranks(n, target.quantile, target.z).off_the_end;
  found.tied = found.arm.standard_error == 0;
  return found;
}

ArmQuantile quantile_of_rows(std::span<double> values, const QuantileTarget& target) {
  const std::size_t n = values.size();
  if (n == 0) return quantile_at(0, target, {});
  const auto ranks = ranks_at(n, target);
  auto ascending = ranks;
  std::sort(ascending.begin(), ascending.end());
  select(values, ascending);
  return quantile_at(n, target,
                     {values[ranks[0]], values[ranks[1]], values[ranks[2]], values[ranks[3]]});
}

// The variance of the mean of 1{value <= quantile} with clusters as units is that of a ratio of
// totals, by the delta method.
void widen_for_clusters(ArmQuantile& found, double quantile, const Moments& clusters) {
  const double share = clusters.mean[0] / clusters.mean[1];
  const double spread = clusters.variance(0) - 2 * share * clusters.covariance(0, 1) +
                        share * share * clusters.variance(1);
  const double variance =
      spread / (clusters.mean[1] * clusters.mean[1] * static_cast<double>(clusters.n));
  const double independent = quantile * (1 - quantile) / static_cast<double>(found.arm.n);
  const double ratio = variance / independent;
  found.one_cluster = std::isnan(ratio);
  found.arm.standard_error *= std::sqrt(ratio);
}

Result<Comparison> compare_quantiles(const std::string& method, const ArmQuantile& control,
                                     const ArmQuantile& treatment,
                                     const ComparisonOptions& options) {
  EstimatePair pair;
  pair.method = method;
  pair.control = control.arm;
  pair.treatment = treatment.arm;
  pair.control_variance = pair.control.standard_error * pair.control.standard_error;
  pair.treatment_variance = pair.treatment.standard_error * pair.treatment.standard_error;
  warn_of_arm(pair.warnings, control, "control");
  warn_of_arm(pair.warnings, treatment, "treatment");
  return compare(pair, options);
}

Result<Comparison> quantile_difference(QuantileRows control, QuantileRows treatment,
                                       const QuantileOptions& quantile,
                                       const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  if (!(quantile.quantile > 0 && quantile.quantile < 1))
    return invalid_request("quantile must be between 0 and 1", "quantile");
  if (quantile.replicates < 1 || static_cast<double>(quantile.replicates) > kMostReplicates)
    return invalid_request("replicates must be between 1 and 1000000", "replicates");
  DESCANT_CHECK(check(control, quantile.method, "control"));
  DESCANT_CHECK(check(treatment, quantile.method, "treatment"));
  if (quantile.method == "bootstrap") return by_bootstrap(control, treatment, quantile, options);
  if (quantile.method == "order_statistic" || quantile.method == "cluster")
    return by_order_statistics(control, treatment, quantile, options);
  return invalid_request(fmt::format("unknown method '{}'", quantile.method), "method",
                         "Known: order_statistic, cluster, bootstrap.");
}

void describe(Describer& d, QuantileOptions& options) {
  d.field(options.quantile, {.name = "quantile",
                             .doc = "which one, of type 7; 0.5 is the median",
                             .minimum = 0,
                             .maximum = 1,
                             .open_interval = true});
  d.field(options.method,
          {.name = "method",
           .doc = "order statistics, the same with rows that vary together by cluster, or the "
                  "bootstrap without resampling",
           .choices = {"order_statistic", "cluster", "bootstrap"}});
  d.field(
      options.replicates,
      {.name = "replicates", .doc = "of the bootstrap", .minimum = 1, .maximum = kMostReplicates});
  d.field(options.seed, {.name = "seed", .doc = "of the bootstrap"});
}

}  // namespace descant::stats
