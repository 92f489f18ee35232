// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/post_stratify.h"

#include <algorithm>

namespace descant::stats {
namespace {

constexpr std::int64_t kUnitsMin = 2;  // in each arm, for a variance

struct Stratum {
  Moments control;
  Moments treatment;
  std::int64_t n() const { return control.n + treatment.n; }
  bool is_small() const { return std::min(control.n, treatment.n) < kUnitsMin; }
  void merge(const Stratum& other) {
    control.merge(other.control);
    treatment.merge(other.treatment);
  }
};

std::vector<Stratum> large_enough(std::vector<Stratum> strata, std::size_t& merged) {
  const auto small = std::stable_partition(strata.begin(), strata.end(),
                                           [](const Stratum& s) { return !s.is_small(); });
  merged = static_cast<std::size_t>(strata.end() - small);
  if (merged == 0) return strata;
  Stratum pooled = *small;
  for (auto next = small + 1; next != strata.end(); ++next) pooled.merge(*next);
  strata.erase(small, strata.end());
  if (!pooled.is_small() || strata.empty()) {
    strata.push_back(std::move(pooled));
  } else {
    std::max_element(strata.begin(), strata.end(), [](const Stratum& a, const Stratum& b) {
      return a.n() < b.n();
    })->merge(pooled);
  }
  return strata;
}

// One arm's strata in linearised columns: means by stratum, and what each adds to the covariance.
struct LinearisedStrata {
  std::int64_t n = 0;
  std::vector<Eigen::VectorXd> means;
  std::vector<StratumVariance> parts;
  Eigen::VectorXd total;  // of the denominators
};

double share_of(const Stratum& stratum, double n_all) {
  return static_cast<double>(stratum.n()) / n_all;
}

LinearisedStrata linearised(const std::vector<Stratum>& strata, Moments Stratum::*arm, double n_all,
                            std::span<const RatioColumns> metrics) {
  const std::size_t columns = (strata.front().*arm).columns();
  std::vector<double> whole(columns, 0.0);
  LinearisedStrata out;
  for (const auto& stratum : strata) {
    out.n += (stratum.*arm).n;
    for (std::size_t i = 0; i < columns; ++i)
      whole[i] += share_of(stratum, n_all) * (stratum.*arm).mean[i];
  }
  const auto count = static_cast<Eigen::Index>(metrics.size());
  Eigen::MatrixXd slope = Eigen::MatrixXd::Zero(count, static_cast<Eigen::Index>(columns));
  for (Eigen::Index m = 0; m < count; ++m) {
    const RatioColumns& metric = metrics[static_cast<std::size_t>(m)];
    const double denominator = metric.denominator ? whole[*metric.denominator] : 1.0;
    if (denominator == 0) continue;  // nothing to divide by: a column that does not vary
    slope(m, static_cast<Eigen::Index>(metric.numerator)) = 1 / denominator;
    if (metric.denominator)
      slope(m, static_cast<Eigen::Index>(*metric.denominator)) =
          -whole[metric.numerator] / (denominator * denominator);
  }
  Eigen::VectorXd estimate(count);
  out.total.resize(count);
  for (Eigen::Index m = 0; m < count; ++m) {
    const RatioColumns& metric = metrics[static_cast<std::size_t>(m)];
    const double denominator = metric.denominator ? whole[*metric.denominator] : 1.0;
    out.total(m) = static_cast<double>(out.n) * denominator;
    estimate(m) = denominator == 0 ? 0.0 : whole[metric.numerator] / denominator;
  }
  for (const auto& stratum : strata) {
    const Moments& part = stratum.*arm;
    const auto k = static_cast<Eigen::Index>(columns);
    Eigen::VectorXd deviation(k);
    Eigen::MatrixXd covariance(k, k);
    for (std::size_t i = 0; i < columns; ++i) {
      deviation(static_cast<Eigen::Index>(i)) = part.mean[i] - whole[i];
      for (std::size_t j = 0; j < columns; ++j)
        covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
            part.covariance(i, j);
    }
    const double share = share_of(stratum, n_all);
    out.means.emplace_back(estimate + slope * deviation);
    out.parts.push_back(
        {share * share / static_cast<double>(part.n) * (slope * covariance * slope.transpose()),
         static_cast<double>(part.n - 1)});
  }
  return out;
}

// Of the difference of the arms: what drawing the strata themselves adds to its covariance.
Eigen::MatrixXd multinomial_term(const std::vector<Stratum>& strata, double n_all,
                                 const LinearisedStrata& control,
                                 const LinearisedStrata& treatment) {
  const auto size = control.means.front().size();
  Eigen::VectorXd whole = Eigen::VectorXd::Zero(size);
  for (std::size_t s = 0; s < strata.size(); ++s)
    whole += share_of(strata[s], n_all) * (treatment.means[s] - control.means[s]);
  Eigen::MatrixXd term = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t s = 0; s < strata.size(); ++s) {
    const Eigen::VectorXd apart = treatment.means[s] - control.means[s] - whole;
    term += share_of(strata[s], n_all) / n_all * apart * apart.transpose();
  }
  return term;
}

// The arm's means and their covariance, kept as moments of n units.
Moments moments_of(const std::vector<Stratum>& strata, double n_all, const LinearisedStrata& arm,
                   const Eigen::MatrixXd& multinomial) {
  const auto size = static_cast<std::size_t>(arm.means.front().size());
  Moments out(size);
  out.n = arm.n;
  Eigen::MatrixXd covariance = multinomial / 2;
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(arm.means.front().size());
  for (std::size_t s = 0; s < strata.size(); ++s) {
    mean += share_of(strata[s], n_all) * arm.means[s];
    covariance += arm.parts[s].covariance;
  }
  const auto n = static_cast<double>(arm.n);
  for (std::size_t i = 0; i < size; ++i) {
    out.mean[i] = mean(static_cast<Eigen::Index>(i));
    for (std::size_t j = 0; j < size; ++j)
      out.cross[i * size + j] =
          covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) * n * (n - 1);
  }
  return out;
}

}  // namespace

bool can_post_stratify(std::span<const Moments> control, std::span<const Moments> treatment) {
  std::size_t large = 0;
  for (std::size_t s = 0; s < std::min(control.size(), treatment.size()); ++s)
    large += std::min(control[s].n, treatment[s].n) >= kUnitsMin ? 1 : 0;
  return large >= 2;
}

Result<PostStratified> post_stratify(std::span<const Moments> control,
                                     std::span<const Moments> treatment,
                                     std::span<const RatioColumns> metrics) {
  if (control.size() != treatment.size() || control.empty())
    return internal_error("the arms have different strata", "strata");
  std::vector<Stratum> strata;
  double n_all = 0;
  for (std::size_t s = 0; s < control.size(); ++s) {
    if (control[s].n + treatment[s].n == 0) continue;
    strata.push_back({control[s], treatment[s]});
    n_all += static_cast<double>(strata.back().n());
  }
  PostStratified out;
  if (strata.empty()) strata.push_back({control.front(), treatment.front()});
  strata = large_enough(std::move(strata), out.merged_strata);
  auto controls = linearised(strata, &Stratum::control, n_all, metrics);
  auto treatments = linearised(strata, &Stratum::treatment, n_all, metrics);
  const auto multinomial = multinomial_term(strata, n_all, controls, treatments);
  out.control = moments_of(strata, n_all, controls, multinomial);
  out.treatment = moments_of(strata, n_all, treatments, multinomial);
  out.parts = {std::move(controls.parts), std::move(treatments.parts), controls.total,
               treatments.total};
  return out;
}

}  // namespace descant::stats
