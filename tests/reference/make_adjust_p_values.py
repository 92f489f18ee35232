# SPDX-License-Identifier: Apache-2.0
"""Writes adjust_p_values.json: textbook formulas in 50 digits, cross-checked with statsmodels multipletests."""

import mpmath as mp
from statsmodels.stats.multitest import multipletests

from cases import Cases, close
from exact import mpf, number


def running_max(v):
    return [max(v[: i + 1]) for i in range(len(v))]


def running_min_from_right(v):
    return [min(v[i:]) for i in range(len(v))]


def sorted_adjustment(method, p):
    """Adjusted values of ascending p."""
    m = len(p)
    later = [m - i for i in range(m)]
    if method == "bonferroni":
        return [m * x for x in p]
    if method == "sidak":
        return [1 - (1 - x) ** m for x in p]
    if method == "holm":
        return running_max([k * x for k, x in zip(later, p)])
    if method == "holm_sidak":
        return running_max([1 - (1 - x) ** k for k, x in zip(later, p)])
    if method == "hochberg":
        return running_min_from_right([k * x for k, x in zip(later, p)])
    if method == "hommel":
        return hommel(p)
    ranks = range(1, m + 1)
    bh = running_min_from_right([m * x / r for r, x in zip(ranks, p)])
    if method == "benjamini_hochberg":
        return bh
    if method == "benjamini_yekutieli":
        return [x * mp.fsum(mpf(1) / r for r in ranks) for x in bh]
    share = min(mpf(1), mpf(sum(x > mpf("0.5") for x in p)) / (m * mpf("0.5")))  # Storey 2002, lambda = 0.5
    return [share * x for x in bh]


def hommel(p):
    """By closed testing itself: the largest Simes p-value of the sets that hold i (the worst set of each size)."""
    m = len(p)
    out = []
    for i in range(m):
        worst = mpf(0)
        for size in range(1, m + 1):
            # Of all sets of this size that hold i, the largest Simes value takes the largest other p-values.
            others = [p[j] for j in range(m - 1, -1, -1) if j != i][: size - 1]
            members = sorted(others + [p[i]])
            worst = max(worst, min(size * x / (k + 1) for k, x in enumerate(members)))
        out.append(worst)
    return out


LIBRARY = {
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm": "holm",
    "holm_sidak": "holm-sidak",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "benjamini_hochberg": "fdr_bh",
    "benjamini_yekutieli": "fdr_by",
}


def expected(p, method, alpha=0.05):
    order = sorted(range(len(p)), key=lambda i: p[i])
    values = sorted_adjustment(method, [number(p[i]) for i in order])
    adjusted = [None] * len(p)
    for i, v in zip(order, values):
        adjusted[i] = min(v, mpf(1))
    rejected = [a <= number(alpha) for a in adjusted]
    if method in LIBRARY:
        library = multipletests(p, alpha=alpha, method=LIBRARY[method])
        for a, b in zip(adjusted, library[1]):
            close(a, b, 1e-9)
        assert rejected == list(library[0]), (method, p)
    return {"adjusted": adjusted, "rejected": rejected}


DATA = {
    "mixed": [0.01, 0.04, 0.03, 0.005, 0.6, 0.2],
    "ties": [0.02, 0.02, 0.5, 0.013, 0.013, 0.9, 1.0],
    "one": [0.03],
    "tiny": [1e-12, 3e-9, 0.7, 0.00012, 0.051],
    "high": [0.7, 0.85, 0.95, 0.99],
    "fifteen": [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1.0,
    ],
    "zero": [0.0, 0.3, 0.04, 0.8],
}
METHODS = [*LIBRARY, "storey"]
cases = Cases("adjust_p_values", ("mpmath", "numpy", "scipy", "statsmodels"))
for method in METHODS:
    source = (
        "Storey 2002 with lambda 0.5: min(1, 2 #{p > 0.5} / m) times Benjamini-Hochberg"
        if method == "storey"
        else f"statsmodels multipletests('{LIBRARY[method]}')"
    )
    for name, p in DATA.items():
        if method == "storey" and not any(x > 0.5 for x in p):
            continue
        cases.add(f"{method}_{name}", {"p_values": p, "method": method}, expected(p, method), source)
    cases.add(
        f"{method}_alpha_0.1",
        {"p_values": DATA["fifteen"], "method": method, "alpha": 0.1},
        expected(DATA["fifteen"], method, 0.1),
        source,
    )
GOOD = {"p_values": [0.01, 0.2], "method": "holm"}
for name, change in {
    "p_above_one": {"p_values": [0.01, 1.2]},
    "negative_p": {"p_values": [-0.01, 0.2]},
    "null_p": {"p_values": [None, 0.2]},
    "text_p": {"p_values": ["0.01", 0.2]},
    "alpha_zero": {"alpha": 0},
    "alpha_one": {"alpha": 1},
    "unknown_method": {"method": "fdr"},
    "unknown_field": {"pvalues": [0.1]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_p_values", {"method": "holm"})
cases.write()
