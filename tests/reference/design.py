# SPDX-License-Identifier: Apache-2.0
"""What sample size, power and minimum detectable effect share: variances, quantiles and the corrected error rates."""

import mpmath as mp

from arms import ratio_moments
from exact import mpf, normal_quantile, number

MEAN = {"mean": 182.5, "variance": 40220.25}
SMALL_MEAN = {"mean": 4.2, "variance": 9.61}
PROPORTION = {"proportion": 0.12}
RATIO = {
    "numerator": {"mean": 12.75, "variance": 310.4},
    "denominator": {"mean": 41.3, "variance": 2210.5},
    "covariance": 702.25,
}


def baseline(request):
    """(estimate, variance of one unit)."""
    b = request["baseline"]
    if "proportion" in b:
        p = number(b["proportion"])
        return p, p * (1 - p)
    if "numerator" in b:
        _, y, z, vy, vz, c = ratio_moments({"n": 2, **b})
        r = y / z
        return r, (vy - 2 * r * c + r * r * vz) / z**2
    return number(b["mean"]), number(b["variance"])


def shrink(request):
    """Share of the variance left by a covariate, times the design effect."""
    rho = number(request.get("covariate_correlation", 0))
    return (1 - rho * rho) * number(request.get("design_effect", 1))


def shares(request):
    treatment = number(request.get("allocation", 0.5))
    return 1 - treatment, treatment


def errors(request):
    """alpha and power of one test after the decision rule."""
    alpha, power = number(request.get("alpha", 0.05)), number(request.get("power", 0.8))
    if request.get("decision_rule", "none") == "none":
        return alpha, power
    s, g = request.get("success_metrics", 1), request.get("guardrail_metrics", 0)
    minus = number(request["deterioration_alpha"])
    if "non_inferiority_margin" not in request:
        alpha /= s
    return alpha, 1 - (1 - power - minus) / ((1 - minus) * (g + (1 if s else 0)))


def quantiles(request):
    alpha, power = errors(request)
    one_sided = request.get("alternative", "two_sided") != "two_sided" or "non_inferiority_margin" in request
    return normal_quantile(1 - (alpha if one_sided else alpha / 2)), normal_quantile(power)


def variance_of(request, absolute_effect):
    """Variance of the difference times the total number of units."""
    estimate, variance = baseline(request)
    share_c, share_t = shares(request)
    treated = variance
    if "proportion" in request["baseline"]:
        p = estimate + absolute_effect
        treated = p * (1 - p)
    return shrink(request) * (variance / share_c + treated / share_t)


def effect(request):
    """The absolute distance to detect and the absolute true effect under which it is planned."""
    estimate, _ = baseline(request)
    scale = estimate if request.get("effect_scale", "relative") == "relative" else mpf(1)
    if "non_inferiority_margin" in request:
        return number(request["non_inferiority_margin"]) * scale, mpf(0)
    return number(request["minimum_detectable_effect"]) * scale, number(request["minimum_detectable_effect"]) * scale


def total(request):
    """Exact (fractional) units of both arms."""
    distance, true_effect = effect(request)
    z_alpha, z_power = quantiles(request)
    return (z_alpha + z_power) ** 2 * variance_of(request, true_effect) / distance**2


__all__ = [
    "MEAN",
    "SMALL_MEAN",
    "PROPORTION",
    "RATIO",
    "baseline",
    "effect",
    "errors",
    "quantiles",
    "shares",
    "total",
    "variance_of",
    "mp",
]
