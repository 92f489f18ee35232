# SPDX-License-Identifier: Apache-2.0
"""Writes group_sequential_bounds.json: own recursion (group_sequential.py), held to published bounds and constants."""

import numpy as np
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from cases import Cases, close
from group_sequential import (
    EXPONENT,
    NEVER,
    crossing,
    drift_for_power,
    fixed_drift,
    futility_bounds,
    spending,
    upper_bounds,
    walls,
)

TOLERANCE = 1e-6
equal = lambda k: [(i + 1) / k for i in range(k)]
LDOF = {"function": "lan_demets_obrien_fleming"}
POCOCK = {"function": "lan_demets_pocock"}
SQUARE = {"function": "power", "parameter": 2}
HSD4 = {"function": "hwang_shih_decani", "parameter": -4}
UNEQUAL = [0.15, 0.4, 0.55, 0.9, 1]

# Two-sided alpha = .05, equal looks, as widely published (Lan and DeMets; gsDesign; Spotify's t^2).
PUBLISHED = [
    (LDOF, "2.9626 1.9686"),
    (LDOF, "3.7103 2.5114 1.9930"),
    (LDOF, "4.3326 2.9631 2.3590 2.0141"),
    (LDOF, "4.8769 3.3570 2.6803 2.2898 2.0310"),
    (LDOF, "6.9913 4.8769 3.9297 3.3671 2.9893 2.7148 2.5041 2.3358 2.1975 2.0812"),
    (POCOCK, "2.1570 2.2010"),
    (POCOCK, "2.2794 2.2949 2.2959"),
    (POCOCK, "2.3683 2.3675 2.3582 2.3500"),
    (POCOCK, "2.4380 2.4268 2.4102 2.3966 2.3860"),
    (SQUARE, "2.4977 2.0183"),
    (SQUARE, "2.7729 2.3473 2.0619"),
    (SQUARE, "2.9552 2.5594 2.3009 2.0920"),
    (SQUARE, "3.0902 2.7141 2.4728 2.2799 2.1140"),
    (SQUARE, "3.4808 3.1523 2.9508 2.7935 2.6611 2.5450 2.4406 2.3451 2.2566 2.1737"),
    (HSD4, "2.7500 1.9811"),
    (HSD4, "3.0107 2.5465 1.9992"),
    (HSD4, "3.1554 2.8183 2.4391 2.0136"),
    (HSD4, "3.2527 2.9860 2.6917 2.3737 2.0253"),
]
# Jennison and Turnbull 2000, tables 2.1 and 2.3: the constant of the last look, K = 2..10.
CONSTANTS = {
    "pocock": "2.1783 2.2895 2.3613 2.4132 2.4532 2.4855 2.5123 2.5352 2.5550",
    "obrien_fleming": "1.9774 2.0040 2.0243 2.0401 2.0528 2.0633 2.0722 2.0798 2.0865",
}

cases = Cases("group_sequential_bounds", ("numpy", "scipy"))


def add(name, information, alpha, sides, spend, source=None, power=None, **extra):
    request = {"information": information, "alpha": alpha, "sides": sides, "spending": spend}
    upper = upper_bounds(information, alpha, sides, spend)
    expected = {"upper": upper}
    if sides == 2:
        expected["lower"] = [-u for u in upper]
    if max(upper) < NEVER:  # what a bound of 8 spends and its p-value are not asserted
        expected["nominal_p"] = [sides * ndtr(-u) for u in upper]
        if spend["function"] in EXPONENT or spend["function"] == "wang_tsiatis":
            lower, up = walls(upper, sides)
            spent = sides * np.cumsum(crossing(information, lower, up)[0])
        else:
            spent = [sides * spending(spend["function"], t, alpha / sides, spend.get("parameter")) for t in information]
        expected["alpha_spent"] = list(spent)
        close(spent[-1], alpha)
    if power is not None:
        request["power"] = power
        expected["inflation_factor"] = (
            drift_for_power(information, upper, sides, power) / fixed_drift(alpha, sides, power)
        ) ** 2
    tolerance = 1e-5 if len(information) > 100 else TOLERANCE
    cases.add(name, request, expected, source or "own recursion in double precision", tolerance, **extra)
    return expected


for spend, text in PUBLISHED:
    known = [float(x) for x in text.split()]
    name = {"power": "square", "hwang_shih_decani": "hsd"}.get(spend["function"], spend["function"])
    out = add(
        f"published_{name}_{len(known)}",
        equal(len(known)),
        0.05,
        2,
        spend,
        "own recursion; equals the published table to its four digits",
    )
    assert np.allclose(out["upper"], known, atol=6e-5), (spend, out["upper"])
for function, text in CONSTANTS.items():
    for k, known in enumerate(text.split(), start=2):
        u = upper_bounds(equal(k), 0.05, 2, {"function": function})[-1]
        assert abs(u - float(known)) < 6e-5, (function, k, u)
        if k in (2, 5, 10):
            add(f"{function}_{k}", equal(k), 0.05, 2, {"function": function}, "Jennison and Turnbull 2000, chapter 2")
for exponent in (0.1, 0.25, 0.4):
    for sides in (1, 2):
        spend = {"function": "wang_tsiatis", "parameter": exponent}
        add(f"wang_tsiatis_{exponent}_sides_{sides}", equal(4), 0.05, sides, spend, "Wang and Tsiatis 1987")
for function in ("obrien_fleming", "pocock"):
    add(f"{function}_one_sided", equal(3), 0.025, 1, {"function": function})
    add(
        f"{function}_unequal", UNEQUAL, 0.05, 2, {"function": function}, "bound c t^(exponent - 1/2), t the information"
    )

EVERY = {"ldof": LDOF, "pocock": POCOCK, "power_0.5": {"function": "power", "parameter": 0.5}}
EVERY |= {"power_1": {"function": "power", "parameter": 1}, "power_3": {"function": "power", "parameter": 3}}
EVERY |= {f"hsd_{g}": {"function": "hwang_shih_decani", "parameter": g} for g in (-8, -2, 0, 1, 4)}
for name, spend in EVERY.items():
    add(f"{name}_one_sided_inflation", UNEQUAL, 0.025, 1, spend, power=0.9)
    add(f"{name}_unequal_two_sided", UNEQUAL, 0.1, 2, spend)
add("ldof_inflation_0.8", equal(5), 0.05, 2, LDOF, "published 1.0247", power=0.8)
add("ldof_inflation_0.9", equal(5), 0.05, 2, LDOF, "published 1.0231", power=0.9)
add("ldof_inflation_many", equal(20), 0.05, 1, LDOF, power=0.95)
# One look is the fixed test.
for sides in (1, 2):
    out = add(f"single_look_sides_{sides}", [1], 0.05, sides, LDOF, "the fixed normal test", power=0.8)
    close(out["inflation_factor"], 1)
add("tiny_alpha", equal(3), 1e-6, 2, SQUARE)
add("large_alpha", equal(4), 0.4, 2, SQUARE)
add(
    "daily_112_square",
    equal(112),
    0.05,
    2,
    SQUARE,
    "last bound 2.28858, the converged value of the published 112-look example",
)
assert abs(cases.cases[-1]["expected"]["upper"][-1] - 2.28858) < 6e-6
add("daily_112_pocock", equal(112), 0.05, 1, POCOCK)
add("first_look_at_a_thousandth", [0.001, 0.3, 1], 0.05, 2, POCOCK)
add("truncated_first_looks", equal(20), 0.01, 2, LDOF, "a bound above 8 is reported as 8 and never crossed")
add("close_looks", [0.5, 0.51, 0.52, 1], 0.05, 2, SQUARE)

# Futility: gsDesign's published default design (test.type 4): upper 3.01 2.55 2.00, lower -0.24 0.94 2.00, inflation 1.070.
FUTILITY = [
    ("gsdesign_default", equal(3), 0.025, 0.9, HSD4, {"function": "hwang_shih_decani", "parameter": -2}),
    ("ldof_ldof", equal(4), 0.05, 0.8, LDOF, LDOF),
    ("pocock_pocock", equal(3), 0.025, 0.9, POCOCK, POCOCK),
    ("square_unequal", UNEQUAL, 0.025, 0.85, SQUARE, {"function": "power", "parameter": 1}),
]
for name, information, alpha, power, spend, beta_spend in FUTILITY:
    upper = upper_bounds(information, alpha, 1, spend)
    lower, drift = futility_bounds(information, upper, 1 - power, beta_spend)
    up, down = crossing(information, lower[:-1] + [-np.inf], upper, drift)
    close(up.sum(), power, 1e-8)
    inflation = (drift / fixed_drift(alpha, 1, power)) ** 2
    if name == "gsdesign_default":
        assert np.allclose(lower, [-0.2387, 0.9411, 1.9992], atol=6e-5) and abs(inflation - 1.0699) < 6e-5
    request = {"information": information, "alpha": alpha, "sides": 1, "power": power}
    cases.add(
        f"futility_{name}",
        {**request, "spending": spend, "beta_spending": beta_spend},
        {"upper": upper, "lower": lower, "inflation_factor": inflation},
        "non-binding futility, beta spent at the drift where both bounds meet (gsDesign test.type 4)",
        1e-5,
    )

# The recursion against a multivariate normal integral of another kind.
u = upper_bounds([0.3, 0.7, 1], 0.05, 2, POCOCK)
t = np.array([0.3, 0.7, 1])
corr = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
inside = multivariate_normal([0, 0, 0], corr, abseps=1e-9, releps=1e-9, maxpts=10**6).cdf(
    u, lower_limit=[-x for x in u]
)
close(1 - inside, 0.05, 1e-5)

# A spending function needs only the looks so far.
cases.add(
    "looks_so_far",
    {"information": [0.25, 0.5, 0.75], "alpha": 0.05, "sides": 2, "spending": LDOF},
    {"upper": upper_bounds(equal(4), 0.05, 2, LDOF)[:3], "inflation_factor": None},
    "the first three of four equal looks",
    1e-6,
    warnings_not_empty=True,
)

GOOD = {"information": equal(3), "alpha": 0.05, "sides": 2, "spending": LDOF}
for name, change in {
    "information_repeats": {"information": [0.5, 0.5, 1]},
    "information_falls": {"information": [0.5, 0.4, 1]},
    "information_of_a_shape_stops_short": {"information": [0.25, 0.5, 0.75], "spending": {"function": "pocock"}},
    "information_above_one": {"information": [0.5, 1, 1.2]},
    "information_zero": {"information": [0, 0.5, 1]},
    "information_negative": {"information": [-0.5, 0.5, 1]},
    "information_empty": {"information": []},
    "information_null": {"information": [0.5, None, 1]},
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "alpha_percent": {"alpha": 5},
    "alpha_negative": {"alpha": -0.05},
    "sides_three": {"sides": 3},
    "sides_zero": {"sides": 0},
    "unknown_function": {"spending": {"function": "obf"}},
    "power_exponent_zero": {"spending": {"function": "power", "parameter": 0}},
    "power_exponent_negative": {"spending": {"function": "power", "parameter": -1}},
    "unknown_field": {"infomation": [1]},
    "unknown_field_in_spending": {"spending": {"function": "power", "rho": 2}},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
