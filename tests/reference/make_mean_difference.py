# SPDX-License-Identifier: Apache-2.0
"""Writes mean_difference.json: formulas in 50 digits, cross-checked with scipy.stats and statsmodels."""

import numpy as np
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from arms import mean_arm
from cases import Cases, close
from comparison import compare, normal_degrees, welch_satterthwaite

A = [12.5, 0.0, 33.25, 7.75, 18.0, 21.5, 0.0, 44.125, 9.5, 15.0, 27.25, 3.0]
B = [19.0, 5.5, 41.0, 0.0, 30.75, 22.25, 17.5, 58.0, 12.0, 26.5, 8.25, 35.0, 0.0, 14.5]
ORDINARY = ({"values": A}, {"values": B})
NEGATIVE = ({"values": [-4.0, -6.5, -5.25, -7.0, -3.5, -5.0]}, {"values": [-3.0, -4.5, -2.25, -6.0, -1.5]})
MOMENTS = ({"n": 51240, "mean": 183.27, "variance": 40211.5}, {"n": 50870, "mean": 185.02, "variance": 41077.25})
SMALL = ({"n": 25, "mean": 10.5, "variance": 16.2}, {"n": 40, "mean": 12.1, "variance": 9.5})
SUMS = (
    {"n": 1200, "sum": 15034.5, "sum_of_squares": 260112.75},
    {"n": 1315, "sum": 17120.25, "sum_of_squares": 311874.5},
)
GROWTHBOOK = (
    {"n": 3407, "sum": 1396.87, "sum_of_squares": 52377.9767},
    {"n": 3461, "sum": 2422.7, "sum_of_squares": 134698.29},
)
PROPORTION = ({"n": 900, "successes": 131}, {"n": 910, "successes": 160})
WEAK_CONTROL = ({"n": 30, "mean": 0.4, "variance": 1.7}, {"n": 32, "mean": 1.1, "variance": 2.1})
LEVELS = (0.8, 0.9, 0.99, 0.999)
SOURCE = {
    "welch": "Welch 1947, t distribution in 50 digits; equals scipy.stats.ttest_ind(equal_var=False)",
    "student": "pooled-variance t; equals scipy.stats.ttest_ind(equal_var=True)",
    "z": "normal test with unpooled variances; equals statsmodels CompareMeans.ztest_ind(usevar='unequal')",
}


def expected(request):
    method = request.get("method", "welch")
    (nc, mc, sc), (nt, mt, st) = mean_arm(request["control"]), mean_arm(request["treatment"])
    vc, vt = sc / nc, st / nt
    if method == "student":
        pooled = ((nc - 1) * sc + (nt - 1) * st) / (nc + nt - 2)
        vc, vt = pooled / nc, pooled / nt
        degrees = lambda k_t, k_c: nc + nt - 2
    elif method == "z":
        degrees = normal_degrees
    else:
        degrees = lambda k_t, k_c: welch_satterthwaite((k_t * vt, nt - 1), (k_c * vc, nc - 1))
    out = compare(request, (nc, mc, vc), (nt, mt, vt), degrees)
    if method == "student":  # whether an arm shows its own or the pooled standard error is left open
        for arm in ("control", "treatment"):
            del out[arm]["standard_error"]
    return out


def cross_check(request, out):
    """Library against formula, wherever the library has the same question."""
    if "non_inferiority_margin" in request or request.get("null_value"):
        return
    method, alternative = request.get("method", "welch"), request.get("alternative", "two_sided")
    (nc, mc, sc), (nt, mt, st) = ([float(x) for x in mean_arm(request[a])] for a in ("control", "treatment"))
    level = request.get("confidence_level", 0.95)
    if method == "z":
        if "values" not in request["control"]:
            return
        c = CompareMeans(DescrStatsW(request["treatment"]["values"]), DescrStatsW(request["control"]["values"]))
        names = {"two_sided": "two-sided", "greater": "larger", "less": "smaller"}
        z, p = c.ztest_ind(alternative=names[alternative], usevar="unequal")
        close(out["statistic"], z), close(out["p_value"], p)
        return
    name = alternative.replace("_", "-")
    r = stats.ttest_ind_from_stats(mt, st**0.5, nt, mc, sc**0.5, nc, equal_var=method == "student", alternative=name)
    close(out["statistic"], r.statistic), close(out["p_value"], r.pvalue, 1e-8)
    if "values" in request["control"] and "values" in request["treatment"]:
        r = stats.ttest_ind(
            request["treatment"]["values"],
            request["control"]["values"],
            equal_var=method == "student",
            alternative=name,
        )
        close(out["degrees_of_freedom"], r.df)
        low, high = r.confidence_interval(level)
        for end, value in (("lower", low), ("upper", high)):
            assert (out["absolute"][end] is None) == (not np.isfinite(value))
            if out["absolute"][end] is not None:
                close(out["absolute"][end], value)


cases = Cases("mean_difference", ("mpmath", "numpy", "scipy", "statsmodels"))


def add(name, pair, source=None, **options):
    warn = options.pop("warn", False)
    request = {"control": pair[0], "treatment": pair[1], **options}
    out = expected(request)
    cross_check(request, out)
    cases.add(
        name,
        request,
        out,
        source or SOURCE[options.get("method", "welch")],
        **({"warnings_not_empty": True} if warn else {}),
    )


FORMS = {"values": ORDINARY, "moments": MOMENTS, "small_moments": SMALL, "sums": SUMS, "proportion": PROPORTION}
for form, pair in FORMS.items():
    add(f"welch_{form}", pair)
    for method in ("welch", "student", "z"):
        add(f"{method}_{form}_stated", pair, method=method)
for method in ("welch", "student", "z"):
    for alternative in ("greater", "less"):
        add(f"{method}_{alternative}", ORDINARY, method=method, alternative=alternative)
    add(f"{method}_null_value", SMALL, method=method, null_value=0.5)
    add(f"{method}_null_value_greater", SMALL, method=method, null_value=1.25, alternative="greater")
for level in LEVELS:
    add(f"welch_level_{level}", SMALL, confidence_level=level)
add("welch_level_0.9_less", MOMENTS, confidence_level=0.9, alternative="less")
add("welch_mixed_forms", (ORDINARY[0], SMALL[1]))
add("welch_negative_means", NEGATIVE, warn=True)
add("welch_weak_control", WEAK_CONTROL, warn=True)
add("welch_one_arm_constant", ({"values": [2.0, 2.0, 2.0, 2.0]}, {"values": [1.0, 3.5, 2.0, 4.25, 3.0]}))
add(
    "welch_large_common_mean",
    (
        {"values": [1000000001.0, 1000000002.5, 1000000004.0, 1000000003.0]},
        {"values": [1000000002.0, 1000000005.5, 1000000003.0, 1000000006.0, 1000000003.5]},
    ),
    source="formula in 50 digits: a large mean must not cost the variance its digits",
)
for method in ("welch", "student", "z"):
    for relative_method in ("fieller", "log"):
        add(
            f"{method}_relative_{relative_method}",
            SMALL,
            method=method,
            relative_method=relative_method,
            source="Fieller 1954" if relative_method == "fieller" else "delta method on the log of the ratio of means",
        )
add("welch_relative_fieller_greater", MOMENTS, relative_method="fieller", alternative="greater", source="Fieller 1954")
add(
    "welch_relative_fieller_unbounded",
    WEAK_CONTROL,
    relative_method="fieller",
    warn=True,
    source="Fieller 1954: the control mean is within its own interval of zero",
)
add(
    "welch_relative_log_less",
    SMALL,
    relative_method="log",
    alternative="less",
    source="delta method on the log of the ratio of means",
)
for direction in ("increase", "decrease"):
    ni = {"direction": direction}
    add(f"ni_absolute_{direction}", SMALL, non_inferiority_margin=0.75, margin_scale="absolute", **ni)
    add(
        f"ni_relative_{direction}",
        SMALL,
        non_inferiority_margin=0.05,
        margin_scale="relative",
        **ni,
        source="m_T - (1 -/+ margin) m_C with both variances, Welch-Satterthwaite on those two variances",
    )
    add(
        f"ni_relative_fixed_{direction}",
        SMALL,
        non_inferiority_margin=0.05,
        margin_scale="relative",
        margin_treatment="fixed",
        **ni,
        source="margin times the control mean taken as known",
    )
    for method in ("student", "z"):
        add(f"ni_absolute_{method}_{direction}", ORDINARY, method=method, non_inferiority_margin=2.5, **ni)
        add(
            f"ni_relative_{method}_{direction}",
            MOMENTS,
            method=method,
            non_inferiority_margin=0.01,
            margin_scale="relative",
            **ni,
        )
add("ni_default_scale_is_absolute", MOMENTS, non_inferiority_margin=1.5, direction="increase")

# A published pair of sums (experimentation tables: the relative and absolute Welch comparison of the same data).
add(
    "published_sums_relative",
    GROWTHBOOK,
    source="gbstats TwoSidedTTest: relative .70732, SE .37879, CI (-.03526, 1.44989), absolute SE .12478, p .02016",
)
last = cases.cases[-1]["expected"]
for value, known in (
    (last["relative"]["estimate"], 0.70732),
    (last["relative"]["standard_error"], 0.37879),
    (last["absolute"]["standard_error"], 0.12478),
    (last["p_value"], 0.02016),
):
    assert abs(value - known) < 6e-6, (value, known)
print("published relative interval:", last["relative"])

NOTHING = {"statistic": None, "degrees_of_freedom": None, "p_value": None}
cases.insufficient(
    "one_row",
    {"control": {"values": [1.0]}, "treatment": {"values": [2.0, 3.0]}},
    {
        **NOTHING,
        "control": {"n": 1, "estimate": 1.0, "standard_error": None},
        "absolute": {"estimate": 1.5, "standard_error": None, "lower": None, "upper": None},
        "relative": {"standard_error": None, "lower": None, "upper": None},
    },
)
cases.insufficient(
    "no_rows",
    {"control": {"values": [2.0, 3.0]}, "treatment": {"values": []}},
    {
        **NOTHING,
        "treatment": {"n": 0, "estimate": None, "standard_error": None},
        "absolute": {"estimate": None, "standard_error": None, "lower": None, "upper": None},
        "relative": {"estimate": None, "lower": None, "upper": None},
    },
)
cases.insufficient(
    "n_zero_moments",
    {"control": {"n": 0, "mean": 0, "variance": 0}, "treatment": SMALL[1]},
    {**NOTHING, "absolute": {"standard_error": None, "lower": None, "upper": None}},
)
cases.insufficient(
    "zero_variance_both",
    {"control": {"values": [2.0, 2.0, 2.0]}, "treatment": {"values": [3.0, 3.0]}},
    {**NOTHING, "absolute": {"estimate": 1.0}},
)
cases.insufficient(
    "zero_variance_both_z",
    {
        "method": "z",
        "control": {"n": 10, "mean": 2.0, "variance": 0.0},
        "treatment": {"n": 12, "mean": 2.0, "variance": 0.0},
    },
    {**NOTHING, "absolute": {"estimate": 0.0}},
)
zero = {"control": {"values": [-1.0, 1.0, -2.0, 2.0]}, "treatment": {"values": [1.0, 2.0, 2.5, 0.5, 4.0]}}
(nc, mc, sc), (nt, mt, st) = mean_arm(zero["control"]), mean_arm(zero["treatment"])
r = stats.ttest_ind(zero["treatment"]["values"], zero["control"]["values"], equal_var=False)
cases.insufficient(
    "zero_control_mean",
    zero,
    {
        "control": {"n": 4, "estimate": 0.0},
        "absolute": {"estimate": 2.0},
        "statistic": r.statistic,
        "degrees_of_freedom": r.df,
        "p_value": r.pvalue,
        "relative": {"estimate": None, "standard_error": None, "lower": None, "upper": None},
    },
    "scipy.stats.ttest_ind(equal_var=False); a zero control has no relative effect",
)

GOOD = {"control": SMALL[0], "treatment": SMALL[1]}
for name, change in {
    "negative_n": {"control": {"n": -5, "mean": 1.0, "variance": 1.0}},
    "negative_variance": {"control": {"n": 10, "mean": 1.0, "variance": -0.5}},
    "sums_imply_negative_variance": {"control": {"n": 10, "sum": 100.0, "sum_of_squares": 500.0}},
    "null_in_values": {"control": {"values": [1.0, None, 2.0]}},
    "null_mean": {"control": {"n": 10, "mean": None, "variance": 1.0}},
    "text_in_values": {"treatment": {"values": [1.0, "2.0"]}},
    "nan_text_in_values": {"treatment": {"values": [1.0, "NaN"]}},
    "successes_above_n": {"treatment": {"n": 10, "successes": 11}},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "level_above_one": {"confidence_level": 95},
    "unknown_method": {"method": "welsh"},
    "unknown_alternative": {"alternative": "two-sided"},
    "unknown_field": {"confidense_level": 0.9},
    "unknown_field_in_sample": {"control": {**SMALL[0], "std": 4.0}},
    "incomplete_sample": {"control": {"n": 10, "mean": 1.0}},
    "empty_sample": {"control": {}},
    "negative_margin": {"non_inferiority_margin": -0.1, "direction": "increase"},
    "unknown_direction": {"non_inferiority_margin": 0.1, "direction": "up"},
    "unknown_margin_scale": {"non_inferiority_margin": 0.1, "margin_scale": "percent"},
    "unknown_relative_method": {"relative_method": "bootstrap"},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_treatment", {"control": SMALL[0]})
cases.error("error_no_control", {"treatment": SMALL[0]})
cases.write()
