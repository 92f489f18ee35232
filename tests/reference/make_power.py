# SPDX-License-Identifier: Apache-2.0
"""Writes power.json: normal-approximation power in 50 digits, cross-checked with statsmodels NormalIndPower."""

import mpmath as mp
from statsmodels.stats.power import NormalIndPower

from cases import Cases, close
from design import MEAN, PROPORTION, RATIO, SMALL_MEAN, baseline, effect, errors, quantiles, shares, variance_of
from exact import normal_cdf

cases = Cases("power", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, base, tolerance=1e-8, **options):
    request = {"baseline": base, **options}
    distance, true_effect = effect(request)
    z_alpha, _ = quantiles(request)
    z = distance / mp.sqrt(variance_of(request, true_effect) / options["n_total"])
    power = normal_cdf(z - z_alpha)
    if "proportion" not in base and "covariate_correlation" not in options and "decision_rule" not in options:
        share_c, share_t = shares(request)
        one = options.get("alternative", "two_sided") != "two_sided" or "non_inferiority_margin" in options
        library = NormalIndPower().power(
            float(distance / mp.sqrt(baseline(request)[1])),
            options["n_total"] * float(share_c),
            options.get("alpha", 0.05),
            ratio=float(share_t / share_c),
            alternative="larger" if one else "two-sided",
        )
        close(power, library, max(tolerance, 1e-9))
    cases.add(
        name,
        request,
        {"power": power, "alpha_corrected": errors(request)[0]},
        "normal approximation; statsmodels NormalIndPower",
        tolerance,
    )


add(
    "mean_greater",
    SMALL_MEAN,
    n_total=1000,
    minimum_detectable_effect=0.5,
    effect_scale="absolute",
    alternative="greater",
)
add("mean_relative_greater", MEAN, n_total=20000, minimum_detectable_effect=0.02, alternative="greater")
add(
    "mean_allocation",
    SMALL_MEAN,
    n_total=1000,
    minimum_detectable_effect=0.5,
    effect_scale="absolute",
    alternative="greater",
    allocation=0.3,
)
add("mean_two_sided_high_power", SMALL_MEAN, n_total=2400, minimum_detectable_effect=0.5, effect_scale="absolute")
add("mean_two_sided", SMALL_MEAN, 1e-4, n_total=1000, minimum_detectable_effect=0.5, effect_scale="absolute")
add(
    "mean_alpha_0.1",
    SMALL_MEAN,
    n_total=800,
    minimum_detectable_effect=0.4,
    effect_scale="absolute",
    alternative="greater",
    alpha=0.1,
)
add(
    "mean_covariate",
    SMALL_MEAN,
    n_total=800,
    minimum_detectable_effect=0.4,
    effect_scale="absolute",
    alternative="greater",
    covariate_correlation=0.7,
)
add("proportion_greater", PROPORTION, n_total=12000, minimum_detectable_effect=0.1, alternative="greater")
add("ratio_greater", RATIO, n_total=9000, minimum_detectable_effect=0.03, alternative="greater")
add("ni_mean", SMALL_MEAN, n_total=1500, non_inferiority_margin=0.35, effect_scale="absolute")
add("ni_proportion", PROPORTION, n_total=15000, non_inferiority_margin=0.01, effect_scale="absolute")
add(
    "rule_2_success",
    SMALL_MEAN,
    n_total=1500,
    minimum_detectable_effect=0.5,
    effect_scale="absolute",
    alternative="greater",
    decision_rule="spotify",
    success_metrics=2,
    guardrail_metrics=3,
    deterioration_alpha=0.01,
)
GOOD = {"baseline": MEAN, "n_total": 1000, "minimum_detectable_effect": 0.02}
for name, change in {
    "negative_n": {"n_total": -5},
    "alpha_one": {"alpha": 1},
    "allocation_one": {"allocation": 1},
    "unknown_field": {"n": 5},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_n_total", {"baseline": MEAN, "minimum_detectable_effect": 0.02})
cases.write()
