# SPDX-License-Identifier: Apache-2.0
"""Writes rank_sum_test.json: Mann-Whitney with tie correction in 50 digits, cross-checked with scipy.stats.mannwhitneyu."""

from collections import Counter

import mpmath as mp
import numpy as np
from scipy import stats

from cases import Cases, close
from exact import mpf, normal_cdf, number

rng = np.random.default_rng(20240611)
# Hollander and Wolfe 1973, page 69: permeability of the human chorioamnion at term and between 12 and 26 weeks.
TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]
# Mann and Whitney's tortoise and hare: six tortoises against six hares, by order of arrival.
TORTOISE, HARE = [1, 7, 8, 9, 10, 11], [2, 3, 4, 5, 6, 12]
# Whole numbers with ties.
TIES = ([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 8])
LIKERT = ([1] * 12 + [2] * 20 + [3] * 31 + [4] * 25 + [5] * 9, [1] * 7 + [2] * 15 + [3] * 28 + [4] * 33 + [5] * 17)
ZERO_INFLATED = ([0] * 40 + [1, 1, 2, 3, 5, 8, 13, 21.5], [0] * 31 + [1, 2, 2, 4, 6, 9, 14, 25, 40.25])
CONTINUOUS = (
    [float(round(x, 3)) for x in rng.normal(10, 2, 60)],
    [float(round(x, 3)) for x in rng.normal(10.8, 2.5, 70)],
)
NEGATIVE = ([-5.0, -3.5, -3.5, 0.0, 1.0, -2.0, -3.5, 2.25], [-6.0, -3.5, 0.0, -7.5, -2.0, -8.0, 1.0, -3.5, -4.0])
SEPARATE = ([1, 2, 2, 3, 3, 4, 5, 5], [6, 7, 7, 8, 9, 9, 9, 10])
SOURCE = (
    "Mann, Whitney 1947, normal approximation with tie correction; equals scipy.stats.mannwhitneyu(method='asymptotic')"
)


def u_and_spread(control, treatment):
    c, t = [number(x) for x in control], [number(x) for x in treatment]
    u = mp.fsum((mpf(1) if a > b else mpf(1) / 2 if a == b else mpf(0)) for a in t for b in c)
    n = len(c) + len(t)
    ties = sum(k**3 - k for k in Counter(c + t).values())
    variance = mpf(len(c) * len(t)) / 12 * ((n + 1) - mpf(ties) / (n * (n - 1)))
    return u, mp.sqrt(variance)


def p_value(u, center, spread, alternative, continuity):
    half = mpf(1) / 2 if continuity else mpf(0)
    if alternative == "greater":
        return normal_cdf(-(u - center - half) / spread)
    if alternative == "less":
        return normal_cdf((u - center + half) / spread)
    return min(mpf(1), 2 * normal_cdf(-(abs(u - center) - half) / spread))


def hodges_lehmann(control, treatment):
    d = sorted(number(t) - number(c) for t in treatment for c in control)
    k = len(d)
    return (d[(k - 1) // 2] + d[k // 2]) / 2


def expected(request, with_p=True):
    c, t = request["control"]["values"], request["treatment"]["values"]
    alternative, continuity = request.get("alternative", "two_sided"), request.get("continuity_correction", True)
    u, spread = u_and_spread(c, t)
    center = mpf(len(c) * len(t)) / 2
    out = {
        "control": {"n": len(c)},
        "treatment": {"n": len(t)},
        "statistic": u,
        "probability_of_superiority": u / (len(c) * len(t)),
        "hodges_lehmann": hodges_lehmann(c, t),
    }
    p = p_value(u, center, spread, alternative, continuity)
    r = stats.mannwhitneyu(
        t, c, use_continuity=continuity, alternative=alternative.replace("_", "-"), method="asymptotic"
    )
    close(u, r.statistic), close(p, r.pvalue, 1e-8)
    if with_p:
        out["p_value"] = p
    return out


cases = Cases("rank_sum_test")


def add(name, pair, source=SOURCE, with_p=True, **options):
    request = {"control": {"values": pair[0]}, "treatment": {"values": pair[1]}, **options}
    cases.add(name, request, expected(request, with_p), source)
    return cases.cases[-1]["expected"]


LARGE = {
    "likert": LIKERT,
    "zero_inflated": ZERO_INFLATED,
    "continuous": CONTINUOUS,
    "ties": TIES,
    "negative": NEGATIVE,
    "separate": SEPARATE,
}
for label, pair in LARGE.items():
    add(label, pair)
    add(f"{label}_swapped", pair[::-1])
for label in ("likert", "continuous", "ties"):
    for alternative in ("two_sided", "greater", "less"):
        for switch in (True, False):
            word = "with" if switch else "without"
            add(
                f"{label}_{alternative}_{word}_continuity",
                LARGE[label],
                alternative=alternative,
                continuity_correction=switch,
            )
add("same_values", (TIES[0], TIES[0]))
add("unequal_sizes", ([5.0, 2.0, 2.0], [float(x % 17) for x in range(60)]))
add("values_as_counts", ([0, 0, 1, 1, 1, 2, 10, 0, 0, 3], [0, 2, 1, 4, 1, 2, 30, 0, 5, 3]))
# Small and without ties: R and scipy then give an exact p, so only what does not depend on that is asserted.
w = add("chorioamnion", (EARLY, TERM), "Hollander, Wolfe 1973, page 69: U = 35; R wilcox.test", with_p=False)
assert w["statistic"] == 35 and abs(w["hodges_lehmann"] - 0.305) < 1e-12
w = add(
    "tortoise_and_hare", (HARE, TORTOISE), "the published example: U = 25 for the hares, 11 for the tortoises", False
)
assert w["statistic"] == 25  # arrival times: larger is later
add("one_row_each", ([1.0], [2.0]), "counting pairs", with_p=False)
add("two_and_three_rows", ([1.5, 4.0], [2.0, 3.0, 9.0]), "counting pairs", with_p=False)

cases.insufficient(
    "all_values_equal",
    {"control": {"values": [2.0] * 10}, "treatment": {"values": [2.0] * 12}},
    {"statistic": 60.0, "probability_of_superiority": 0.5, "hodges_lehmann": 0.0},
    "ranks without variance: the pairs can still be counted",
)
for name, pair in (
    ("no_control_rows", ([], [1.0, 2.0])),
    ("no_treatment_rows", ([1.0, 2.0], [])),
    ("no_rows", ([], [])),
):
    cases.insufficient(
        name,
        {"control": {"values": pair[0]}, "treatment": {"values": pair[1]}},
        {"probability_of_superiority": None, "hodges_lehmann": None, "p_value": None},
    )
GOOD = {"control": {"values": TIES[0]}, "treatment": {"values": TIES[1]}}
for name, change in {
    "moments_instead_of_rows": {"control": {"n": 10, "mean": 1.0, "variance": 1.0}},
    "sums_instead_of_rows": {"treatment": {"n": 10, "sum": 1.0, "sum_of_squares": 1.0}},
    "proportion_instead_of_rows": {"treatment": {"n": 10, "successes": 4}},
    "null_in_values": {"control": {"values": [1.0, None]}},
    "text_in_values": {"control": {"values": [1.0, "2"]}},
    "nan_text_in_values": {"treatment": {"values": ["NaN"]}},
    "unknown_alternative": {"alternative": "larger"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"ties": True},
    "empty_sample": {"control": {}},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_treatment", {"control": GOOD["control"]})
cases.write()
