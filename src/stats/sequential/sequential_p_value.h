// SPDX-License-Identifier: Apache-2.0
#pragma once

// The p-value of a look in a group-sequential test: the smallest alpha whose bound the look's
// statistic reaches (the repeated p-value of Jennison and Turnbull 2000, section 9.5), and the
// smallest so far, which is valid whatever stops the test (Liu and Anderson 2008). Statistics are
// absolute values when two-sided. Statistics above 8 count as 8, because no bound above is told
// apart. NaN gives NaN.

#include <optional>
#include <span>
#include <vector>

#include "stats/sequential/spending.h"

namespace descant::stats {

struct SequentialDesign {
  std::span<const double> information;
  SpendingFunction spending;
  bool two_sided = true;
  // Binding futility bounds, which stay as they are whatever alpha is; empty without.
  std::span<const double> lower;
};

// Of the look at the end of `information` under a spending function; under a classical family of
// any look (an index) of its schedule.
double repeated_p_value(const SequentialDesign& design, std::size_t look, double statistic);

// By look, the smallest repeated p-value up to it; NaN where the statistic is.
std::vector<double> sequential_p_values(const SequentialDesign& design,
                                        std::span<const double> statistics);

}  // namespace descant::stats
