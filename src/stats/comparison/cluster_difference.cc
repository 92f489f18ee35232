// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/cluster_difference.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "stats/comparison/outcome.h"

namespace descant::stats {
namespace {

constexpr std::int64_t kFewClusters = 20;  // in an arm

struct ClusteredArm {
  std::int64_t rows = 0;
  std::int64_t clusters = 0;
  double denominator = 0;
  double estimate = kUndefined;
  double squares = 0;  // of the clusters' residual sums, per squared denominator
};

double residual(const ClusterSums& cluster, const ClusteredArm& arm) {
  return (cluster.numerator - arm.estimate * cluster.denominator) / arm.denominator;
}

ClusteredArm clustered_arm(std::span<const ClusterSums> clusters) {
  ClusteredArm arm;
  double numerator = 0;
  for (const auto& cluster : clusters) {
    if (cluster.rows == 0) continue;
    ++arm.clusters;
    arm.rows += cluster.rows;
    numerator += cluster.numerator;
    arm.denominator += cluster.denominator;
  }
  if (arm.denominator != 0) arm.estimate = numerator / arm.denominator;
  for (const auto& cluster : clusters) {
    if (cluster.rows == 0) continue;
    const double r = residual(cluster, arm);
    arm.squares += r * r;
  }
  return arm;
}

struct Overlap {
  std::int64_t clusters = 0;
  double products = 0;  // of the residual sums of a cluster's two parts
};

Overlap overlap_of(std::span<const ClusterSums> control, const ClusteredArm& c,
                   std::span<const ClusterSums> treatment, const ClusteredArm& t) {
  std::unordered_map<std::uint32_t, double> residuals;
  for (const auto& cluster : control)
    if (cluster.rows > 0) residuals.emplace(cluster.cluster, residual(cluster, c));
  Overlap overlap;
  for (const auto& cluster : treatment) {
    if (cluster.rows == 0) continue;
    const auto found = residuals.find(cluster.cluster);
    if (found == residuals.end()) continue;
    ++overlap.clusters;
    overlap.products += found->second * residual(cluster, t);
  }
  return overlap;
}

double factor(double clusters) { return clusters > 1 ? clusters / (clusters - 1) : kUndefined; }

void set_cr1(EstimatePair& pair, const ClusteredArm& c, const ClusteredArm& t,
             const Overlap& overlap) {
  const double clusters = static_cast<double>(c.clusters + t.clusters - overlap.clusters);
  const double rows = static_cast<double>(c.rows + t.rows);
  const double correction = factor(clusters) * (rows - 1) / (rows - 2);
  pair.control_variance = correction * c.squares;
  pair.treatment_variance = correction * t.squares;
  pair.covariance = correction * overlap.products;
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
  pair.reference.control_degrees = clusters - 1;
  pair.reference.treatment_degrees = 0;
}

void set_delta(EstimatePair& pair, const ClusteredArm& c, const ClusteredArm& t,
               const Overlap& overlap) {
  pair.control.n = c.clusters;
  pair.treatment.n = t.clusters;
  pair.control_variance = factor(static_cast<double>(c.clusters)) * c.squares;
  pair.treatment_variance = factor(static_cast<double>(t.clusters)) * t.squares;
  if (overlap.clusters > 1)
    pair.covariance = factor(static_cast<double>(overlap.clusters)) * overlap.products;
  pair.reference = {ReferenceDistribution::Kind::kWelch, pair.control_variance,
                    pair.treatment_variance, static_cast<double>(c.clusters - 1),
                    static_cast<double>(t.clusters - 1)};
}

void warn_of_few_clusters(EstimatePair& pair, const ClusteredArm& c, const ClusteredArm& t) {
  for (const auto& [arm, variance, name] : {std::tuple(&c, &pair.control_variance, "control"),
                                            {&t, &pair.treatment_variance, "treatment"}}) {
    if (arm->clusters >= kFewClusters) continue;
    if (arm->clusters < 2) {
      *variance = kUndefined;
      pair.warnings.push_back({"too_few_clusters", name,
                               fmt::format("The {} arm has {} cluster{}: its uncertainty needs two "
                                           "or more.",
                                           name, arm->clusters, arm->clusters == 1 ? "" : "s")});
    } else {
      pair.warnings.push_back(
          {"few_clusters", name,
           fmt::format("The {} arm has {} clusters: below {} cluster-robust errors are too small.",
                       name, arm->clusters, kFewClusters)});
    }
  }
}

Result<void> check(std::span<const ClusterSums> arm, std::string_view name) {
  for (const auto& cluster : arm)
    if (cluster.rows < 0 || !std::isfinite(cluster.numerator) ||
        !std::isfinite(cluster.denominator))
      return invalid_request("a cluster's sums must be finite", std::string(name));
  return {};
}

// The clusters of both arms, numbered together.
class ClusterNumbers {
 public:
  Result<std::vector<ClusterSums>> sums_of(const Sample& sample, std::string_view where) {
    Sample outcome = sample;
    outcome.covariates.clear();
    DESCANT_ASSIGN(const Rows rows, rows_of(outcome, where));
    if (!rows.cluster)
      return invalid_request("the rows name no cluster", fmt::format("{}.cluster", where),
                             "Give a label per row, or compare rows as units by mean_difference.");
    std::vector<ClusterSums> sums(rows.cluster->names.size());
    for (std::size_t g = 0; g < sums.size(); ++g)
      sums[g].cluster =
          numbers_.try_emplace(rows.cluster->names[g], static_cast<std::uint32_t>(numbers_.size()))
              .first->second;
    const bool ratio = rows.columns.size() == 2;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& cluster = sums[rows.cluster->index[i]];
      ++cluster.rows;
      cluster.numerator += *rows.columns[0][i];
      cluster.denominator += ratio ? *rows.columns[1][i] : 1.0;
    }
    return sums;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace

Result<ClusterComparison> cluster_difference(std::span<const ClusterSums> control,
                                             std::span<const ClusterSums> treatment,
                                             const std::string& method,
                                             const ComparisonOptions& options) {
  if (method != "cr1" && method != "delta")
    return invalid_request(fmt::format("unknown method '{}'", method), "method",
                           "Known: cr1, delta.");
  DESCANT_CHECK(check(control, "control"));
  DESCANT_CHECK(check(treatment, "treatment"));
  const ClusteredArm c = clustered_arm(control);
  const ClusteredArm t = clustered_arm(treatment);
  const Overlap overlap = overlap_of(control, c, treatment, t);
  EstimatePair pair;
  pair.method = method;
  pair.control = {c.rows, c.estimate, kUndefined};
  pair.treatment = {t.rows, t.estimate, kUndefined};
  if (method == "cr1")
    set_cr1(pair, c, t, overlap);
  else
    set_delta(pair, c, t, overlap);
  warn_of_few_clusters(pair, c, t);
  pair.control.standard_error = std::sqrt(pair.control_variance);
  pair.treatment.standard_error = std::sqrt(pair.treatment_variance);
  ClusterComparison result;
  result.clusters = {c.clusters, t.clusters, overlap.clusters};
  DESCANT_ASSIGN(result.comparison, compare(pair, options));
  return result;
}

Result<ClusterComparison> cluster_difference(const Sample& control, const Sample& treatment,
                                             const std::string& method,
                                             const ComparisonOptions& options) {
  if (control.values.has_value() != treatment.values.has_value() && has_rows(control) &&
      has_rows(treatment))
    return invalid_request("one arm is a ratio, the other is not", "treatment",
                           "Give both arms in the same form.");
  ClusterNumbers numbers;
  DESCANT_ASSIGN(const auto c, numbers.sums_of(control, "control"));
  DESCANT_ASSIGN(const auto t, numbers.sums_of(treatment, "treatment"));
  DESCANT_ASSIGN(auto result, cluster_difference(c, t, method, options));
  const auto unclustered = [](Sample sample) {
    sample.cluster = Json();
    return sample;
  };
  DESCANT_ASSIGN(const EstimatePair rows, pair_of(unclustered(control), unclustered(treatment)));
  const double se = result.comparison.absolute.standard_error;
  const double ratio = se * se / (rows.control_variance + rows.treatment_variance);
  if (std::isfinite(ratio)) result.design_effect = ratio;
  return result;
}

void describe(Describer& d, ClusterCounts& counts) {
  d.field(counts.control, {.name = "control", .doc = "with rows in the control arm"});
  d.field(counts.treatment, {.name = "treatment", .doc = "with rows in the treatment arm"});
  d.field(counts.in_both, {.name = "in_both", .doc = "with rows in both arms"});
}

void describe(Describer& d, ClusterComparison& result) {
  describe(d, result.comparison);
  d.field(result.clusters, {.name = "clusters", .doc = "how many there are"});
  d.field(result.design_effect,
          {.name = "design_effect",
           .doc = "variance of the effect, in units of that of independent rows"});
}

}  // namespace descant::stats
