// SPDX-License-Identifier: Apache-2.0
#pragma once

// One arm's metrics as if each were a mean: a ratio of totals is replaced by its linearisation at
// the arm's own ratio, r + (numerator - r denominator) / mean denominator, whose mean is the ratio
// and whose covariances are those of the delta method (Deng, Knoblich, Lu 2018, section 2). A mean
// is the ratio with denominator 1. An arm whose denominators add up to 0 gives NaN; moments that
// are not finite, or a column that does not exist, are an error naming the arm.

#include <optional>
#include <span>
#include <string_view>

#include <Eigen/Core>

#include "base/result.h"
#include "stats/comparison/compare.h"
#include "stats/moments.h"

namespace descant::stats {

// Columns of the moments that make one value per unit.
struct RatioColumns {
  std::size_t numerator = 0;
  std::optional<std::size_t> denominator;  // none: 1
};

struct LinearisedArm {
  std::int64_t n = 0;
  Eigen::VectorXd estimate;    // one per metric
  Eigen::VectorXd total;       // of the denominator: the weight of this arm in a pooled ratio
  Eigen::MatrixXd covariance;  // of unit values, divisor n - 1; NaN below two units
};

Result<LinearisedArm> linearise(const Moments& arm, std::span<const RatioColumns> metrics,
                                std::string_view arm_name);

// The unadjusted comparison of metric 0, with a Welch reference distribution.
EstimatePair unadjusted_pair(const LinearisedArm& control, const LinearisedArm& treatment);

}  // namespace descant::stats
