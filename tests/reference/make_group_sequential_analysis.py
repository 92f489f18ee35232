# SPDX-License-Identifier: Apache-2.0
"""Writes group_sequential_analysis.json: own recursion (group_sequential.py); ends of stage-wise inference held to a
bivariate normal integral and to a simulation."""

import numpy as np
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from arms import mean_arm
from cases import Cases, close
from group_sequential import NEVER, repeated_p_value, stage_wise_effect, stage_wise_upper, upper_bounds

equal = lambda k: [(i + 1) / k for i in range(k)]
LDOF = {"function": "lan_demets_obrien_fleming"}
POCOCK = {"function": "lan_demets_pocock"}
SQUARE = {"function": "power", "parameter": 2}
HSD = {"function": "hwang_shih_decani", "parameter": -4}

cases = Cases("group_sequential_analysis", ("numpy", "scipy"))


def analyse(information, alpha, sides, spend, estimates, errors):
    upper = upper_bounds(information, alpha, sides, spend)
    looks, stop = [], None
    for k, (estimate, se) in enumerate(zip(estimates, errors)):
        z = estimate / se
        crossed = (abs(z) if sides == 2 else z) >= upper[k] and upper[k] < NEVER
        if crossed and stop is None:
            stop = k
        look = {"statistic": z, "crossed": bool(crossed)}
        look["repeated_p_value"] = repeated_p_value(information, k, z, sides, spend)
        if upper[k] < NEVER:
            half = upper[k] * se
            look["repeated_interval"] = {"lower": estimate - half, "upper": estimate + half if sides == 2 else None}
            # The interval and the p-value say the same as the bound.
            assert crossed == (look["repeated_p_value"] <= alpha), look
        looks.append(look)
    if stop is None and len(estimates) == len(information):
        stop = len(information) - 1
    return upper, looks, stop


def stopped(information, alpha, sides, upper, stop, estimate, se):
    z = estimate / se
    effect = lambda p: stage_wise_effect(information, upper, sides, stop, z, se, p)
    tail = alpha / sides
    return {
        "stopped_at_look": stop + 1,
        "median_unbiased_estimate": effect(0.5),
        "stage_wise_interval": {"lower": effect(tail), "upper": effect(1 - tail) if sides == 2 else None},
        "stage_wise_p_value": min(
            1, sides * min((q := stage_wise_upper(information, upper, sides, stop, z, 0.0)), 1 - q if sides == 2 else q)
        ),
    }


def add(name, information, alpha, sides, spend, z, final_se=0.02, source=None, spelled="estimates", p_too=True):
    """z: statistics by look; standard errors are those of the stated information."""
    errors = [final_se / t**0.5 for t in information[: len(z)]]
    estimates = [a * e for a, e in zip(z, errors)]
    upper, looks, stop = analyse(information, alpha, sides, spend, estimates, errors)
    request = {"information": information, "alpha": alpha, "sides": sides, "spending": spend}
    if spelled == "estimates":
        request |= {"estimates": estimates, "standard_errors": errors}
    else:
        request["looks"] = [
            {"n": int(10000 * t), "estimate": a, "standard_error": e} for t, a, e in zip(information, estimates, errors)
        ]
    final = {"stopped": False}
    if stop is not None:
        final = {"stopped": True}
        final |= stopped(information, alpha, sides, upper, stop, estimates[stop], errors[stop])
        interval = final["stage_wise_interval"]
        if looks[stop]["crossed"]:
            assert interval["lower"] > 0 or (sides == 2 and interval["upper"] < 0)
    if not p_too:
        for look in looks:
            del look["repeated_p_value"]
    cases.add(
        name,
        request,
        {"looks": looks, **final},
        source or "Jennison and Turnbull 2000, chapter 9; own recursion",
        1e-5,
    )


for name, spend in {"ldof": LDOF, "pocock": POCOCK, "square": SQUARE, "hsd": HSD}.items():
    add(f"{name}_stops_at_third", equal(5), 0.05, 2, spend, [0.9, 1.8, 2.95])
    add(f"{name}_reaches_the_end", equal(4), 0.05, 2, spend, [0.4, -0.7, 1.1, 1.6])
    add(f"{name}_one_sided", [0.3, 0.6, 1], 0.025, 1, spend, [1.2, 3.1])
for function in ("obrien_fleming", "pocock"):
    add(f"classical_{function}", equal(3), 0.05, 2, {"function": function}, [1.5, 2.9])
add("wang_tsiatis", equal(3), 0.05, 2, {"function": "wang_tsiatis", "parameter": 0.25}, [1.5, 2.9])
add("negative_effect_two_sided", equal(3), 0.05, 2, POCOCK, [-1.4, -2.6])
add("negative_effect_one_sided", equal(3), 0.05, 1, POCOCK, [-0.4, -0.6, -1.0])
add("crosses_at_once", equal(3), 0.05, 2, POCOCK, [3.4])
add("no_stop_yet", equal(5), 0.05, 2, LDOF, [0.5, 1.2])
add("crosses_at_the_last", [0.2, 0.5, 0.7, 1], 0.01, 2, SQUARE, [0.4, 1.3, 2.2, 3.0])
add("single_look", [1], 0.05, 2, LDOF, [2.2], source="one look is the ordinary test and interval")
ref = cases.cases[-1]
close(ref["expected"]["looks"][0]["repeated_p_value"], 2 * ndtr(-2.2), 1e-8)
close(ref["expected"]["median_unbiased_estimate"], 2.2 * 0.02, 1e-8)
add(
    "overrun",
    [0.25, 0.5, 0.75, 1.1],
    0.05,
    2,
    SQUARE,
    [0.4, 1.2, 1.9, 2.3],
    source="the last look spends what is left; correlations by the information itself",
)
add("overrun_not_crossing", [0.3, 0.8, 1.4], 0.05, 1, LDOF, [0.4, 1.0, 1.5])
# Planned 300, looks at 250, 450: t^2 at alpha .01 (spotify-confidence's overrun test).
add("overrun_published_share", [250 / 300, 450 / 300], 0.01, 2, SQUARE, [1.9, 2.7])
add("looks_form", equal(4), 0.05, 2, SQUARE, [0.9, 1.8, 3.1], spelled="looks")
add("unplanned_looks", [0.11, 0.13, 0.4, 0.41, 1], 0.05, 2, SQUARE, [0.2, 0.3, 1.8, 1.9, 2.5])
add("huge_statistic", equal(4), 0.05, 2, POCOCK, [6.0], p_too=False)

# A bound reported as 8 is never crossed, whatever the statistic.
cases.add(
    "bound_of_eight_is_never_crossed",
    {
        "information": [0.02, 1],
        "alpha": 0.01,
        "sides": 2,
        "spending": LDOF,
        "estimates": [0.9],
        "standard_errors": [0.1],
    },
    {"looks": [{"statistic": 9.0, "crossed": False}]},
    "OPERATIONS: a bound above 8 is never crossed",
    1e-8,
)
assert upper_bounds([0.02, 1], 0.01, 2, LDOF)[0] == NEVER

# Two arms by look: difference of means, unpooled standard error.
ARMS = [
    ({"n": 1000, "mean": 10.0, "variance": 25.0}, {"n": 1010, "mean": 10.2, "variance": 26.0}),
    ({"n": 2000, "mean": 10.1, "variance": 25.5}, {"n": 1990, "mean": 10.6, "variance": 26.5}),
]
pairs, est, ses = [], [], []
for c, t in ARMS:
    (nc, mc, vc), (nt, mt, vt) = ([float(x) for x in mean_arm(a)] for a in (c, t))
    pairs.append({"control": c, "treatment": t})
    est.append(mt - mc), ses.append((vc / nc + vt / nt) ** 0.5)
_, looks, _ = analyse([0.5, 1], 0.05, 2, POCOCK, est, ses)
cases.add(
    "samples_by_look",
    {"information": [0.5, 1], "alpha": 0.05, "sides": 2, "spending": POCOCK, "looks": pairs},
    {"looks": looks},
    "difference of means over sqrt(v_T/n_T + v_C/n_C)",
    1e-5,
)

# Stage-wise probabilities against a bivariate normal integral and a simulation.
u, t, drift, z = upper_bounds([0.4, 1], 0.05, 2, POCOCK), np.array([0.4, 1]), 1.3, 1.7
corr = 0.4**0.5
mvn = multivariate_normal([drift * 0.4**0.5, drift], [[1, corr], [corr, 1]])
above_first = ndtr(drift * 0.4**0.5 - u[0])
reach = lambda top: mvn.cdf([u[0], top], lower_limit=[-u[0], -12])
close(stage_wise_upper([0.4, 1], u, 2, 1, z, drift), above_first + reach(12) - reach(z), 1e-6)
rng = np.random.default_rng(1)
first = rng.standard_normal(400_000) * 0.4**0.5
final = first + rng.standard_normal(400_000) * 0.6**0.5
z1 = first / 0.4**0.5 + drift * 0.4**0.5
share = np.mean((z1 >= u[0]) | ((abs(z1) < u[0]) & (final + drift >= z)))
assert abs(stage_wise_upper([0.4, 1], u, 2, 1, z, drift) - share) < 0.004

cases.insufficient(
    "zero_standard_error",
    {
        "information": [0.5, 1],
        "alpha": 0.05,
        "sides": 2,
        "spending": POCOCK,
        "estimates": [0.5],
        "standard_errors": [0],
    },
    {"looks": [{"statistic": None}]},
)
cases.insufficient(
    "one_row_an_arm",
    {
        "information": [0.5, 1],
        "alpha": 0.05,
        "sides": 2,
        "spending": POCOCK,
        "looks": [{"control": {"values": [1.0]}, "treatment": {"values": [2.0]}}],
    },
    {"looks": [{"statistic": None, "repeated_p_value": None}]},
)
GOOD = {
    "information": [0.5, 1],
    "alpha": 0.05,
    "sides": 2,
    "spending": POCOCK,
    "estimates": [0.1, 0.2],
    "standard_errors": [0.1, 0.07],
}
for name, change in {
    "more_estimates_than_looks": {"estimates": [0.1, 0.2, 0.3], "standard_errors": [0.1, 0.1, 0.1]},
    "lengths_differ": {"standard_errors": [0.1]},
    "negative_standard_error": {"standard_errors": [0.1, -0.1]},
    "null_estimate": {"estimates": [0.1, None]},
    "information_falls": {"information": [0.6, 0.5]},
    "information_above_one_inside": {"information": [0.5, 1.1, 1.3]},
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "sides_three": {"sides": 3},
    "unknown_function": {"spending": {"function": "triangular"}},
    "unknown_field": {"estimate": [1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
