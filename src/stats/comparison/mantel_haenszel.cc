// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/mantel_haenszel.h"

namespace descant::stats {

MantelHaenszel mantel_haenszel(std::span<const ShareCounts> strata) {
  double weights = 0, control = 0, treatment = 0, control_squares = 0, treatment_squares = 0;
  double sato_p = 0, sato_q = 0;
  double r = 0, s = 0, pr = 0, ps_qr = 0, qs = 0;  // Robins, Breslow, Greenland 1986
  double risk = 0;
  for (const auto& x : strata) {
    if (!(x.control_n > 0 && x.treatment_n > 0)) continue;
    const double n = x.control_n + x.treatment_n;
    const double weight = x.control_n * x.treatment_n / n;
    const double a = x.treatment_successes, b = x.treatment_n - a;
    const double c = x.control_successes, d = x.control_n - c;
    const double t = x.treatment_n / n, u = x.control_n / n;
    weights += weight;
    treatment += a * u;
    control += c * t;
    treatment_squares += u * u * a * b / x.treatment_n;
    control_squares += t * t * c * d / x.control_n;
    sato_p += c * t * t - a * u * u + t * u * (x.control_n - x.treatment_n) / 2;
    sato_q += (a * d + c * b) / n / 2;
    const double p = (a + d) / n, q = (b + c) / n;
    r += a * d / n;
    s += b * c / n;
    pr += p * a * d / n;
    ps_qr += p * b * c / n + q * a * d / n;
    qs += q * b * c / n;
    risk += t * u * (a + c) - a * c / n;
  }
  MantelHaenszel out{};
  out.control = control / weights;
  out.treatment = treatment / weights;
  out.control_variance = control_squares / (weights * weights);
  out.treatment_variance = treatment_squares / (weights * weights);
  out.risk_difference_variance =
      ((out.treatment - out.control) * sato_p + sato_q) / (weights * weights);
  out.odds_ratio = r / s;
  out.log_odds_ratio_variance = pr / (2 * r * r) + ps_qr / (2 * r * s) + qs / (2 * s * s);
  out.log_risk_ratio_variance = risk / (treatment * control);
  return out;
}

}  // namespace descant::stats
