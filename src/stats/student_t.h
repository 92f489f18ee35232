// SPDX-License-Identifier: Apache-2.0
#pragma once

// Student's t for thirty and more degrees of freedom in a tenth of the time that the general
// incomplete beta function takes, to 1e-13 of itself: what a table of a hundred thousand
// comparisons spends its time on. The tail is series BGRAT of DiDonato and Morris 1992 ("Algorithm
// 708", section 9) for I_x(degrees / 2, 1/2), whose coefficients are constants here; the quantile
// starts from the expansion of Fisher and Cornish (1960) and is improved by Halley's method.
// Outside the range where these hold the answer is NaN, and the caller takes the general way.

namespace descant::stats {

// P(T > x) for x >= 0.
double student_t_tail_of_many_degrees(double x, double degrees_of_freedom);
// The x >= 0 beyond which lies `tail`, at most 1/2.
double student_t_quantile_of_many_degrees(double tail, double degrees_of_freedom);

}  // namespace descant::stats
