# SPDX-License-Identifier: Apache-2.0
"""Writes sample_size.json: normal-approximation formulas in 50 digits, cross-checked with statsmodels power classes."""

import mpmath as mp
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from cases import Cases
from design import MEAN, PROPORTION, RATIO, SMALL_MEAN, baseline, effect, errors, shares, total

cases = Cases("sample_size", ("mpmath", "numpy", "scipy", "statsmodels"))
SOURCE = "(z_alpha + z_power)^2 variance (1/share_C + 1/share_T) / effect^2, each arm rounded up"


def add(name, base, source=SOURCE, **options):
    request = {"baseline": base, **options}
    n = total(request)
    share_c, share_t = shares(request)
    arms = [n * share_c, n * share_t]
    two_sided = options.get("alternative", "two_sided") == "two_sided" and "non_inferiority_margin" not in options
    slack = 8e-6 if two_sided else 1e-9
    for a in arms:  # no result may hang on the last digits, nor on the far tail of a two-sided test
        assert slack * a < a - mp.floor(a) < 1 - slack * a, (name, a)
    n_control, n_treatment = (int(mp.ceil(a)) for a in arms)
    alpha, power = errors(request)
    if (
        "proportion" not in base
        and "non_inferiority_margin" not in request
        and not set(options) & {"covariate_correlation", "design_effect", "decision_rule"}
    ):
        distance, _ = effect(request)
        size = float(distance / mp.sqrt(baseline(request)[1]))
        one = options.get("alternative", "two_sided") != "two_sided"
        library = NormalIndPower().solve_power(
            size,
            alpha=options.get("alpha", 0.05),
            power=options.get("power", 0.8),
            ratio=float(share_t / share_c),
            alternative="larger" if one else "two-sided",
        )
        assert abs(library / float(arms[0]) - 1) < 2e-5, (name, library, arms)
    cases.add(
        name,
        request,
        {
            "n_total": n_control + n_treatment,
            "n_control": n_control,
            "n_treatment": n_treatment,
            "alpha_corrected": alpha,
            "power_corrected": power,
        },
        source,
    )


add("mean_relative_4_percent", MEAN, minimum_detectable_effect=0.04)
add(
    "mean_stated_scale",
    MEAN,
    minimum_detectable_effect=0.05,
    effect_scale="relative",
    alpha=0.05,
    power=0.8,
    alternative="two_sided",
    allocation=0.5,
)
add("mean_absolute", SMALL_MEAN, minimum_detectable_effect=0.5, effect_scale="absolute")
add("mean_power_0.9", SMALL_MEAN, minimum_detectable_effect=0.5, effect_scale="absolute", power=0.9)
add("mean_alpha_0.01", SMALL_MEAN, minimum_detectable_effect=0.5, effect_scale="absolute", alpha=0.01)
add("mean_greater", SMALL_MEAN, minimum_detectable_effect=0.1, alternative="greater")
add("mean_allocation_0.2", SMALL_MEAN, minimum_detectable_effect=0.1, allocation=0.2)
add("mean_allocation_0.9", SMALL_MEAN, minimum_detectable_effect=0.3, effect_scale="absolute", allocation=0.9)
add("mean_covariate_0.6", SMALL_MEAN, minimum_detectable_effect=0.1, covariate_correlation=0.6)
add("mean_design_effect_1.7", SMALL_MEAN, minimum_detectable_effect=0.1, design_effect=1.7)
add(
    "mean_covariate_and_design_effect",
    SMALL_MEAN,
    minimum_detectable_effect=0.12,
    covariate_correlation=0.5,
    design_effect=1.3,
)
add("proportion_relative_12_percent", PROPORTION, minimum_detectable_effect=0.12)
add("proportion_absolute", PROPORTION, minimum_detectable_effect=0.01, effect_scale="absolute")
add(
    "proportion_greater_power_0.95",
    PROPORTION,
    minimum_detectable_effect=0.02,
    effect_scale="absolute",
    alternative="greater",
    power=0.95,
)
add("proportion_allocation_0.3", {"proportion": 0.43}, minimum_detectable_effect=0.08, allocation=0.3)
add("ratio_relative", RATIO, minimum_detectable_effect=0.03)
add("ratio_absolute_greater", RATIO, minimum_detectable_effect=0.01, effect_scale="absolute", alternative="greater")
NI = "non-inferiority planned at no difference, one-sided at alpha"
add("ni_mean_absolute", SMALL_MEAN, NI, non_inferiority_margin=0.35, effect_scale="absolute")
add(
    "ni_mean_greater_stated",
    SMALL_MEAN,
    NI,
    non_inferiority_margin=0.35,
    effect_scale="absolute",
    alternative="greater",
)
add("ni_mean_relative", MEAN, NI + ", margin times the baseline", non_inferiority_margin=0.03)
add("ni_proportion_absolute", PROPORTION, NI, non_inferiority_margin=0.01, effect_scale="absolute")
add("ni_ratio_absolute", RATIO, NI, non_inferiority_margin=0.01, effect_scale="absolute")
RULE = "risk-aware rule: alpha/S for success, alpha for a guardrail, beta* = (beta - alpha_minus) / ((1 - alpha_minus)(G + 1))"
for s, g in ((1, 1), (1, 3), (1, 5), (2, 3), (3, 0)):
    add(
        f"rule_1_success_{s}_guardrails_{g}",
        SMALL_MEAN,
        RULE,
        minimum_detectable_effect=0.1,
        alternative="greater",
        decision_rule="spotify",
        success_metrics=s,
        guardrail_metrics=g,
        deterioration_alpha=0,
    )
add(
    "rule_2_success_2_guardrails_3",
    SMALL_MEAN,
    RULE,
    minimum_detectable_effect=0.1,
    alternative="greater",
    decision_rule="spotify",
    success_metrics=2,
    guardrail_metrics=3,
    deterioration_alpha=0.01,
)
add(
    "rule_2_guardrail_test",
    SMALL_MEAN,
    RULE,
    non_inferiority_margin=0.4,
    effect_scale="absolute",
    decision_rule="spotify",
    success_metrics=2,
    guardrail_metrics=3,
    deterioration_alpha=0.01,
)
add(
    "rule_2_no_success",
    SMALL_MEAN,
    RULE,
    non_inferiority_margin=0.4,
    effect_scale="absolute",
    decision_rule="spotify",
    success_metrics=0,
    guardrail_metrics=2,
    deterioration_alpha=0.01,
)

for d, per_arm in ((0.5, 64), (0.2, 394), (0.8, 26)):
    n = TTestIndPower().solve_power(d, alpha=0.05, power=0.8)
    assert int(n) + 1 == per_arm, n
    cases.add(
        f"t_distribution_d_{d}",
        {
            "baseline": {"mean": 10.0, "variance": 1.0},
            "minimum_detectable_effect": d,
            "effect_scale": "absolute",
            "distribution": "t",
        },
        {"n_total": 2 * per_arm, "n_control": per_arm, "n_treatment": per_arm},
        "statsmodels TTestIndPower (noncentral t); the sizes of Cohen 1988, table 2.4.1, and G*Power",
    )
cases.insufficient(
    "zero_baseline_relative",
    {"baseline": {"mean": 0.0, "variance": 4.0}, "minimum_detectable_effect": 0.05},
    {"n_total": None, "n_control": None, "n_treatment": None},
)
GOOD = {"baseline": MEAN, "minimum_detectable_effect": 0.02}
for name, change in {
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "power_one": {"power": 1},
    "power_zero": {"power": 0},
    "allocation_zero": {"allocation": 0},
    "allocation_one": {"allocation": 1},
    "zero_effect": {"minimum_detectable_effect": 0},
    "negative_variance": {"baseline": {"mean": 1.0, "variance": -1.0}},
    "proportion_above_one": {"baseline": {"proportion": 1.2}},
    "correlation_above_one": {"covariate_correlation": 1.5},
    "design_effect_zero": {"design_effect": 0},
    "unknown_scale": {"effect_scale": "percent"},
    "unknown_field": {"mde": 0.02},
    "unknown_rule": {"decision_rule": "coin"},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_effect", {"baseline": MEAN})
cases.error("error_no_baseline", {"minimum_detectable_effect": 0.02})
cases.error("error_treated_share_above_one", {"baseline": {"proportion": 0.9}, "minimum_detectable_effect": 0.2})
cases.write()
