// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mann and Whitney's test (1947): `statistic` is U, the pairs in which the treatment is larger,
// ties by half. `normal`: variance corrected for ties, with a continuity correction of 1/2 towards
// the mean unless switched off (Lehmann, "Nonparametrics", 1975, section 1.4); `exact`: the
// permutation distribution, for arms without ties whose sizes' product is at most 10,000. The
// effect is Hodges and Lehmann's shift (1963), the median of all differences treatment - control,
// with the distribution-free interval of Hollander, Wolfe and Chicken (2014, section 4.3): the
// ordered differences of rank C and nm + 1 - C, where C comes from the same method, rounded to the
// safe side. The arms' estimates are their medians; there is no standard error and no relative
// effect (NaN). null_value and an absolute margin shift the treatment; a relative margin is an
// error. U and the shift need a row in each
// arm; with fewer than two in one, or rows that are all equal, p and interval are NaN with a
// warning. Differences are never listed: their quantiles are found by counting, in time
// proportional to the rows.

#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "stats/comparison.h"

namespace descant::stats {

struct RankSumOptions {
  std::string method = "normal";  // normal | exact
  bool continuity_correction = true;
};

struct RankSumComparison {
  Comparison comparison;  // absolute: the shift and its interval
  double z = kUndefined;  // of the normal method
  double probability_of_superiority = kUndefined;
  double hodges_lehmann = kUndefined;  // the shift
};

// Values are finite; they are sorted.
Result<RankSumComparison> rank_sum_test(std::vector<double> control, std::vector<double> treatment,
                                        const RankSumOptions& rank_sum,
                                        const ComparisonOptions& options);

// Only the p-value of the normal method; NaN with too few rows.
double rank_sum_p_value(std::vector<double> control, std::vector<double> treatment,
                        const std::string& alternative);

void describe(Describer& d, RankSumOptions& options);
void describe(Describer& d, RankSumComparison& result);

}  // namespace descant::stats
