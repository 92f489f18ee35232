# SPDX-License-Identifier: Apache-2.0
"""Writes sequential_plan.json: fixed and group-sequential sample sizes by own recursion (group_sequential.py).

Totals of two equal arms, for an effect in standard deviations of one unit; the always-valid methods beside them are not asserted.
"""

import math

from cases import Cases
from group_sequential import crossing, drift_for_power, fixed_drift, upper_bounds, walls

DESIGNS = {
    "lan_demets_obrien_fleming": {"function": "lan_demets_obrien_fleming"},
    "lan_demets_pocock": {"function": "lan_demets_pocock"},
    "power_2": {"function": "power", "parameter": 2},
    "hwang_shih_decani_-4": {"function": "hwang_shih_decani", "parameter": -4},
    "obrien_fleming": {"function": "obrien_fleming"},
    "pocock": {"function": "pocock"},
}


def sizes(looks, alpha, power, sides, spend):
    information = [(i + 1) / looks for i in range(looks)]
    upper = upper_bounds(information, alpha, sides, spend)
    lower, up = walls(upper, sides)
    drift, fixed = drift_for_power(information, upper, sides, power), fixed_drift(alpha, sides, power)
    inflation = (drift / fixed) ** 2
    out = {"maximum": inflation}
    for name, share in (("expected_no_effect", 0.0), ("expected_half_effect", 0.5), ("expected_effect", 1.0)):
        stop = sum(crossing(information, lower, up, share * drift))
        out[name] = inflation * (stop @ information + (1 - stop.sum()))
        out[name.replace("expected", "stopping_probabilities")] = list(stop)
    return out


def method_of(name, fixed, design):
    out = {"method": DESIGNS[name]["function"]}
    if "parameter" in DESIGNS[name]:
        out["parameter"] = float(DESIGNS[name]["parameter"])
    return out | {
        "n_expected": fixed * design["expected_effect"],
        "n_expected_without_effect": fixed * design["expected_no_effect"],
        "inflation_factor": design["maximum"],
    }


cases = Cases("sequential_plan", ("numpy", "scipy"))
for looks in (1, 2, 3, 5, 10):
    for alpha, power in ((0.05, 0.8), (0.05, 0.9), (0.01, 0.8)):
        effect = 0.1
        fixed = 4 * fixed_drift(alpha, 2, power) ** 2 / effect**2
        designs = {name: sizes(looks, alpha, power, 2, spend) for name, spend in DESIGNS.items()}
        for design in designs.values():
            assert design["maximum"] >= 1 - 1e-9 and design["expected_effect"] <= design["maximum"] + 1e-9
        if looks == 1:
            assert all(abs(d["maximum"] - 1) < 1e-6 for d in designs.values())
        cases.add(
            f"looks_{looks}_alpha_{alpha}_power_{power}",
            {"looks": looks, "alpha": alpha, "power": power, "effect": effect},
            {"methods": [{"method": "fixed", "n_maximum": 2 * math.ceil(fixed / 2), "n_expected": fixed}]
             + [method_of(name, fixed, design) for name, design in designs.items()]
             + [{"method": name} for name in ("asymptotic", "gavi", "msprt", "yeast", "fixed_power")]},
            "own recursion; Jennison and Turnbull 2000, chapter 2",
            1e-5,
        )
        if (looks, alpha, power) == (5, 0.05, 0.9):
            known = designs
# Jennison and Turnbull 2000, tables 2.2 and 2.4 (alpha .05 two-sided, power .9, K = 5): maximum 1.207 and 1.026.
assert abs(known["pocock"]["maximum"] - 1.207) < 6e-4 and abs(known["obrien_fleming"]["maximum"] - 1.026) < 6e-4

GOOD = {"looks": 5, "alpha": 0.05, "power": 0.8, "effect": 0.1}
for name, change in {
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "power_zero": {"power": 0},
    "power_one": {"power": 1},
    "looks_zero": {"looks": 0},
    "looks_negative": {"looks": -2},
    "effect_zero": {"effect": 0},
    "effect_null": {"effect": None},
    "unknown_field": {"efect": 0.1},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.write()
