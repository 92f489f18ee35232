// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/linearise.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace descant::stats {
namespace {

Result<void> check(const Moments& arm, std::span<const RatioColumns> metrics,
                   std::string_view name) {
  const auto finite = [](double x) { return std::isfinite(x); };
  const std::size_t k = arm.columns();
  if (arm.n < 0 || arm.cross.size() != k * k)
    return invalid_request("the moments do not fit together", std::string(name));
  if (!std::all_of(arm.mean.begin(), arm.mean.end(), finite) ||
      !std::all_of(arm.cross.begin(), arm.cross.end(), finite))
    return invalid_request("means and covariances must be finite numbers", std::string(name));
  for (std::size_t i = 0; i < k; ++i)
    if (arm.cross[i * k + i] < 0)
      return invalid_request("a variance is negative", fmt::format("{}.variance", name));
  for (const auto& metric : metrics)
    if (metric.numerator >= k || (metric.denominator && *metric.denominator >= k))
      return internal_error("a metric names a column that the moments lack", std::string(name));
  return {};
}

}  // namespace

Result<LinearisedArm> linearise(const Moments& arm, std::span<const RatioColumns> metrics,
                                std::string_view arm_name) {
  DESCANT_CHECK(check(arm, metrics, arm_name));
  const auto m = static_cast<Eigen::Index>(metrics.size());
  const auto k = static_cast<Eigen::Index>(arm.columns());
  LinearisedArm out;
  out.n = arm.n;
  out.estimate.resize(m);
  out.total.resize(m);
  Eigen::MatrixXd slopes = Eigen::MatrixXd::Zero(m, k);
  for (Eigen::Index i = 0; i < m; ++i) {
    const auto& metric = metrics[static_cast<std::size_t>(i)];
    const auto numerator = static_cast<Eigen::Index>(metric.numerator);
    const double mean = arm.n > 0 ? arm.mean[metric.numerator] : kUndefined;
    const double denominator = metric.denominator ? arm.mean[*metric.denominator] : 1.0;
    const double scale = denominator == 0 ? kUndefined : denominator;
    out.estimate(i) = mean / scale;
    out.total(i) = static_cast<double>(arm.n) * denominator;
    slopes(i, numerator) += 1 / scale;
    if (metric.denominator)
      slopes(i, static_cast<Eigen::Index>(*metric.denominator)) -= mean / scale / scale;
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> cross(arm.cross.data(), k, k);
  const double divisor = arm.n < 2 ? kUndefined : static_cast<double>(arm.n - 1);
  out.covariance = slopes * cross * slopes.transpose() / divisor;
  return out;
}

EstimatePair unadjusted_pair(const LinearisedArm& control, const LinearisedArm& treatment) {
  EstimatePair pair;
  const auto fill = [](const LinearisedArm& arm, ArmEstimate& estimate, double& variance) {
    variance = std::max(arm.covariance(0, 0), 0.0) / static_cast<double>(arm.n);
    if (std::isnan(arm.covariance(0, 0))) variance = kUndefined;
    estimate = {arm.n, arm.estimate(0), std::sqrt(variance)};
  };
  fill(control, pair.control, pair.control_variance);
  fill(treatment, pair.treatment, pair.treatment_variance);
  pair.reference = {ReferenceDistribution::Kind::kWelch, pair.control_variance,
                    pair.treatment_variance, static_cast<double>(control.n - 1),
                    static_cast<double>(treatment.n - 1)};
  return pair;
}

}  // namespace descant::stats
