// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/exact_proportion.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "stats/comparison.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr std::int64_t kLongestSupport = 20'000'000;
constexpr double kTie = 1e-7;  // of Fisher's two-sided order, as in R

struct Table {
  std::int64_t control_n, control, treatment_n, treatment;
};

// Treatment successes given the total, from `first` on. Built by ratios of neighbours outwards from
// the mode, so that even tiny probabilities keep their relative precision.
struct Hypergeometric {
  std::int64_t first = 0;
  std::vector<double> probability;
};

Hypergeometric hypergeometric(std::int64_t nc, std::int64_t nt, std::int64_t total) {
  const std::int64_t first = std::max<std::int64_t>(0, total - nc);
  const std::int64_t last = std::min(nt, total);
  Hypergeometric h{first, std::vector<double>(static_cast<std::size_t>(last - first + 1))};
  const auto ratio = [&](std::int64_t k) {  // P(k + 1) / P(k)
    return static_cast<double>(nt - k) * static_cast<double>(total - k) /
           (static_cast<double>(k + 1) * static_cast<double>(nc - total + k + 1));
  };
  const double centre = (static_cast<double>(nt) + 1) * (static_cast<double>(total) + 1) /
                        (static_cast<double>(nc) + static_cast<double>(nt) + 2);
  const auto mode = std::clamp(static_cast<std::int64_t>(centre), first, last);
  const auto p = [&](std::int64_t k) -> double& {
    return h.probability[static_cast<std::size_t>(k - first)];
  };
  p(mode) = 1;
  double sum = 1;
  for (std::int64_t k = mode; k < last; ++k) sum += p(k + 1) = p(k) * ratio(k);
  for (std::int64_t k = mode; k > first; --k) sum += p(k - 1) = p(k) / ratio(k - 1);
  for (double& q : h.probability) q /= sum;
  return h;
}

double sum_where(const Hypergeometric& h, const std::function<bool(std::size_t)>& extreme) {
  double sum = 0;
  for (std::size_t i = 0; i < h.probability.size(); ++i)
    if (extreme(i)) sum += h.probability[i];
  return std::min(sum, 1.0);
}

Result<Table> table_of(const SuccessCount& control, const SuccessCount& treatment) {
  for (const auto& [arm, name] : {std::pair(&control, "control"), {&treatment, "treatment"}})
    if (arm->n < 0 || arm->successes < 0 || arm->successes > arm->n)
      return invalid_request("successes must lie between 0 and n", name);
  return Table{control.n, control.successes, treatment.n, treatment.successes};
}

// For each total x of successes, the log of the sum of C(nT, t) C(nC, x - t) over the extreme
// tables; the probability of all extreme tables at share p is then a polynomial in p.
using LogWeights = std::vector<double>;

double probability_at(const LogWeights& weights, double p) {
  const double n = static_cast<double>(weights.size() - 1);
  const double log_p = std::log(p);
  const double log_q = std::log1p(-p);
  double sum = 0;
  for (std::size_t x = 0; x < weights.size(); ++x)
    if (std::isfinite(weights[x])) {
      const double successes = static_cast<double>(x);
      sum += std::exp(weights[x] + successes * log_p + (n - successes) * log_q);
    }
  return sum;
}

double golden_maximum(const std::function<double(double)>& f, double low, double high) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double fa = f(a), fb = f(b);
  double best = std::max(fa, fb);
  for (int i = 0; i < 60; ++i) {
    if (fa > fb) {
      high = b, b = a, fb = fa;
      a = high - golden * (high - low), fa = f(a);
    } else {
      low = a, a = b, fa = fb;
      b = low + golden * (high - low), fb = f(b);
    }
    best = std::max({best, fa, fb});
  }
  return best;
}

// The supremum over the common share: a grid, evenly spaced on the arcsine scale that makes the
// peaks equally wide, then every local maximum that may still win polished.
double supremum(const LogWeights& weights) {
  const std::size_t points = std::clamp<std::size_t>(4 * weights.size(), 400, 4000);
  const auto share = [&](std::size_t i) {
    const double s = std::sin(M_PI / 2 * static_cast<double>(i) / static_cast<double>(points));
    return s * s;
  };
  const auto f = [&](double p) { return probability_at(weights, p); };
  std::vector<double> value(points + 1, 0.0);
  for (std::size_t i = 1; i < points; ++i) value[i] = f(share(i));
  // At the ends only the tables without, or with nothing but, successes are left.
  if (std::isfinite(weights.front())) value.front() = std::exp(weights.front());
  if (std::isfinite(weights.back())) value.back() = std::exp(weights.back());
  const double top = *std::max_element(value.begin(), value.end());
  double best = top;
  for (std::size_t i = 1; i < points; ++i)
    if (value[i] >= value[i - 1] && value[i] >= value[i + 1] && value[i] > 0.95 * top)
      best = std::max(best, golden_maximum(f, share(i - 1), share(i + 1)));
  return std::min(best, 1.0);
}

LogWeights log_weights(const Table& table,
                       const std::function<bool(std::int64_t t, std::int64_t c)>& extreme) {
  const auto log_choose = [](std::int64_t n) {
    std::vector<double> values(static_cast<std::size_t>(n) + 1);
    for (std::int64_t k = 0; k <= n; ++k)
      values[static_cast<std::size_t>(k)] = log_binomial_coefficient(n, k);
    return values;
  };
  const auto of_treatment = log_choose(table.treatment_n);
  const auto of_control = log_choose(table.control_n);
  LogWeights weights(static_cast<std::size_t>(table.treatment_n + table.control_n) + 1);
  std::vector<double> terms;
  for (std::size_t x = 0; x < weights.size(); ++x) {
    terms.clear();
    const auto total = static_cast<std::int64_t>(x);
    const std::int64_t last = std::min(table.treatment_n, total);
    for (std::int64_t t = std::max<std::int64_t>(0, total - table.control_n); t <= last; ++t)
      if (extreme(t, total - t))
        terms.push_back(of_treatment[static_cast<std::size_t>(t)] +
                        of_control[static_cast<std::size_t>(total - t)]);
    const double top = terms.empty() ? 0.0 : *std::max_element(terms.begin(), terms.end());
    double sum = 0;
    for (const double term : terms) sum += std::exp(term - top);
    weights[x] = top + std::log(sum);  // log 0 where no table is extreme
  }
  return weights;
}

Result<void> check_size(const Table& table) {
  const double tables =
      (static_cast<double>(table.control_n) + 1) * (static_cast<double>(table.treatment_n) + 1);
  if (tables <= static_cast<double>(kMostTables)) return {};
  return invalid_request("the arms are too large for an unconditional exact test", "method",
                         "With this many units use miettinen_nurminen, newcombe or fisher.");
}

// Fisher's one-sided p-values of all tables, indexed [t][c].
std::vector<std::vector<double>> fisher_of_all(const Table& table, bool greater) {
  std::vector<std::vector<double>> all(
      static_cast<std::size_t>(table.treatment_n) + 1,
      std::vector<double>(static_cast<std::size_t>(table.control_n) + 1));
  for (std::int64_t x = 0; x <= table.treatment_n + table.control_n; ++x) {
    const auto h = hypergeometric(table.control_n, table.treatment_n, x);
    const std::size_t size = h.probability.size();
    double tail = 0;
    for (std::size_t step = 0; step < size; ++step) {
      const std::size_t i = greater ? size - 1 - step : step;
      tail += h.probability[i];
      const std::int64_t t = h.first + static_cast<std::int64_t>(i);
      all[static_cast<std::size_t>(t)][static_cast<std::size_t>(x - t)] = tail;
    }
  }
  return all;
}

double boschloo_one_sided(const Table& table, bool greater) {
  const auto fisher = fisher_of_all(table, greater);
  const auto p = [&](std::int64_t t, std::int64_t c) {
    return fisher[static_cast<std::size_t>(t)][static_cast<std::size_t>(c)];
  };
  const double limit = p(table.treatment, table.control) * (1 + 1e-11);
  return supremum(
      log_weights(table, [&](std::int64_t t, std::int64_t c) { return p(t, c) <= limit; }));
}

}  // namespace

Result<double> fisher_p_value(const SuccessCount& control, const SuccessCount& treatment,
                              const std::string& alternative) {
  DESCANT_ASSIGN(const Table table, table_of(control, treatment));
  const std::int64_t total = table.control + table.treatment;
  if (std::min({table.treatment_n, table.control_n, total}) > kLongestSupport)
    return invalid_request("the arms are too large for Fisher's exact test", "method",
                           "With this many units z_unpooled or miettinen_nurminen is as good.");
  if (table.control_n == 0 || table.treatment_n == 0) return kUndefined;
  const auto h = hypergeometric(table.control_n, table.treatment_n, total);
  const auto observed = static_cast<std::size_t>(table.treatment - h.first);
  if (alternative == "greater") return sum_where(h, [&](std::size_t i) { return i >= observed; });
  if (alternative == "less") return sum_where(h, [&](std::size_t i) { return i <= observed; });
  const double limit = h.probability[observed] * (1 + kTie);
  return sum_where(h, [&](std::size_t i) { return h.probability[i] <= limit; });
}

Result<double> barnard_p_value(const SuccessCount& control, const SuccessCount& treatment,
                               const std::string& alternative) {
  DESCANT_ASSIGN(const Table table, table_of(control, treatment));
  if (table.control_n == 0 || table.treatment_n == 0) return kUndefined;
  DESCANT_CHECK(check_size(table));
  const double nc = static_cast<double>(table.control_n);
  const double nt = static_cast<double>(table.treatment_n);
  const auto wald = [&](std::int64_t t, std::int64_t c) {
    const double p = static_cast<double>(t + c) / (nt + nc);
    const double variance = p * (1 - p) * (1 / nt + 1 / nc);
    if (!(variance > 0)) return 0.0;
    return (static_cast<double>(t) / nt - static_cast<double>(c) / nc) / std::sqrt(variance);
  };
  const double observed = wald(table.treatment, table.control);
  const double slack = 1e-12 * std::abs(observed);
  return supremum(log_weights(table, [&](std::int64_t t, std::int64_t c) {
    const double z = wald(t, c);
    if (alternative == "greater") return z >= observed - slack;
    if (alternative == "less") return z <= observed + slack;
    return std::abs(z) >= std::abs(observed) - slack;
  }));
}

Result<double> boschloo_p_value(const SuccessCount& control, const SuccessCount& treatment,
                                const std::string& alternative) {
  DESCANT_ASSIGN(const Table table, table_of(control, treatment));
  if (table.control_n == 0 || table.treatment_n == 0) return kUndefined;
  DESCANT_CHECK(check_size(table));
  if (alternative != "two_sided") return boschloo_one_sided(table, alternative == "greater");
  return std::min(1.0,
                  2 * std::min(boschloo_one_sided(table, true), boschloo_one_sided(table, false)));
}

}  // namespace descant::stats
