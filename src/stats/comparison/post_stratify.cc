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

// An arm's mean and the covariance of that mean, kept as moments of n units.
Moments weighted(const std::vector<Stratum>& strata, Moments Stratum::*arm, double n_all,
                 const std::vector<double>& multinomial) {
  const std::size_t k = (strata.front().*arm).columns();
  Moments out(k);
  for (const auto& stratum : strata) {
    const Moments& part = stratum.*arm;
    const double share = static_cast<double>(stratum.n()) / n_all;
    out.n += part.n;
    for (std::size_t i = 0; i < k; ++i) out.mean[i] += share * part.mean[i];
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j)
        out.cross[i * k + j] += share * share * part.covariance(i, j) / static_cast<double>(part.n);
  }
  const auto n = static_cast<double>(out.n);
  for (std::size_t at = 0; at < out.cross.size(); ++at)
    out.cross[at] = (out.cross[at] + multinomial[at] / 2) * n * (n - 1);
  return out;
}

// Of the difference of the arms: what drawing the strata themselves adds to its covariance.
std::vector<double> multinomial_term(const std::vector<Stratum>& strata, double n_all) {
  const std::size_t k = strata.front().control.columns();
  std::vector<double> whole(k, 0.0);
  const auto difference = [](const Stratum& stratum, std::size_t i) {
    return stratum.treatment.mean[i] - stratum.control.mean[i];
  };
  for (const auto& stratum : strata)
    for (std::size_t i = 0; i < k; ++i)
      whole[i] += static_cast<double>(stratum.n()) / n_all * difference(stratum, i);
  std::vector<double> term(k * k, 0.0);
  for (const auto& stratum : strata)
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j)
        term[i * k + j] += static_cast<double>(stratum.n()) / (n_all * n_all) *
                           (difference(stratum, i) - whole[i]) *
                           (difference(stratum, j) - whole[j]);
  return term;
}

}  // namespace

Result<PostStratified> post_stratify(std::span<const Moments> control,
                                     std::span<const Moments> treatment) {
  if (control.size() != treatment.size())
    return internal_error("the arms have different strata", "strata");
  std::vector<Stratum> strata;
  std::int64_t n_all = 0;
  for (std::size_t s = 0; s < control.size(); ++s) {
    if (control[s].n + treatment[s].n == 0) continue;
    strata.push_back({control[s], treatment[s]});
    n_all += strata.back().n();
  }
  PostStratified out;
  if (strata.empty()) {
    if (!control.empty()) out = {control.front(), treatment.front(), 0};
    return out;
  }
  strata = large_enough(std::move(strata), out.merged_strata);
  if (strata.size() == 1) {
    out.control = strata.front().control;
    out.treatment = strata.front().treatment;
    return out;
  }
  const auto n = static_cast<double>(n_all);
  const auto multinomial = multinomial_term(strata, n);
  out.control = weighted(strata, &Stratum::control, n, multinomial);
  out.treatment = weighted(strata, &Stratum::treatment, n, multinomial);
  return out;
}

}  // namespace descant::stats
