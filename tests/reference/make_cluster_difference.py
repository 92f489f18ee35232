# SPDX-License-Identifier: Apache-2.0
"""Writes cluster_difference.json: CR1 and the delta method over clusters in 50 digits, cross-checked with statsmodels OLS."""

import mpmath as mp
import numpy as np
import statsmodels.api as sm

from arms import moments
from cases import Cases, close
from comparison import compare, ends, level_quantile, one_sided, p_value, welch_satterthwaite
from exact import mpf, number

rng = np.random.default_rng(5)


def arm(clusters, rows, shift, label=0, ratio=False, spread=1.0):
    sizes = rng.integers(1, 2 * rows, clusters)
    cluster = np.repeat(np.arange(clusters) + label, sizes)
    effect = rng.normal(0, spread, clusters)
    y = np.round(10 + shift + effect[cluster - label] + rng.normal(0, 2, len(cluster)), 3)
    order = rng.permutation(len(y))
    sample = {"values": [float(v) for v in y[order]], "cluster": [int(g) for g in cluster[order]]}
    if ratio:
        z = rng.integers(1, 9, len(y))
        sample = {
            "numerator": [float(round(a * b / 10, 3)) for a, b in zip(y, z)],
            "denominator": [int(b) for b in z],
            "cluster": sample["cluster"],
        }
    return sample


ORDINARY = (arm(12, 4, 0), arm(14, 4, 1.0, 100))
MANY = (arm(45, 2, 0), arm(50, 2, 0.5, 1000))
FEW = (arm(3, 8, 0), arm(4, 8, 1.5, 10))
RATIO = (arm(15, 4, 0, ratio=True), arm(18, 4, 0.8, 50, ratio=True))
TEXT = tuple({**s, "cluster": [f"household-{g}" for g in s["cluster"]]} for s in ORDINARY)
# Every row its own cluster.
SINGLE = tuple(
    {"values": s["values"], "cluster": [100 * i + j for j in range(len(s["values"]))]} for i, s in enumerate(FEW)
)
# The same people in both arms: clusters that cross the arms.
CROSSED = tuple(
    {
        "values": [float(round(v, 3)) for v in 10 + d + np.repeat(e, 2) + rng.normal(0, 1, 24)],
        "cluster": [int(g) for g in np.repeat(np.arange(12), 2)],
    }
    for e in [rng.normal(0, 2, 12)]
    for d in (0.0, 0.7)
)
CR1 = "Liang, Zeger 1986, factor G/(G-1) (N-1)/(N-2); equals statsmodels cov_type='cluster', sandwich vcovCL HC1"
DELTA = "Deng, Knoblich, Lu 2018 section 3: clusters as units, ratio of cluster sums, Welch-Satterthwaite over clusters"


def cluster_sums(sample):
    groups = {}
    y = sample.get("values") or sample["numerator"]
    z = sample.get("denominator", [1] * len(y))
    for a, b, g in zip(y, z, sample["cluster"]):
        s, n = groups.get(g, (mpf(0), mpf(0)))
        groups[g] = (s + number(a), n + number(b))
    return groups


def delta(request):
    parts = []
    for name in ("control", "treatment"):
        groups = list(cluster_sums(request[name]).values())
        k, (y, z), cov = moments(list(zip(*groups)))
        r = y / z
        parts.append((k, r, (cov[0][0] - 2 * r * cov[0][1] + r * r * cov[1][1]) / (z * z) / k))
    (kc, rc, vc), (kt, rt, vt) = parts
    out = compare(request, *parts, lambda a, b: welch_satterthwaite((a * vt, kt - 1), (b * vc, kc - 1)))
    for name in ("control", "treatment"):  # rows or clusters: left open
        del out[name]["n"]
    return out


def cr1(request):
    """Estimate, error, number of clusters: scores summed by cluster over both arms, so shared labels are one cluster."""
    scores, size = {}, {}
    for name, sign in (("control", -1), ("treatment", 1)):
        y = [number(v) for v in request[name]["values"]]
        mean = mp.fsum(y) / len(y)
        size[name] = (len(y), mean)
        for v, g in zip(y, request[name]["cluster"]):
            scores[g] = scores.get(g, 0) + sign * (v - mean) / len(y)
    n, g = size["control"][0] + size["treatment"][0], len(scores)
    factor = mpf(g) / (g - 1) * mpf(n - 1) / (n - 2)
    se = mp.sqrt(factor * mp.fsum(s * s for s in scores.values()))
    estimate = size["treatment"][1] - size["control"][1]
    y = np.concatenate([request[a]["values"] for a in ("control", "treatment")])
    t = np.concatenate([[i] * size[a][0] for i, a in enumerate(("control", "treatment"))])
    labels = np.concatenate([[str(v) for v in request[a]["cluster"]] for a in ("control", "treatment")])
    codes = np.unique(labels, return_inverse=True)[1]
    fit = sm.OLS(y, sm.add_constant(t)).fit(cov_type="cluster", cov_kwds={"groups": codes})
    close(estimate, fit.params[1]), close(se, fit.bse[1])
    return size, estimate, se, g


cases = Cases("cluster_difference", ("mpmath", "numpy", "statsmodels"))


def add_cr1(name, pair, source=CR1, **options):
    request = {"control": pair[0], "treatment": pair[1], **options}
    size, d, se, _ = cr1(request)
    statistic = (d - number(request.get("null_value", 0))) / se
    if "non_inferiority_margin" in request:
        sign = 1 if request["direction"] == "increase" else -1
        statistic = (d + sign * number(request["non_inferiority_margin"])) / se
    out = {
        "control": {"estimate": size["control"][1]},
        "treatment": {"estimate": size["treatment"][1]},
        "absolute": {"estimate": d, "standard_error": se},
        "relative": {"estimate": size["treatment"][1] / size["control"][1] - 1},
        "statistic": statistic,
    }
    cases.add(name, request, out, source)


DATA = {"ordinary": ORDINARY, "many": MANY, "few": FEW, "text_labels": TEXT, "single": SINGLE}
for label, pair in DATA.items():
    add_cr1(f"cr1_{label}", pair)
    for method in ("cr1", "delta"):
        request = {"control": pair[0], "treatment": pair[1], "method": method}
        if method == "cr1":
            add_cr1(f"cr1_{label}_stated", pair, method="cr1")
        else:
            cases.add(f"delta_{label}", request, delta(request), DELTA)
add_cr1("cr1_null_value", ORDINARY, null_value=0.5)
for direction in ("increase", "decrease"):
    margin = {"non_inferiority_margin": 1.25, "direction": direction}
    add_cr1(f"cr1_margin_{direction}", ORDINARY, **margin)
    for scale, size in (("absolute", 1.25), ("relative", 0.1)):
        request = {
            "control": ORDINARY[0],
            "treatment": ORDINARY[1],
            "method": "delta",
            **margin,
            "non_inferiority_margin": size,
            "margin_scale": scale,
        }
        cases.add(f"delta_margin_{scale}_{direction}", request, delta(request), DELTA)
for alternative in ("greater", "less"):
    request = {"control": FEW[0], "treatment": FEW[1], "method": "delta", "alternative": alternative}
    cases.add(f"delta_{alternative}", request, delta(request), DELTA)
request = {"control": FEW[0], "treatment": FEW[1], "method": "delta", "relative_method": "fieller"}
cases.add("delta_fieller", request, delta(request), DELTA + "; Fieller 1954")
request = {"control": MANY[0], "treatment": MANY[1], "method": "delta", "confidence_level": 0.9}
cases.add("delta_level_0.9", request, delta(request), DELTA)
for name, pair in (("ratio", RATIO),):
    request = {"control": pair[0], "treatment": pair[1], "method": "delta"}
    cases.add(f"delta_{name}", request, delta(request), DELTA)
    request = {**request, "alternative": "greater"}
    cases.add(f"delta_{name}_greater", request, delta(request), DELTA)
add_cr1(
    "reading_clusters_cross_the_arms",
    CROSSED,
    CR1 + "; a reading: equal labels in both arms are one cluster",
    method="cr1",
)
for alternative in ("two_sided", "greater"):
    request = {"control": ORDINARY[0], "treatment": ORDINARY[1], "method": "cr1", "alternative": alternative}
    _, d, se, g = cr1(request)
    df = g - 1
    absolute = one_sided(ends(d, se, level_quantile(request, df)), alternative)
    cases.add(
        f"reading_degrees_of_freedom_{alternative}",
        request,
        {"degrees_of_freedom": df, "p_value": p_value(d / se, df, alternative), "absolute": absolute},
        "a reading: t with G - 1 degrees, as Stata, fixest and linearmodels",
    )

NOTHING = {"statistic": None, "p_value": None, "absolute": {"standard_error": None, "lower": None, "upper": None}}
one = {"values": [1.0, 2.0, 3.5], "cluster": [1, 1, 1]}
two = {"values": [2.0, 2.5, 4.5, 1.0], "cluster": [2, 2, 3, 3]}
for method in ("cr1", "delta"):
    cases.insufficient(
        f"one_cluster_each_{method}",
        {"control": one, "treatment": {**one, "cluster": [2, 2, 2]}, "method": method},
        NOTHING,
    )
    cases.insufficient(
        f"no_rows_{method}", {"control": {"values": [], "cluster": []}, "treatment": two, "method": method}, NOTHING
    )
    flat = {"values": [2.0] * 6, "cluster": [1, 1, 2, 2, 3, 3]}
    cases.insufficient(
        f"zero_variance_both_{method}",
        {"control": flat, "treatment": {**flat, "cluster": [4, 4, 5, 5, 6, 6]}, "method": method},
        {"statistic": None, "p_value": None, "absolute": {"estimate": 0.0}},
    )
cases.insufficient("one_cluster_in_one_arm_delta", {"control": one, "treatment": two, "method": "delta"}, NOTHING)
GOOD = {"control": FEW[0], "treatment": FEW[1]}
for name, change in {
    "no_cluster": {"control": {"values": [1.0, 2.0]}},
    "cluster_of_another_length": {"control": {"values": [1.0, 2.0], "cluster": [1]}},
    "null_in_cluster": {"control": {"values": [1.0, 2.0], "cluster": [1, None]}},
    "null_in_values": {"control": {"values": [1.0, None], "cluster": [1, 2]}},
    "moments": {"control": {"n": 10, "mean": 1.0, "variance": 1.0}},
    "unknown_method": {"method": "cr4"},
    "level_zero": {"confidence_level": 0},
    "level_one": {"confidence_level": 1},
    "unknown_field": {"clusters": [1, 2]},
}.items():
    cases.error(f"error_{name}", {**GOOD, **change})
cases.error("error_no_treatment", {"control": FEW[0]})
cases.write()
