// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/bootstrap_difference.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/resampling/poisson_bootstrap.h"

namespace descant::stats {
namespace {

constexpr double kMostReplicates = 100'000;

struct Totals {
  std::vector<double> numerator;
  std::vector<double> denominator;
};

// Clusters as units: the totals of their rows. Without clusters, the rows.
Totals totals_of(const BootstrapRows& rows) {
  const auto denominator = [&](std::size_t i) {
    return rows.denominator.empty() ? 1.0 : rows.denominator[i];
  };
  Totals totals;
  if (rows.cluster.empty()) {
    totals.numerator.assign(rows.values.begin(), rows.values.end());
    for (std::size_t i = 0; i < rows.values.size(); ++i)
      totals.denominator.push_back(denominator(i));
    return totals;
  }
  const std::size_t clusters = *std::max_element(rows.cluster.begin(), rows.cluster.end()) + 1U;
  totals.numerator.assign(clusters, 0.0);
  totals.denominator.assign(clusters, 0.0);
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    totals.numerator[rows.cluster[i]] += rows.values[i];
    totals.denominator[rows.cluster[i]] += denominator(i);
  }
  return totals;
}

Result<BootstrapArm> arm_of(const BootstrapRows& rows, const BootstrapOptions& bootstrap,
                            double confidence_level, RandomPurpose purpose) {
  const PoissonBootstrap poisson{bootstrap.seed, purpose,
                                 static_cast<std::size_t>(bootstrap.replicates),
                                 bootstrap.interval == "studentized"};
  if (bootstrap.statistic == "quantile")
    return bootstrap_quantile(rows.values, rows.cluster, bootstrap.quantile,
                              normal_quantile(0.5 + confidence_level / 2), poisson);
  const Totals totals = totals_of(rows);
  DESCANT_ASSIGN(auto arm, bootstrap_ratio(totals.numerator, totals.denominator, poisson));
  arm.arm.n = static_cast<std::int64_t>(rows.values.size());
  return arm;
}

Result<void> check_rows(const BootstrapRows& rows, const BootstrapOptions& bootstrap,
                        std::string_view arm) {
  const auto wrong = [&](std::string message, std::string_view field, std::string hint) {
    return invalid_request(std::move(message), fmt::format("{}.{}", arm, field), std::move(hint));
  };
  if (bootstrap.statistic == "ratio" && rows.denominator.size() != rows.values.size())
    return wrong("a ratio needs a denominator for every row", "denominator",
                 "Give numerator and denominator, or use the statistic mean.");
  if (bootstrap.statistic != "ratio" && !rows.denominator.empty())
    return wrong(fmt::format("a {} has no denominator", bootstrap.statistic), "denominator",
                 "Give values, or use the statistic ratio.");
  if (!rows.cluster.empty() && rows.cluster.size() != rows.values.size())
    return wrong("there is not one cluster per row", "cluster", "");
  if (!rows.cluster.empty() && bootstrap.statistic == "quantile" &&
      bootstrap.interval == "studentized")
    return invalid_request("a quantile of clustered rows has no studentized interval", "interval",
                           "Use percentile or bca.");
  return {};
}

Result<void> check(const BootstrapOptions& bootstrap) {
  const auto& statistic = bootstrap.statistic;
  if (statistic != "mean" && statistic != "ratio" && statistic != "quantile")
    return invalid_request(fmt::format("unknown statistic '{}'", statistic), "statistic",
                           "Known: mean, ratio, quantile.");
  if (!(bootstrap.quantile > 0 && bootstrap.quantile < 1))
    return invalid_request("quantile must be between 0 and 1", "quantile");
  if (bootstrap.replicates < 1 || static_cast<double>(bootstrap.replicates) > kMostReplicates)
    return invalid_request("replicates must be between 1 and 100000", "replicates");
  return {};
}

bool has_one_cluster(const BootstrapRows& rows) {
  return !rows.cluster.empty() &&
         std::all_of(rows.cluster.begin(), rows.cluster.end(),
                     [&](std::uint32_t c) { return c == rows.cluster.front(); });
}

}  // namespace

Result<Comparison> bootstrap_difference(const BootstrapRows& control,
                                        const BootstrapRows& treatment,
                                        const BootstrapOptions& bootstrap,
                                        const ComparisonOptions& options) {
  DESCANT_CHECK(check_options(options));
  DESCANT_CHECK(check(bootstrap));
  DESCANT_CHECK(check_rows(control, bootstrap, "control"));
  DESCANT_CHECK(check_rows(treatment, bootstrap, "treatment"));
  BootstrapPair pair;
  pair.method = bootstrap.interval;
  pair.interval = bootstrap.interval;
  const double level = options.confidence_level;
  DESCANT_ASSIGN(pair.control, arm_of(control, bootstrap, level, RandomPurpose::kPoissonControl));
  DESCANT_ASSIGN(pair.treatment,
                 arm_of(treatment, bootstrap, level, RandomPurpose::kPoissonTreatment));
  for (const auto& [rows, name] : {std::pair(&control, "control"), {&treatment, "treatment"}})
    if (has_one_cluster(*rows))
      pair.warnings.push_back(
          {"too_few_clusters", name, fmt::format("The {} arm needs two or more clusters.", name)});
  return compare_replicates(std::move(pair), options);
}

void describe(Describer& d, BootstrapOptions& options) {
  d.field(options.statistic,
          {.name = "statistic", .doc = "of each arm", .choices = {"mean", "ratio", "quantile"}});
  d.field(options.quantile, {.name = "quantile",
                             .doc = "for the statistic quantile: which one, of type 7",
                             .minimum = 0,
                             .maximum = 1,
                             .open_interval = true});
  d.field(options.replicates, {.name = "replicates",
                               .doc = "resamples of each arm",
                               .minimum = 1,
                               .maximum = kMostReplicates});
  d.field(options.seed, {.name = "seed", .doc = "the same seed gives the same result"});
  d.field(options.interval, {.name = "interval",
                             .doc = "how the replicates become an interval",
                             .choices = {"percentile", "bca", "studentized"}});
}

}  // namespace descant::stats
