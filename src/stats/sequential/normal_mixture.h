// SPDX-License-Identifier: Apache-2.0
#pragma once

// The boundary of a normal mixture martingale, on the z scale: the statistic of a mean, looked at
// after every unit for ever, exceeds it anywhere with probability at most alpha under the null
// (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon 2021, section 3.2). All always-valid methods are
// this boundary with their own `weight`, the variance of the mixture over that of the estimate:
// tau^2 / standard_error^2 for mSPRT (Johari, Pekelis, Walsh 2022), n rho^2 for the asymptotic
// confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024), v / rho for GAVI at
// intrinsic time v. A weight of 0 gives an infinite bound and p-value 1.

#include "base/result.h"

namespace descant::stats {

enum class MixtureSides {
  kTwo,
  kOne,            // the half-normal mixture, exactly
  kOneClosedForm,  // its closed-form bound (Waudby-Smith et al. 2024, appendix B.1), a little wider
};

// What |z|, or z, must exceed.
double mixture_bound(double weight, double alpha, MixtureSides sides);
// The smallest alpha whose bound the statistic reaches; at most 1.
double mixture_p_value(double statistic, double weight, MixtureSides sides);

// The weight per unit (of n, or of intrinsic time) whose boundary is narrowest at `optimum`
// (Howard et al. 2021, section 3.5, with the usual approximation of Lambert's W).
double optimal_weight(double optimum, double alpha, bool two_sided);

}  // namespace descant::stats
