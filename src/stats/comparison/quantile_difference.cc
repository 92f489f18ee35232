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

struct ArmQuantile {
  ArmEstimate arm;
  bool off_the_end = false;
  bool tied = false;
  bool one_cluster = false;
};

// Reorders the values.
ArmQuantile order_statistic(std::span<double> values, double quantile, double z) {
  ArmQuantile found;
  const std::size_t n = values.size();
  found.arm.n = static_cast<std::int64_t>(n);
  if (n == 0) return found;
  const auto middle = quantile_ranks(n, quantile);
  const auto outer = outer_ranks(n, quantile, z);
  std::size_t ranks[] = {outer.lower, middle.lower, middle.upper, outer.upper};
  std::sort(std::begin(ranks), std::end(ranks));
  select(values, ranks);
  found.arm.estimate = middle.of(values[middle.lower], values[middle.upper]);
  if (n < 2) return found;
  found.arm.standard_error = (values[outer.upper] - values[outer.lower]) / (2 * z);
  found.off_the_end = outer.off_the_end;
  found.tied = found.arm.standard_error == 0;
  return found;
}

// Variance of the mean of 1{value <= at} with clusters as units: a ratio of totals by the delta
// method.
double clustered_variance(const QuantileRows& rows, double at) {
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
  const double share = moments.mean[0] / moments.mean[1];
  const double spread = moments.variance(0) - 2 * share * moments.covariance(0, 1) +
                        share * share * moments.variance(1);
  return spread / (moments.mean[1] * moments.mean[1] * static_cast<double>(clusters));
}

ArmQuantile clustered(const QuantileRows& rows, double quantile, double z) {
  auto values = rows.values;
  ArmQuantile found = order_statistic(values, quantile, z);
  if (found.arm.n == 0) return found;
  const double independent = quantile * (1 - quantile) / static_cast<double>(found.arm.n);
  const double ratio = clustered_variance(rows, found.arm.estimate) / independent;
  found.one_cluster = std::isnan(ratio);
  found.arm.standard_error *= std::sqrt(ratio);
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
  const double z = normal_quantile(0.5 + options.confidence_level / 2);
  ArmQuantile found[2];
  QuantileRows* const arms[] = {&control, &treatment};
  DESCANT_CHECK(for_each_morsel(2, thread_count(), [&](std::size_t i, std::size_t) -> Result<void> {
    found[i] = quantile.method == "cluster"
                   ? clustered(*arms[i], quantile.quantile, z)
                   : order_statistic(arms[i]->values, quantile.quantile, z);
    return {};
  }));
  EstimatePair pair;
  pair.method = quantile.method;
  pair.control = found[0].arm;
  pair.treatment = found[1].arm;
  pair.control_variance = pair.control.standard_error * pair.control.standard_error;
  pair.treatment_variance = pair.treatment.standard_error * pair.treatment.standard_error;
  warn_of_arm(pair.warnings, found[0], "control");
  warn_of_arm(pair.warnings, found[1], "treatment");
  return compare(pair, options);
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
