# SPDX-License-Identifier: Apache-2.0
"""Writes interleaving.json: the exact sign test over units (scipy.stats.binomtest) and preference shares, exact.

`p_value` is read as the sign test's. How the preference is scaled, and everything random, is not asserted: `reference` has
the shares of wins with ties halved (Chapelle, Joachims, Radlinski and Yue 2012, section 3.3), over rows and over units.
"""

import numpy as np
from scipy import stats

from cases import Cases, close
from exact import mp, mpf

cases = Cases("interleaving", ("mpmath", "numpy", "scipy"))


def exact_sign(wins, n):
    """Two-sided binomial at one half: symmetric, so twice the smaller tail."""
    tail = mp.fsum(mp.binomial(n, k) for k in range(max(wins, n - wins), n + 1)) / mpf(2) ** n
    return min(mpf(1), 2 * tail)


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
    per_unit = [(v[1] + v[2] / 2) / sum(v) for v in units.values() if sum(v)]
    cases.add(
        name,
        request,
        {"p_value": p},
        "exact sign test over units, tied units left out; equals scipy.stats.binomtest",
        reference={
            "share_of_wins_ties_halved": (t + e / 2) / (c + t + e),
            "share_of_wins_without_ties": t / (c + t),
            "mean_share_over_units": float(np.mean(per_unit)),
            "share_of_units_ties_halved": (better + (len(units) - better - worse) / 2) / len(units),
            "units_preferring_treatment": better,
            "units_preferring_control": worse,
            "units_tied": len(units) - better - worse,
        },
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
