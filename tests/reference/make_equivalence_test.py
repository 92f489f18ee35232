# SPDX-License-Identifier: Apache-2.0
"""Writes equivalence_test.json: two one-sided tests in 50 digits, cross-checked with statsmodels ttost_ind."""

import mpmath as mp
from statsmodels.stats.proportion import tost_proportions_2indep
from statsmodels.stats.weightstats import ttost_ind

from arms import outcome_arm, ratio_arm
from cases import Cases, close
from comparison import welch_satterthwaite
from exact import number, upper_tail

A = [10.2, 9.8, 11.5, 10.9, 8.7, 9.9, 10.4, 12.1, 9.1, 10.0]
B = [10.6, 9.5, 11.9, 10.1, 9.3, 10.8, 10.2, 11.0, 9.9, 10.7, 11.3, 9.6]
ROWS = ({"values": A}, {"values": B})
SMALL = ({"n": 25, "mean": 10.5, "variance": 16.2}, {"n": 40, "mean": 10.9, "variance": 9.5})
LARGE = ({"n": 51240, "mean": 183.27, "variance": 40211.5}, {"n": 50870, "mean": 184.02, "variance": 41077.25})
SUMS = (
    {"n": 1200, "sum": 15034.5, "sum_of_squares": 260112.75},
    {"n": 1315, "sum": 16520.25, "sum_of_squares": 291874.5},
)
RATIO = (
    {
        "n": 950,
        "numerator": {"mean": 2.5, "variance": 6.25},
        "denominator": {"mean": 9.0, "variance": 30.5},
        "covariance": 11.0,
    },
    {
        "n": 980,
        "numerator": {"mean": 2.6, "variance": 7.5},
        "denominator": {"mean": 9.2, "variance": 28.0},
        "covariance": 10.25,
    },
)
SOURCE = "Schuirmann 1987: the larger of two one-sided Welch tests; equals statsmodels ttost_ind(usevar='unequal')"
EXACT = "both ends tested exactly as m_T - (1 -/+ margin) m_C with both variances, each with its own degrees of freedom"


def expected(request):
    arm = ratio_arm if "numerator" in request["control"] else outcome_arm
    (nc, mc, sc), (nt, mt, st) = arm(request["control"]), arm(request["treatment"])
    vc, vt = sc / nc, st / nt
    low, high = number(request["lower_margin"]), number(request["upper_margin"])
    shares = "successes" in request["control"]
    df = None if shares else welch_satterthwaite((vt, nt - 1), (vc, nc - 1))
    out = {
        "control": {"n": nc, "estimate": mc, "standard_error": mp.sqrt(vc)},
        "treatment": {"n": nt, "estimate": mt, "standard_error": mp.sqrt(vt)},
        "absolute": {"estimate": mt - mc, "standard_error": mp.sqrt(vt + vc)},
        "relative": {"estimate": mt / mc - 1, "standard_error": mp.sqrt(vt / mc**2 + mt**2 * vc / mc**4)},
    }
    if request.get("margin_scale", "absolute") == "absolute":
        se = mp.sqrt(vt + vc)
        out["p_value"] = max(upper_tail((mt - mc + low) / se, df), upper_tail(-(mt - mc - high) / se, df))
        out["degrees_of_freedom"] = df
    else:
        tails = []
        for k, sign in ((1 - low, 1), (1 + high, -1)):
            own = welch_satterthwaite((vt, nt - 1), (k * k * vc, nc - 1))
            tails.append(upper_tail(sign * (mt - k * mc) / mp.sqrt(vt + k * k * vc), own))
        out["p_value"] = max(tails)
    rows = all("values" in request[a] for a in ("control", "treatment"))
    if rows and request.get("margin_scale", "absolute") == "absolute":
        p, *_ = ttost_ind(
            request["treatment"]["values"], request["control"]["values"], -float(low), float(high), usevar="unequal"
        )
        close(out["p_value"], p)
    return out


cases = Cases("equivalence_test", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, pair, low, high, source=SOURCE, warn=False, **options):
    request = {"control": pair[0], "treatment": pair[1], "lower_margin": low, "upper_margin": high, **options}
    cases.add(name, request, expected(request), source, **({"warnings_not_empty": True} if warn else {}))


for form, pair in {"rows": ROWS, "moments": SMALL, "large": LARGE, "sums": SUMS}.items():
    add(f"{form}_symmetric", pair, 1.5, 1.5)
    add(f"{form}_lower_end_binds", pair, 0.1, 4.0)
    add(f"{form}_upper_end_binds", pair, 4.0, 0.9)
    add(f"{form}_relative", pair, 0.1, 0.12, EXACT, margin_scale="relative")
add("outside_the_margin", SMALL, 0.2, 0.2)
add("far_inside", LARGE, 20.0, 20.0)
add("stated_absolute_scale", ROWS, 0.8, 1.2, margin_scale="absolute")
add("level_0.9", ROWS, 0.8, 1.2, confidence_level=0.9)
add("level_0.99", ROWS, 0.8, 1.2, confidence_level=0.99)
add("mixed_forms", (ROWS[0], SMALL[1]), 2.0, 2.0)
add("ratio", RATIO, 0.02, 0.03, "delta method (Deng, Knoblich, Lu 2018), two one-sided Welch tests")
add("ratio_relative", RATIO, 0.05, 0.08, EXACT, margin_scale="relative")
SHARES = ({"n": 900, "successes": 131}, {"n": 910, "successes": 140})
add("proportion", SHARES, 0.05, 0.05, "two unpooled z tests; equals statsmodels tost_proportions_2indep")
p = tost_proportions_2indep(140, 910, 131, 900, -0.05, 0.05, method="wald").pvalue
close(cases.cases[-1]["expected"]["p_value"], p)
add("one_arm_constant", ({"values": [2.0, 2.0, 2.0, 2.0]}, {"values": [1.0, 3.5, 2.0, 2.25, 3.0]}), 1.0, 1.0)

NOTHING = {"degrees_of_freedom": None, "p_value": None}
ends = {"lower_margin": 1.0, "upper_margin": 1.0}
cases.insufficient("one_row", {"control": {"values": [1.0]}, "treatment": {"values": [2.0, 3.0]}, **ends}, NOTHING)
cases.insufficient("no_rows", {"control": {"values": [1.0, 2.0]}, "treatment": {"values": []}, **ends}, NOTHING)
cases.insufficient(
    "zero_variance_both",
    {"control": {"values": [2.0, 2.0]}, "treatment": {"values": [2.0, 2.0, 2.0]}, **ends},
    {"p_value": None},
)
GOOD = {"control": SMALL[0], "treatment": SMALL[1], **ends}
for name, change in {
    "negative_lower_margin": {"lower_margin": -1.0},
    "negative_upper_margin": {"upper_margin": -1.0},
    "unknown_margin_scale": {"margin_scale": "percent"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "negative_n": {"control": {"n": -1, "mean": 0, "variance": 1}},
    "negative_variance": {"treatment": {"n": 10, "mean": 0, "variance": -1}},
    "null_in_values": {"control": {"values": [1.0, None]}},
    "text_margin": {"lower_margin": "1"},
    "unknown_field": {"margin": 1.0},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_margins", {"control": SMALL[0], "treatment": SMALL[1]})
cases.error("error_no_treatment", {"control": SMALL[0], **ends})
cases.write()
