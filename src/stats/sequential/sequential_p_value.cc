// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/sequential_p_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/distributions.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/root_finding.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kMostAlpha = 1 - 1e-12;
constexpr double kTolerance = 1e-10;  // of log alpha

double sides_of(const SequentialDesign& design) { return design.two_sided ? 2 : 1; }

double lower_of(const SequentialDesign& design, std::size_t k, double upper) {
  if (!design.lower.empty()) return design.lower[k];
  return design.two_sided ? -upper : -kInfinite;
}

// Logarithm of the probability to reach the statistic over that to be spent: negative when the
// bound at this alpha is reached.
double log_excess(const SequentialDesign& design, std::size_t look, double statistic,
                  double alpha) {
  const double tail = alpha / sides_of(design);
  StoppedProcess process(design.information.first(look + 1));
  double before = 0;
  for (std::size_t k = 0; k < look; ++k) {
    const double spent = error_spent(design.spending, design.information[k], tail);
    const double upper = process.upper_bound(spent - before);
    const double lower = lower_of(design, k, upper);
    if (lower >= upper) return -kInfinite;
    process.go_on(lower, upper);
    before = spent;
  }
  const double share = error_spent(design.spending, design.information[look], tail) - before;
  if (!(share > 0)) return kInfinite;
  return std::log(process.above(statistic) / share);
}

// Bounds proportional to the family's shape, through the statistic.
double classical_p_value(const SequentialDesign& design, std::size_t look, double statistic) {
  const double constant = statistic / classical_shape(design.spending, design.information[look]);
  StoppedProcess process(design.information);
  double spent = 0;
  for (std::size_t k = 0; k < design.information.size(); ++k) {
    const double upper = constant * classical_shape(design.spending, design.information[k]);
    spent += process.above(upper);
    process.go_on(design.two_sided ? -upper : -kInfinite, upper);
  }
  return std::min(1.0, sides_of(design) * spent);
}

// Known to be at most `most`, or 1 when it is not.
double repeated_p_value_below(const SequentialDesign& design, std::size_t look, double statistic,
                              double most) {
  if (std::isnan(statistic)) return kUndefined;
  const double z = std::min(statistic, kGreatestBound);
  if (design.two_sided && z <= 0) return 1;
  if (is_classical(design.spending)) return classical_p_value(design, look, z);
  const auto excess = [&](double log_alpha) {
    return log_excess(design, look, z, std::exp(log_alpha));
  };
  // The ordinary p-value is the least: no look spends more than alpha.
  const double least = std::log(sides_of(design) * normal_upper_tail(z)) - 1e-6;
  if (least >= std::log(most)) return 1;
  const double root = find_root(excess, {least, std::log(most)}, kTolerance);
  return std::isnan(root) ? 1 : std::exp(root);
}

}  // namespace

double repeated_p_value(const SequentialDesign& design, std::size_t look, double statistic) {
  return repeated_p_value_below(design, look, statistic, kMostAlpha);
}

std::vector<double> sequential_p_values(const SequentialDesign& design,
                                        std::span<const double> statistics) {
  std::vector<double> result;
  double smallest = kMostAlpha;
  LookBounds bounds = spending_bounds(design.information, design.spending,
                                      smallest / sides_of(design), design.two_sided);
  for (std::size_t k = 0; k < statistics.size(); ++k) {
    const double statistic = statistics[k];
    // Only a look that crosses at the smallest p-value so far can have a smaller one.
    if (std::min(statistic, kGreatestBound) > bounds.upper[k]) {
      smallest = std::min(smallest, repeated_p_value_below(design, k, statistic, smallest));
      bounds = spending_bounds(design.information, design.spending, smallest / sides_of(design),
                               design.two_sided);
    }
    const double so_far = smallest == kMostAlpha ? 1 : smallest;
    result.push_back(std::isnan(statistic) ? kUndefined : so_far);
  }
  return result;
}

}  // namespace descant::stats
