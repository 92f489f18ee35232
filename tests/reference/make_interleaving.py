# SPDX-License-Identifier: Apache-2.0
"""Writes interleaving.json: the exact sign test over units (scipy.stats.binomtest) and preference shares, exact.

The comparison itself is Student's test on units' credit; `preference` is the share of all wins with ties halved, less one half
(Chapelle, Joachims, Radlinski and Yue 2012, section 4). The random interval of the preference is not asserted.
"""

import numpy as np
from scipy import stats

from cases import Cases, close
from exact import mp, mpf, upper_tail

cases = Cases("interleaving", ("mpmath", "numpy", "scipy"))


def exact_sign(wins, n):
    """Two-sided binomial at one half: symmetric, so twice the smaller tail."""
    tail = mp.fsum(mp.binomial(n, k) for k in range(max(wins, n - wins), n + 1)) / mpf(2) ** n
    return min(mpf(1), 2 * tail)


def credit_test(units):
    """Student's t over units: (wins + ties / 2) / (wins of both + ties), treatment less control, that is 2 share - 1."""
    shares = [mpf(2 * v[1] + v[2]) / (2 * sum(v)) for v in units.values() if sum(v)]
    n, d = len(shares), [2 * s - 1 for s in shares]
    mean = mp.fsum(d) / n
    se = mp.sqrt(mp.fsum((x - mean) ** 2 for x in d) / (n - 1) / n)
    p = 2 * upper_tail(abs(mean / se), n - 1)
    close(p, stats.ttest_1samp([float(x) for x in d], 0).pvalue, 1e-7)
    return {
        "absolute": {"estimate": mean, "standard_error": se},
        "statistic": mean / se,
        "degrees_of_freedom": n - 1,
        "p_value": p,
    }


def add(name, request, **extra):
    units = {}
    for u, c, t, e in zip(*(request[k] for k in ("unit", "wins_control", "wins_treatment", "ties"))):
        total = units.setdefault(u, [0, 0, 0])
        total[0] += c
        total[1] += t
        total[2] += e
    c, t, e = (sum(v[i] for v in units.values()) for i in range(3))
    better, worse = sum(v[1] > v[0] for v in units.values()), sum(v[1] < v[0] for v in units.values())
    p = exact_sign(better, better + worse)
    close(p, stats.binomtest(better, better + worse, 0.5).pvalue, 1e-9)
    empty = sum(sum(v) == 0 for v in units.values())
    cases.add(
        name,
        request,
        {
            "sign_test": {
                "prefer_control": worse,
                "prefer_treatment": better,
                "undecided": len(units) - better - worse - empty,
                "share": mpf(better) / (better + worse),
                "p_value": p,
            },
            "preference": {"estimate": (mpf(t) + mpf(e) / 2) / (c + t + e) - mpf(1) / 2},
            **credit_test(units),
            "empty_units": empty,
        },
        "exact sign test over units, tied units left out; equals scipy.stats.binomtest",
        **extra,
    )


def rows(n, seed, tilt, impressions=5, repeat=1):
    rng = np.random.default_rng(seed)
    out = {"unit": [], "wins_control": [], "wins_treatment": [], "ties": []}
    for i in range(n):
        for _ in range(repeat):
            c, t, e = rng.multinomial(impressions, [0.4 - tilt, 0.4 + tilt, 0.2])
            for key, v in zip(out, (f"u{i}", int(c), int(t), int(e))):
                out[key].append(v)
    return out


for label, tilt in (("none", 0.0), ("slight", 0.03), ("clear", 0.12), ("against", -0.1), ("strong", 0.3)):
    for n in (10, 60):
        add(f"{label}_{n}", rows(n, n + int(100 * abs(tilt)), tilt))
add("many_units", rows(300, 5, 0.05))
add("rows_of_one_unit_are_added", rows(30, 6, 0.1, impressions=2, repeat=4))
shuffled = rows(30, 6, 0.1, impressions=2, repeat=4)
order = np.random.default_rng(1).permutation(120)
add("rows_in_any_order", {k: [v[i] for i in order] for k, v in shuffled.items()})
add("number_units", {**rows(25, 7, 0.1), "unit": list(range(25))})
base = rows(12, 8, 0.0)
add("all_prefer_treatment", {**base, "wins_control": [0] * 12, "wins_treatment": [2] * 12})
add("evenly_split", {**base, "wins_control": [0, 1] * 6, "wins_treatment": [1, 0] * 6})
add("mostly_ties", {**base, "wins_control": [0] * 12, "wins_treatment": [1, 1, 1, 1] + [0] * 8, "ties": [3] * 12})
add("a_unit_without_impressions", {k: v + [0] if k != "unit" else v + ["empty"] for k, v in rows(20, 9, 0.1).items()})
add("one_busy_unit_counts_once", {**base, "wins_control": [500] + [0] * 11, "wins_treatment": [0] + [1] * 11})

NOTHING = {"unit": [], "wins_control": [], "wins_treatment": [], "ties": []}
cases.insufficient("no_rows", NOTHING, {"p_value": None})
cases.insufficient("only_ties", {**base, "wins_control": [0] * 12, "wins_treatment": [0] * 12, "ties": [2] * 12}, {})
cases.insufficient("one_unit", {"unit": ["a"], "wins_control": [1], "wins_treatment": [3], "ties": [0]}, {})
for name, change in {
    "lengths_differ": {"ties": [1]},
    "negative_wins": {"wins_control": [-1] + base["wins_control"][1:]},
    "null_wins": {"wins_treatment": [None] + base["wins_treatment"][1:]},
    "text_wins": {"wins_treatment": ["NaN"] + base["wins_treatment"][1:]},
    "negative_ties": {"ties": [-2] + base["ties"][1:]},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"wins": [1]},
}.items():
    cases.error(f"error_{name}", {**base, **change})
cases.write()
