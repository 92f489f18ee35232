# SPDX-License-Identifier: Apache-2.0
"""Writes minimum_detectable_effect.json: normal-approximation effects in 50 digits, cross-checked with statsmodels."""

import mpmath as mp
from statsmodels.stats.power import NormalIndPower

from cases import Cases, close
from design import MEAN, PROPORTION, RATIO, SMALL_MEAN, baseline, quantiles, shares, variance_of

cases = Cases("minimum_detectable_effect", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, base, tolerance=1e-8, **options):
    request = {"baseline": base, **options}
    z = sum(quantiles(request))
    estimate, variance = baseline(request)
    size = z * mp.sqrt(variance_of(request, 0) / options["n_total"])
    if "proportion" in base:  # the treated share has a variance of its own
        size = mp.findroot(lambda d: d - z * mp.sqrt(variance_of(request, d) / options["n_total"]), size)
    elif "covariate_correlation" not in options and "decision_rule" not in options:
        share_c, share_t = shares(request)
        one = options.get("alternative", "two_sided") != "two_sided"
        library = NormalIndPower().power(
            float(size / mp.sqrt(variance)),
            options["n_total"] * float(share_c),
            options.get("alpha", 0.05),
            float(share_t / share_c),
            "larger" if one else "two-sided",
        )
        close(options["power"], library, max(tolerance, 1e-9))
    cases.add(
        name,
        request,
        {"minimum_detectable_effect": {"absolute": size, "relative": size / estimate}},
        "normal approximation; statsmodels NormalIndPower",
        tolerance,
    )


add("mean_greater", SMALL_MEAN, n_total=1000, power=0.8, alternative="greater")
add("mean_two_sided", SMALL_MEAN, 1e-5, n_total=1000, power=0.8)
add("mean_allocation", MEAN, n_total=40000, power=0.9, alternative="greater", allocation=0.1)
add("mean_alpha", MEAN, n_total=40000, power=0.9, alternative="greater", alpha=0.01)
add("mean_covariate", MEAN, n_total=40000, power=0.8, alternative="greater", covariate_correlation=0.65)
add("proportion_greater", PROPORTION, n_total=12000, power=0.8, alternative="greater")
add("ratio_greater", RATIO, n_total=9000, power=0.8, alternative="greater")
add(
    "rule_2_success",
    SMALL_MEAN,
    n_total=1500,
    power=0.8,
    alternative="greater",
    decision_rule="spotify",
    success_metrics=2,
    guardrail_metrics=3,
    deterioration_alpha=0.01,
)
GOOD = {"baseline": MEAN, "n_total": 1000, "power": 0.8}
for name, change in {"negative_n": {"n_total": -5}, "power_one": {"power": 1}, "unknown_field": {"n": 5}}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_n_total", {"baseline": MEAN, "power": 0.8})
cases.write()
