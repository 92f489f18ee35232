# SPDX-License-Identifier: Apache-2.0
"""Writes ratio_difference.json: delta method in 50 digits, cross-checked with tea-tasting's RatioOfMeans."""

import pandas as pd
import tea_tasting as tt

from arms import ratio_arm
from cases import Cases, close
from comparison import compare, welch_satterthwaite

RAW = (
    {"numerator": [3, 0, 5, 2, 8, 1, 0, 4, 6, 2], "denominator": [10, 4, 11, 9, 20, 7, 2, 12, 15, 6]},
    {"numerator": [1, 4, 0, 2, 3, 0, 5, 1, 2, 3, 1], "denominator": [8, 13, 3, 10, 16, 0, 21, 9, 7, 14, 5]},
)
MOMENTS = (
    {
        "n": 20450,
        "numerator": {"mean": 12.75, "variance": 310.4},
        "denominator": {"mean": 41.3, "variance": 2210.5},
        "covariance": 702.25,
    },
    {
        "n": 20610,
        "numerator": {"mean": 12.31, "variance": 298.75},
        "denominator": {"mean": 41.55, "variance": 2244.0},
        "covariance": 688.5,
    },
)
SMALL = (
    {
        "n": 35,
        "numerator": {"mean": 2.5, "variance": 6.25},
        "denominator": {"mean": 9.0, "variance": 30.5},
        "covariance": 11.0,
    },
    {
        "n": 50,
        "numerator": {"mean": 3.1, "variance": 7.5},
        "denominator": {"mean": 9.4, "variance": 28.0},
        "covariance": 10.25,
    },
)
CONSTANT = (
    {"numerator": [1.5, 2.0, 4.0, 3.5, 0.5], "denominator": [1, 1, 1, 1, 1]},
    {"numerator": [2.5, 3.0, 1.0, 4.5, 5.0, 2.0], "denominator": [1, 1, 1, 1, 1, 1]},
)
SUPPORT = "Deng, Knoblich, Lu 2018 section 2, Welch-Satterthwaite on the linearised variances"


def expected(request):
    (nc, rc, sc), (nt, rt, st) = ratio_arm(request["control"]), ratio_arm(request["treatment"])
    vc, vt = sc / nc, st / nt
    degrees = lambda k_t, k_c: welch_satterthwaite((k_t * vt, nt - 1), (k_c * vc, nc - 1))
    if request.get("method") == "fieller":
        request = {**request, "relative_method": "fieller"}
    return compare(request, (nc, rc, vc), (nt, rt, vt), degrees)


def cross_check(request, out):
    """tea-tasting has the same delta method and degrees of freedom for the absolute difference of raw rows."""
    if (
        "non_inferiority_margin" in request
        or "null_value" in request
        or not all(isinstance(request[a]["numerator"], list) for a in ("control", "treatment"))
    ):
        return
    frames = [
        pd.DataFrame({"variant": i, "y": request[a]["numerator"], "z": request[a]["denominator"]})
        for i, a in enumerate(("control", "treatment"))
    ]
    metric = tt.RatioOfMeans(
        "y",
        "z",
        alternative=request.get("alternative", "two_sided").replace("_", "-"),
        confidence_level=request.get("confidence_level", 0.95),
    )
    r = tt.Experiment(m=metric).analyze(pd.concat(frames))["m"]
    (
        close(out["p_value"], r.pvalue),
        close(out["statistic"], r.statistic),
        close(out["absolute"]["estimate"], r.effect_size),
    )
    for end, value in (("lower", r.effect_size_ci_lower), ("upper", r.effect_size_ci_upper)):
        if out["absolute"][end] is not None:
            close(out["absolute"][end], value)


cases = Cases("ratio_difference", ("mpmath", "numpy", "scipy", "tea-tasting"))


def add(name, pair, source=SUPPORT, **options):
    warn = options.pop("warn", False)
    request = {"control": pair[0], "treatment": pair[1], **options}
    out = expected(request)
    cross_check(request, out)
    cases.add(name, request, out, source, **({"warnings_not_empty": True} if warn else {}))


for name, pair in {"raw": RAW, "moments": MOMENTS, "small_moments": SMALL, "constant_denominator": CONSTANT}.items():
    add(f"delta_{name}", pair)
    add(
        f"fieller_{name}",
        pair,
        method="fieller",
        source="Fieller 1954 on the two ratios and their linearised variances",
    )
    add(f"relative_fieller_{name}", pair, relative_method="fieller", source="Fieller 1954")
    add(f"relative_log_{name}", pair, relative_method="log", source="delta method on the log of the ratio of ratios")
    for alternative in ("greater", "less"):
        add(f"delta_{name}_{alternative}", pair, alternative=alternative)
add("mixed_forms", (RAW[0], SMALL[1]))
for level in (0.8, 0.9, 0.99):
    add(f"level_{level}", RAW, confidence_level=level)
add("level_0.9_greater", MOMENTS, confidence_level=0.9, alternative="greater")
add("fieller_less", SMALL, method="fieller", alternative="less", source="Fieller 1954")
add("null_value", SMALL, null_value=0.02)
add("null_value_less", MOMENTS, null_value=-0.005, alternative="less")
for direction in ("increase", "decrease"):
    add(f"ni_absolute_{direction}", MOMENTS, non_inferiority_margin=0.004, direction=direction)
    add(
        f"ni_relative_{direction}",
        MOMENTS,
        non_inferiority_margin=0.02,
        margin_scale="relative",
        direction=direction,
        source="r_T - (1 -/+ margin) r_C with both variances, Welch-Satterthwaite on those two variances",
    )
    add(
        f"ni_relative_raw_{direction}",
        RAW,
        non_inferiority_margin=0.1,
        margin_scale="relative",
        direction=direction,
        source="r_T - (1 -/+ margin) r_C with both variances, Welch-Satterthwaite on those two variances",
    )
    add(
        f"ni_relative_fixed_{direction}",
        MOMENTS,
        non_inferiority_margin=0.02,
        margin_scale="relative",
        margin_treatment="fixed",
        direction=direction,
    )
weak = (
    {
        "n": 20,
        "numerator": {"mean": 0.3, "variance": 4.0},
        "denominator": {"mean": 5.0, "variance": 2.0},
        "covariance": 0.2,
    },
    SMALL[1],
)
add("weak_control", weak, warn=True)
add(
    "weak_control_fieller_unbounded",
    weak,
    method="fieller",
    warn=True,
    source="Fieller 1954: the control ratio is within its own interval of zero",
)

NOTHING = {"statistic": None, "degrees_of_freedom": None, "p_value": None}
cases.insufficient(
    "one_row",
    {"control": {"numerator": [1.0], "denominator": [2.0]}, "treatment": RAW[1]},
    {
        **NOTHING,
        "control": {"n": 1, "estimate": 0.5, "standard_error": None},
        "absolute": {"standard_error": None, "lower": None, "upper": None},
    },
)
cases.insufficient(
    "no_rows",
    {"control": {"numerator": [], "denominator": []}, "treatment": RAW[1]},
    {
        **NOTHING,
        "control": {"n": 0, "estimate": None, "standard_error": None},
        "absolute": {"estimate": None, "lower": None, "upper": None},
    },
)
cases.insufficient(
    "zero_denominator",
    {"control": RAW[0], "treatment": {"numerator": [0, 0, 0], "denominator": [0, 0, 0]}},
    {
        **NOTHING,
        "treatment": {"n": 3, "estimate": None},
        "absolute": {"estimate": None},
        "relative": {"estimate": None},
    },
    "DESIGN: a ratio whose total denominator is 0 is null",
)
zero_control = {"control": {"numerator": [0, 0, 0, 0], "denominator": [3, 4, 2, 5]}, "treatment": RAW[1]}
n, r, s = ratio_arm(RAW[1])
cases.insufficient(
    "zero_control_ratio",
    zero_control,
    {
        "control": {"n": 4, "estimate": 0.0},
        "absolute": {"estimate": r, "standard_error": (s / n) ** 0.5},
        "relative": {"estimate": None, "standard_error": None, "lower": None, "upper": None},
    },
    "a zero control has no relative effect",
)
cases.insufficient(
    "zero_variance",
    {
        "control": {"numerator": [1, 2, 3], "denominator": [2, 4, 6]},
        "treatment": {"numerator": [3, 6], "denominator": [4, 8]},
    },
    {**NOTHING, "absolute": {"estimate": 0.25}},
)
GOOD = {"control": SMALL[0], "treatment": SMALL[1]}
for name, change in {
    "lengths_differ": {"control": {"numerator": [1, 2, 3], "denominator": [1, 2]}},
    "null_in_numerator": {"control": {"numerator": [1, None], "denominator": [1, 2]}},
    "null_in_denominator": {"control": {"numerator": [1, 2], "denominator": [1, None]}},
    "negative_variance": {"control": {**SMALL[0], "denominator": {"mean": 9.0, "variance": -1.0}}},
    "negative_n": {"control": {**SMALL[0], "n": -35}},
    "no_denominator": {"control": {"numerator": [1, 2, 3]}},
    "no_covariance": {"control": {k: v for k, v in SMALL[0].items() if k != "covariance"}},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"numerater": 1},
    "unknown_method": {"method": "taylor"},
    "unknown_alternative": {"alternative": "larger"},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
